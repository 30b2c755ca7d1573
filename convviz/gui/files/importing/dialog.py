"""The dialog itself: choices at the left, what comes of them at the right."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from convviz.data.importing.preview import SHOWN
from convviz.data.importing.recipe import Recipe
from convviz.gui.files.importing.look import LookPanel
from convviz.gui.files.importing.reader import ImportReader, Looked
from convviz.gui.files.importing.rows import ANSWER, ChoiceRows
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading, Note, ThemedLabel

SIZE = (1104, 688)
LEFT = 518
MAKING = ("test", "size", "fit", "colour")
"""Choices of what to make of the file; the others are about what it is."""
SCRIM = 110
"""Of 255: how much of the window behind is covered."""


class ImportDialog(QDialog):
    """Asks what to make of a file. Esc is Cancel, Enter is Import.

    Parameters
    ----------
    reader : ImportReader
        Has the file open; closed with the dialog.
    fault_of : callable
        Why no network could take the images of a recipe; empty if one can.
    parent : QWidget

    Attributes
    ----------
    imported : Signal(object)
        The user wants it: the recipe.
    """

    imported = Signal(object)

    def __init__(self, reader: ImportReader, fault_of: Callable[[Recipe], str], parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._reader, self._fault_of = reader, fault_of
        self._draw = np.random.default_rng(0)
        self._seen: Looked | None = None
        self._focused = False
        self.setModal(True)
        self.setWindowTitle(f"Import {reader.path.name}")
        self.setAccessibleName(self.windowTitle())
        self.about = ElidedLabel(token="muted", size=12)
        self.rows, self.making = ChoiceRows(), ChoiceRows()
        self.name = QLineEdit(reader.path.stem)
        self.name.setAccessibleName("Name")
        self.name.setFixedWidth(ANSWER)
        self.name.setMaxLength(80)
        self.look = LookPanel()
        self.fault = Note(token="danger")
        self.fault.hide()
        self.outcome = ElidedLabel("Reading …", weight=QFont.Weight.DemiBold)
        self.memory = ElidedLabel(token="muted", size=12)
        self.cancel = Button("Cancel", tip="Keep the data set that is open (Esc)")
        self.accepted_button = Button("Import", kind="primary", tip="Open it like this (Enter)")
        self.accepted_button.setDefault(True)
        self.accepted_button.setEnabled(False)
        self._lay_out()
        self.resize(min(SIZE[0], parent.width() - 24), min(SIZE[1], parent.height() - 24))
        for rows in (self.rows, self.making):
            rows.chosen.connect(self._chosen)
        self.name.textEdited.connect(self._name_edited)
        self.look.anotherAsked.connect(self._show_others)
        self.cancel.clicked.connect(self.reject)
        self.accepted_button.clicked.connect(self._import)
        reader.looked.connect(self.show_looked)
        reader.failed.connect(self._failed)
        self._scrim = Scrim(parent)
        self.finished.connect(self._end)

    def _lay_out(self) -> None:
        head = QWidget()
        Ground(head)
        row = QHBoxLayout(head)
        row.setContentsMargins(22, 14, 22, 14)
        row.setSpacing(12)
        row.addWidget(Heading(f"Import {self._reader.path.name}", level=1))
        row.addWidget(self.about, 1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(22, 16, 18, 14)
        column.setSpacing(10)
        recognised = QHBoxLayout()
        recognised.addWidget(Heading("What was recognised", level=3))
        recognised.addStretch(1)
        recognised.addWidget(Caption("every choice can be changed"))
        column.addLayout(recognised)
        column.addWidget(self.rows)
        column.addWidget(_line(horizontal=True))
        column.addWidget(Heading("What to make of it", level=3))
        column.addWidget(self.making)
        name = QHBoxLayout()
        name.setSpacing(10)
        label = ThemedLabel("Name", token="muted")
        label.setMinimumWidth(84)
        name.addWidget(label)
        name.addWidget(self.name)
        name.addStretch(1)
        column.addLayout(name)
        column.addWidget(self.fault)
        column.addStretch(1)
        body = QWidget()
        Ground(body)
        middle = QHBoxLayout(body)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        for content, width in ((left, LEFT), (self.look, 0)):
            scroll = QScrollArea()
            scroll.setWidgetResizable(True)
            scroll.setFrameShape(QFrame.Shape.NoFrame)
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            scroll.setWidget(content)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            if width:
                scroll.setFixedWidth(width)
            middle.addWidget(scroll, 0 if width else 1)
            if width:
                middle.addWidget(_line(horizontal=False))
        foot = QHBoxLayout()
        foot.setContentsMargins(22, 12, 22, 12)
        foot.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.outcome)
        words.addWidget(self.memory)
        foot.addLayout(words, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.accepted_button)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(_line(horizontal=True))
        whole.addWidget(body, 1)
        whole.addWidget(_line(horizontal=True))
        whole.addLayout(foot)

    @property
    def seen(self) -> Looked | None:
        """What is shown."""
        return self._seen

    def show_looked(self, seen: Looked) -> None:
        """Show what was found out."""
        self._seen = seen
        self.about.set_text(f"{self._reader.path.parent} · {_bytes(seen.stored)} · read in {seen.seconds:.1f} s")
        self.rows.show_choices(tuple(one for one in seen.choices if one.key not in MAKING))
        self.making.show_choices(tuple(one for one in seen.choices if one.key in MAKING))
        fault = seen.fault
        if seen.preview is not None:
            self.look.show_preview(seen.preview)
            recipe = seen.recognised.recipe
            fault = self._fault_of(recipe)
            if recipe.train[1] is None:
                fault = "Choose the labels: training needs one for each image."
            shape = "×".join(map(str, recipe.shape))
            counts = f"{seen.preview.train:,} training + {seen.preview.test:,} test images"
            self.outcome.set_text(f"{counts}, {shape}, {max(2, recipe.classes)} classes")
            self.memory.set_text(f"{_bytes(seen.preview.bytes)} in memory")
            like = self._reader.like
            changes = recipe.shape != like.shape or recipe.classes > like.classes
            self.accepted_button.setText("Change the network and import" if changes else "Import")
        else:
            self.outcome.set_text("Nothing can be imported like this")
            self.memory.set_text("")
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))
        self.accepted_button.setEnabled(not fault)
        self.accepted_button.setToolTip(fault or "Open it like this (Enter)")
        if not self._focused:
            self._focused = True
            if all(one.sure for one in seen.choices):
                self.accepted_button.setFocus()
            else:
                QTimer.singleShot(0, self.rows, self.rows.focus_first_guess)  # when it is on the screen

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reject()
        super().closeEvent(event)

    def _chosen(self, key: str, value: object) -> None:
        self.accepted_button.setEnabled(False)  # until it is known what comes of it
        self._reader.choose(key, value)

    def _name_edited(self, text: str) -> None:
        self._chosen("name", text.strip() or self._reader.path.stem)

    def _show_others(self) -> None:
        seen = self._seen.preview if self._seen is not None else None
        if seen is not None:
            total = seen.train + (seen.test if seen.recipe.test is None else 0)
            self._reader.show_from(int(self._draw.integers(max(1, total - SHOWN + 1))))

    def _failed(self, error: Exception) -> None:
        self.fault.setText(str(error))
        self.fault.show()
        self.outcome.set_text("Nothing can be imported")

    def _import(self) -> None:
        if self._seen is not None and self._seen.preview is not None:
            recipe = self._seen.recognised.recipe
            self.accept()
            self.imported.emit(recipe)

    def _end(self, _result: int) -> None:
        self._reader.close()
        self._scrim.hide()
        self._scrim.deleteLater()
        QTimer.singleShot(0, self.deleteLater)


class Scrim(QWidget):
    """Darkens the window behind a dialog.

    Parameters
    ----------
    window : QWidget
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(QRect(0, 0, window.width(), window.height()))
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(0, 0, 0, SCRIM))


def _line(*, horizontal: bool) -> QWidget:
    made = QWidget()
    if horizontal:
        made.setFixedHeight(1)
    else:
        made.setFixedWidth(1)
    Ground(made, "line")
    return made


def _bytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count < 1e9 else f"{count / 1e9:,.2f} GB"
