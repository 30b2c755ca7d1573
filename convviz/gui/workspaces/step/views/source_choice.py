"""Which pass is stepped: the last or the next minibatch of training, one image, or chosen images."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QStandardItemModel
from PySide6.QtWidgets import QCheckBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Note
from convviz.gui.workspaces.step.alone import run_view
from convviz.gui.workspaces.step.picture import StepPicture
from convviz.present.step.pass_words import parse_rows, written_rows
from convviz.training.pass_source import PassKind

WORDS = {
    PassKind.LAST: "Last minibatch",
    PassKind.NEXT: "Next minibatch",
    PassKind.PAST: "Past minibatch",
    PassKind.PROBED: "From Probe",
    PassKind.ONE: "One image",
    PassKind.CHOSEN: "Images of my choice",
}
TIPS = {
    PassKind.LAST: "What training did last: its images, the weights before it, its update",
    PassKind.NEXT: "Exactly what training does next: its images, dropout masks, learning rate",
    PassKind.PAST: "An earlier minibatch of this run, replayed: its images, the weights before it, its update",
    PassKind.PROBED: "What Probe computed: a score and its gradient, or a changed image",
    PassKind.ONE: "The watched image alone",
    PassKind.CHOSEN: "Several of the images to watch, as if they were a minibatch",
}
AS_TESTING = (
    "Layers behave as in testing: no dropout, running statistics in batch normalisation, and no update. "
    "The backward phase has only the gradient of the image."
)


class SourceChoice(QWidget):
    """Names the pass, and lets the user choose another.

    Attributes
    ----------
    picked : Signal(str)
        The kind of pass that was chosen.
    rowsPicked : Signal(tuple)
        Rows of the images that the user chose.
    testingPicked : Signal(bool)
        Whether layers are to behave as in testing.
    editedPicked : Signal(bool)
        Whether to step the edited design instead of the trained network.
    """

    picked = Signal(str)
    rowsPicked = Signal(tuple)
    testingPicked = Signal(bool)
    editedPicked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._available = 0
        self._rows: tuple[int, ...] = ()
        self._before: PassKind | None = None
        """The kind of pass that the offered way back returns to."""
        self.kind = Combo([(words, kind) for kind, words in WORDS.items()], name="Pass")
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.kind.edited.connect(lambda kind: self.picked.emit(str(kind)))
        self.rows = QLineEdit()
        self.rows.setAccessibleName("Images of my choice")
        self.rows.setPlaceholderText("0–15, 40")
        self.rows.editingFinished.connect(self._rows_typed)
        self.testing = QCheckBox("As in testing")
        self.testing.setToolTip(AS_TESTING)
        self.testing.clicked.connect(self.testingPicked)
        self.networks = SegmentedControl(
            ["Trained", "Edited"],
            small=True,
            name="Network",
            tips=["The network that was trained", "The design of Build, which waits for Train: its initial weights"],
        )
        self.networks.selected.connect(lambda number: self.editedPicked.emit(number == 1))
        self.back = Button("", small=True)
        self.back.clicked.connect(self._go_back)
        self.back.hide()
        self.about = Note()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(6)
        column.addWidget(self.networks)
        column.addWidget(self.kind)
        column.addWidget(self.rows)
        column.addWidget(self.testing)
        column.addWidget(self.about)
        column.addWidget(self.back)

    def sizeHint(self) -> QSize:
        return QSize(220, super().sizeHint().height())

    def show_step(self, picture: StepPicture) -> None:
        """Show the choice."""
        shown = picture.source
        for kind in WORDS:
            reason = shown.why_not[kind]
            model = self.kind.model()
            assert isinstance(model, QStandardItemModel)
            model.item(self.kind.values.index(kind)).setEnabled(not reason)
            self.kind.set_item_tip(kind, reason or TIPS[kind])
        self.kind.set_value(shown.kind)
        self.kind.setToolTip(TIPS[shown.kind])
        chosen = shown.kind is PassKind.CHOSEN
        self._available = shown.available
        if chosen and shown.rows != self._rows:
            self.rows.setText(written_rows(shown.rows))
        self._rows = shown.rows
        self.rows.setVisible(chosen)
        self.testing.setVisible(shown.kind in (PassKind.ONE, PassKind.CHOSEN))
        self.testing.setChecked(shown.as_testing)
        self.networks.setVisible(bool(shown.waiting))
        self.networks.set_index(int(shown.is_edited))
        self._say(shown.about, "muted")

    def offer_back(self, kind: PassKind | None) -> None:
        """Offer a way back to the kind of pass that was stepped before; None offers none."""
        self._before = kind
        self.back.setVisible(kind is not None)
        if kind is not None:
            words = WORDS[kind]
            the = "the " if kind.is_trained else ""
            self.back.setText(f"Back to {the}{words[0].lower()}{words[1:]}")
            self.back.setToolTip("Return to the pass that was stepped before, at the same place")

    def _go_back(self) -> None:
        if self._before is not None:
            self.picked.emit(str(self._before))

    def _rows_typed(self) -> None:
        try:
            rows = parse_rows(self.rows.text(), self._available)
        except ValueError as error:
            self._say(str(error), "danger")
            return
        if rows != self._rows:
            self.rowsPicked.emit(rows)

    def _say(self, text: str, token: str) -> None:
        if self.about.text() != text:
            self.about.setText(text)
        self.about.set_token(token)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("panel"))
        painter.fillRect(self.rect().adjusted(0, self.height() - 1, 0, 0), self._theme.colour("line"))
        painter.end()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)


if __name__ == "__main__":
    run_view(SourceChoice)
