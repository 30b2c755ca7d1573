"""The data that the network will be trained on, and how many images are used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.core.design import Design, Training
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading, ThemedLabel
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.workspaces.builder.alone import run_view
from convviz.gui.workspaces.builder.inspector.receptive_picture import map_image
from convviz.gui.workspaces.builder.settings.field_row import FieldRow
from convviz.gui.workspaces.builder.view import BuildLook, BuildView
from convviz.present.design.build_text import written_shape
from convviz.present.design.data_facts import DataFacts, Mismatch
from convviz.present.design.fields import fields_of
from convviz.present.run_facts import RunFacts, differences
from convviz.present.words import counted


class DataBox(BuildView):
    """Names the data set, shows one of its images, and says why it does not fit the design.

    Attributes
    ----------
    openDataRequested : Signal()
    dataDropped : Signal(str)
        A file or folder was dropped here.
    fitAsked : Signal()
        The user wants to adapt the design to the data's images and classes.
    digitsAsked : Signal()
        The user wants to train on the built-in digits.
    """

    openDataRequested = Signal()
    dataDropped = Signal(str)
    fitAsked = Signal()
    digitsAsked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._over = False
        self._look: BuildLook | None = None
        self.setAcceptDrops(True)
        self.name = ElidedLabel("none", mode=Qt.TextElideMode.ElideMiddle, align=Qt.AlignmentFlag.AlignRight)
        self.open = Button("Open…", small=True, tip="Choose a data set: a file, a folder of images, a download")
        self.open.clicked.connect(self.openDataRequested)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(ThemedLabel("Set"))
        row.addWidget(self.name, 1)
        row.addWidget(self.open)
        self.rows: dict[str, FieldRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(Heading("Data"))
        column.addSpacing(2)
        column.addLayout(row)
        for spec in fields_of(Training):
            if spec.name in ("train_size", "test_size"):
                made = FieldRow(spec, spec.default)
                made.edited.connect(lambda value, name=spec.name: self.edited.emit(("training", name), value))
                made.finished.connect(self.gestureEnded)
                self.rows[spec.name] = made
                column.addWidget(made)
        self.message = InlineMessage(closable=False)
        self._picture = _Sample()
        self._says = Caption("No data set is open.", wrap=True)
        sample = QHBoxLayout()
        sample.setSpacing(12)
        sample.addWidget(self._picture)
        sample.addWidget(self._says, 1)
        column.addLayout(sample)
        column.addWidget(self.message)

    def show_look(self, look: BuildLook) -> None:
        before, self._look = self._look, look
        same = before is not None and before.design is look.design
        if before is None or not same or before.data is not look.data:
            self.show_data(look.design, look.data)
        if before is None or not same or before.run != look.run:
            self.show_run(look.run, look.design)

    def show_data(self, design: Design, data: DataFacts | None) -> None:
        """Show the data, and how many images the design uses."""
        for name, row in self.rows.items():
            row.set_value(getattr(design.training, name))
            there = None if data is None else data.training if name == "train_size" else data.test
            row.editor.set_reach(1, there)
            wanted = getattr(design.training, name)
            too_many = data is not None and wanted is not None and there is not None and wanted > there
            row.say(f"Expected at most {there:,}, all that there are" if too_many else "")
        is_open = data is not None and not data.stands_in
        self.name.set_text(data.name if data is not None and is_open else "none")
        self.name.set_token("ink" if is_open else "muted")
        self._picture.show_sample(None if data is None else data.sample)
        if data is None:
            self._says.setText("No data set is open. Drop a file here, or open one.")
            self._say_trouble(None)
            return
        if data.stands_in:
            self._says.setText("No data set is open: a black image stands in. Drop a file here, or open one.")
            self._say_trouble(data.trouble(design))
            return
        self._says.setText(
            f"{written_shape(data.shape)}, {counted(data.classes, 'class', 'classes')}\n"
            f"{data.training:,} training, {counted(data.test, 'test image')}\n"
            "Drop a file here to use your own."
        )
        self._say_trouble(data.trouble(design))

    def _say_trouble(self, trouble: Mismatch | None) -> None:
        """Say why data and design don't fit together, below everything else in the box, so that nothing above moves."""
        ways = {"Take the data's": self.fitAsked.emit} if trouble and trouble.fixable else {}
        if trouble and trouble.digits:
            ways = {"Use the built-in digits": self.digitsAsked.emit}
        self.message.say(trouble.sentence if trouble else "", "error", ways)

    def show_run(self, facts: RunFacts | None, design: Design) -> None:
        """Say if the run uses other images than the design."""
        found = {} if facts is None else {one.path: one for one in differences(facts.design, design)}
        for name, row in self.rows.items():
            row.show_run(facts, found.get(("training", name)))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self._set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.dataDropped.emit(str(Path(files[0])))

    def _set_over(self, over: bool) -> None:
        self._over = over
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._over:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.colour("accent"), 1.5, Qt.PenStyle.DashLine))
            painter.setBrush(self._theme.colour("accent_wash"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0, 0, -1, -1), 8, 8)


class _Sample(QWidget):
    """One image of the data set."""

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._sample: npt.NDArray[np.float32] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("an image of the data set")
        self._theme.changed.connect(self.update)

    def show_sample(self, sample: npt.NDArray[np.float32] | None) -> None:
        """Show an image (C, H, W)."""
        self._sample = sample
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(62, 62)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.setBrush(self._theme.colour("field"))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        if self._sample is not None:
            picture = map_image(self._sample, "input", dark=self._theme.dark)
            scale = 60 / max(picture.width(), picture.height())
            wide, high = picture.width() * scale, picture.height() * scale
            painter.drawImage(QRectF(31 - wide / 2, 31 - high / 2, wide, high), picture)


if __name__ == "__main__":
    run_view(DataBox)
