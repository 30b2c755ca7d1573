"""The design as source code, to copy or to save."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from convviz.api.code import code_outputs
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.files.atomic import write_bytes_atomically
from convviz.files.cancel import Cancelled
from convviz.files.errors import OutputError
from convviz.files.outputs import check_outputs
from convviz.gui.run_model.background import Background
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.code_text import CodeText
from convviz.gui.widgets.fields.combo import Combo
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.widgets.labels import Caption
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.present.code import EXPORTERS

SavesWeights = Callable[[Path], object]
"""Requests that the trained weights be saved to a file; saving may finish later."""


class CodeDialog(QDialog):
    """Shows the design as source code for one of the frameworks.

    Parameters
    ----------
    design : Design
        If it can't be trained, the reason is shown instead of the code.
    folder : Path
        The folder that the file dialog opens in.
    save_weights : callable, optional
        Saves the trained weights in the format that the file's name says; None if there are none.
    """

    def __init__(
        self,
        design: Design,
        folder: Path,
        parent: QWidget | None = None,
        *,
        save_weights: SavesWeights | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"{design.name or 'Design'} as code")
        self.resize(860, 640)
        self._design = design
        self._folder = folder
        self._save_weights = save_weights
        self._index = 0
        self._writing = Background("code", self)  # reading the sources of NumPy's functions takes long
        self._writing.done.connect(self._show_written)
        self.kinds = SegmentedControl([exporter.framework for exporter in EXPORTERS], name="Framework")
        self.kinds.selected.connect(self._show)
        self._words = Caption()
        self.with_weights = QCheckBox("With the trained weights")
        self.with_weights.setToolTip("Save writes them beside the code, in a file that the code loads")
        self.ending = Combo(name="File of the weights", tip="What the code loads: each framework has a file of its own")
        self.ending.edited.connect(self._show_again)
        self.with_weights.setChecked(save_weights is not None)
        self.with_weights.setVisible(save_weights is not None)
        self.with_weights.toggled.connect(self._show_again)
        self.text = CodeText("source code")
        self.message = InlineMessage()
        self.copy = Button("Copy", icon_name="copy", kind="primary", tip="Put all of it on the clipboard")
        self.copy.clicked.connect(self._copy)
        self.save = Button("Save…", icon_name="save", tip="Save it as a .py file")
        self.save.clicked.connect(self._save)
        self.close_button = Button("Close")
        self.close_button.clicked.connect(self.reject)
        top = QHBoxLayout()
        top.addWidget(self.kinds)
        top.addSpacing(8)
        top.addWidget(self._words, 1)
        top.addWidget(self.with_weights)
        top.addWidget(self.ending)
        bottom = QHBoxLayout()
        bottom.addWidget(self.message, 1)
        bottom.addStretch()
        for part in (self.close_button, self.save, self.copy):
            bottom.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addLayout(top)
        column.addWidget(self.text, 1)
        column.addLayout(bottom)
        self.copy.setDefault(True)
        self._show(0)

    @Slot(int)
    def _show(self, index: int) -> None:
        self._words.setText(EXPORTERS[index].about)
        self.message.say("")
        self._index = index
        self._set_text("")
        if self.ending.values != list(EXPORTERS[index].weights):
            self.ending.set_choices(EXPORTERS[index].weights)
            self.ending.set_value(EXPORTERS[index].weights[0])
        several = len(EXPORTERS[index].weights) > 1
        self.ending.setVisible(several and self.with_weights.isChecked() and self._save_weights is not None)
        name = Path(f"{self._design.name or 'model'}{self._ending}")
        weights, source = self._weights(name), EXPORTERS[index].source

        def write(_cancelled: Cancelled) -> object:
            try:
                return source(self._design, weights), ""
            except DesignError as error:
                return "", f"There is no code that would run: {error}"

        self._writing.start(write)

    @Slot(object)
    def _show_written(self, written: tuple[str, str]) -> None:
        text, fault = written
        self._set_text(text)
        if fault:
            self.message.say(fault)

    def _set_text(self, text: str) -> None:
        self.text.setPlainText(text)
        for part in (self.copy, self.save):
            part.setEnabled(bool(text))

    @Slot()
    def _show_again(self) -> None:
        self._show(self._index)

    @property
    def _ending(self) -> str:
        """Extension of the weights' file."""
        return str(self.ending.value)

    def _weights(self, path: Path) -> str:
        """Name of the weights' file that the code loads; empty if it loads none."""
        return path.name if self.with_weights.isChecked() else ""

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.message.say("Copied.", "success")

    @Slot()
    def _save(self) -> None:
        start = self._folder / f"{self._design.name or 'model'}.py"
        name, _ = QFileDialog.getSaveFileName(self, "Save the source", str(start), "Python (*.py)")
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Save the source atomically, and have the weights saved beside it."""
        weights = path.with_suffix(self._ending)
        with_weights = self.with_weights.isChecked()
        try:
            check_outputs(code_outputs(path, with_weights=with_weights, weights=self._ending))
            text = EXPORTERS[self._index].source(self._design, self._weights(weights))
            write_bytes_atomically(path, text.encode())
        except OutputError as error:
            self.message.say(str(error))
            return
        except OSError as error:
            self.message.say(f"{path.name}: can't be written: {error.strerror or error}")
            return
        self.text.setPlainText(text)
        if with_weights and self._save_weights is not None:
            self._save_weights(weights)
            self.message.say(f"Saved to {path.name}, with the weights in {weights.name}.", "success")
            return
        self.message.say(f"Saved to {path.name}.", "success")
