"""The import as lines of Python or as a command, to copy."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from convviz.data.importing.as_code import as_command, as_python
from convviz.data.importing.recipe import Recipe
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.code_text import CodeText
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption

SIZE = (720, 440)
KINDS = (("Python", "gives the same arrays", as_python), ("Command line", "writes them as HDF5", as_command))


class ImportCode(QDialog):
    """Shows code that makes the same data set without the window.

    Parameters
    ----------
    path : Path
    recipe : Recipe
    parent : QWidget
    """

    def __init__(self, path: Path, recipe: Recipe, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self.setWindowTitle(f"Import {path.name} as code")
        self.resize(*SIZE)
        self._path, self._recipe = path, recipe
        self.kinds = SegmentedControl([title for title, _, _ in KINDS], name="Kind of code")
        self.kinds.selected.connect(self._show)
        self._words = Caption()
        self.text = CodeText("the import as code")
        self.copy = Button("Copy", icon_name="copy", kind="primary", tip="Put all of it on the clipboard")
        self.copy.setDefault(True)
        self.copy.clicked.connect(self._copy)
        self.close_button = Button("Close", tip="Back to the import (Esc)")
        self.close_button.clicked.connect(self.reject)
        self._said = Caption()
        top = QHBoxLayout()
        top.addWidget(self.kinds)
        top.addSpacing(8)
        top.addWidget(self._words, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._said, 1)
        foot.addWidget(self.close_button)
        foot.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.text, 1)
        column.addLayout(foot)
        self._show(0)

    @Slot(int)
    def _show(self, index: int) -> None:
        _, words, written = KINDS[index]
        self._words.setText(words)
        self._said.setText("")
        self.text.setPlainText(written(self._path, self._recipe))

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._said.setText("Copied.")
