"""The dialog itself: choices at the left, their result at the right."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from convviz.data.importing.choices import ANOTHER
from convviz.data.importing.preview import SHOWN
from convviz.data.importing.recipe import Recipe
from convviz.data.open import dialog_filter
from convviz.gui.files.importing.code import ImportCode
from convviz.gui.files.importing.look import LookPanel
from convviz.gui.files.importing.reader import ImportReader, Looked
from convviz.gui.files.importing.rows import ANSWER, ChoiceRows
from convviz.gui.theme import current_theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Caption, ElidedLabel, Heading, Note, ThemedLabel
from convviz.gui.widgets.scrolled import scrolled
from convviz.present.words import counted

SIZE = (1104, 688)
LEFT = 518
MAKING = ("test", "size", "fit", "colour")
"""Choices of how to convert the file; the others are about what it contains."""
SCRIM = 110
"""Opacity of the shade over the window behind, of 255."""


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
        The recipe that the user has accepted.
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
        self.name.setMaxLength(80)
        self.look = LookPanel()
        self.fault = Note(token="danger")
        self.fault.hide()
        self.outcome = ElidedLabel("Reading …", weight=QFont.Weight.DemiBold)
        self.memory = ElidedLabel(token="muted", size=12)
        self.called = QLineEdit()
        self.called.setAccessibleName("Class names")
        self.called.setToolTip("Names of all classes in their order, with commas between them")
        for line in (self.name, self.called):
            line.setFixedWidth(ANSWER)
        self.as_code = Button(
            "As Python…", icon_name="code", kind="quiet", tip="The same import as Python or a command"
        )
        self.as_code.setEnabled(False)
        self.cancel = Button("Cancel", tip="Keep the data set that is open (Esc)")
        self.accepted_button = Button("Import", kind="primary", tip="Open it like this (Enter)")
        self.accepted_button.setDefault(True)
        self.accepted_button.setEnabled(False)
        self._lay_out()
        self.resize(min(SIZE[0], parent.width() - 24), min(SIZE[1], parent.height() - 24))
        for rows in (self.rows, self.making):
            rows.chosen.connect(self._chosen)
        self.name.textEdited.connect(self._name_edited)
        self.called.editingFinished.connect(self._called_edited)
        self.as_code.clicked.connect(self._show_code)
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
        for word, line in (("Class names", self.called), ("Name", self.name)):
            column.addLayout(_named(word, line))
        column.addWidget(self.fault)
        column.addStretch(1)
        body = QWidget()
        Ground(body)
        middle = QHBoxLayout(body)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        for content, width in ((left, LEFT), (self.look, 0)):
            scroll = scrolled(content)
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
        foot.addWidget(self.as_code)
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
        """The result on show."""
        return self._seen

    def show_looked(self, seen: Looked) -> None:
        """Show what was found."""
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
            self._show_names(recipe)
            shape = "×".join(map(str, recipe.shape))
            counts = f"{seen.preview.train:,} training + {counted(seen.preview.test, 'test image')}"
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
        self.as_code.setEnabled(seen.preview is not None and seen.recognised.recipe.train[1] is not None)
        self.accepted_button.setToolTip(fault or "Open it like this (Enter)")
        if not self._focused:
            self._focused = True
            if all(one.sure for one in seen.choices):
                self.accepted_button.setFocus()
            else:
                QTimer.singleShot(0, self.rows, self.rows.focus_first_guess)  # once it is on the screen

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reject()
        super().closeEvent(event)

    def _show_names(self, recipe: Recipe) -> None:
        """The names of the classes, unless they are being typed; the set's own name is the user's from then on."""
        if not self._focused:
            self.name.setText(recipe.name)
        if not (self.called.hasFocus() and self.called.isModified()):
            self.called.setText(", ".join(recipe.names))
            self.called.setCursorPosition(0)

    def _called_edited(self) -> None:
        names = tuple(name.strip() for name in self.called.text().split(","))
        if self._seen is not None and names != self._seen.recognised.recipe.names:
            self._chosen("called", names)

    def _show_code(self) -> None:
        if self._seen is not None:
            ImportCode(self._reader.path, self._seen.recognised.recipe, self).open()

    def _ask_test_file(self) -> None:
        folder = str(self._reader.path.parent)
        name, _ = QFileDialog.getOpenFileName(self, "A file of test images", folder, dialog_filter())
        if name:
            self.take_test_file(Path(name))
        elif self._seen is not None:
            self.show_looked(self._seen)

    def _ask_size(self) -> None:
        text, asked = QInputDialog.getText(self, "Another size", "Height × width in pixels:", text="28×28")
        found = re.fullmatch(r"\s*([0-9]{1,4})\s*[×x*,]\s*([0-9]{1,4})\s*", text)
        if asked and found is not None:
            self._chosen("size", (int(found[1]), int(found[2])))
        elif self._seen is not None:
            self.show_looked(self._seen)
            if asked:
                self.fault.setText(f"size: expected height × width such as 28×28, got {text!r}")
                self.fault.show()

    def take_test_file(self, path: Path) -> None:
        """Take the test images of another file."""
        self._chosen("test", path)

    def _chosen(self, key: str, value: object) -> None:
        if value == ANOTHER:
            (self._ask_test_file if key == "test" else self._ask_size)()
            return
        self.accepted_button.setEnabled(False)  # until its result is known
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


def _named(word: str, line: QLineEdit) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(10)
    label = ThemedLabel(word, token="muted")
    label.setMinimumWidth(84)
    row.addWidget(label)
    row.addWidget(line)
    row.addStretch(1)
    return row


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
