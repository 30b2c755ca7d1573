"""A field for one value, with an error message below it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.widgets.labels import Caption
from convviz.plurals import capital
from convviz.present.design.fields import FieldSpec

WIDTH = 76


class ValueField(QWidget):
    """A :class:`ValueEdit` above its message; Enter or leaving the field commits the value.

    Parameters
    ----------
    spec : FieldSpec
        Description of the value.
    value
        The first value.
    width : int
        Of the editor, in pixels.

    Attributes
    ----------
    edited : Signal(object)
        The user committed another valid value. :meth:`set_value` doesn't emit it.
    validityChanged : Signal(bool)
        The text became valid or invalid.
    """

    edited = Signal(object)
    validityChanged = Signal(bool)

    def __init__(self, spec: FieldSpec, value: Any, parent: QWidget | None = None, *, width: int = WIDTH) -> None:
        super().__init__(parent)
        self.edit = ValueEdit(spec, value, width=width, live=False)
        self.edit.edited.connect(self.edited)
        self.edit.problemChanged.connect(self._say)
        self.edit.faultChanged.connect(self._say)
        self.message = Caption(wrap=True, token="danger")
        self.message.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.message.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addWidget(self.edit, 0, Qt.AlignmentFlag.AlignRight)
        column.addWidget(self.message)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.edit)
        self._valid = True

    @property
    def value(self) -> Any:
        """The last valid value."""
        return self.edit.value

    @property
    def problem(self) -> str:
        """The problem, in one sentence; empty if there is none."""
        return self.edit.problem or self.edit.fault

    @property
    def is_valid(self) -> bool:
        """Whether the text is valid."""
        return not self.problem

    def set_value(self, value: Any) -> None:
        """Show another value, without a signal; a text being typed stays if the value is the same."""
        self.edit.set_value(value)

    def set_fault(self, sentence: str) -> None:
        """Mark the value as wrong for an external reason; an empty sentence removes the mark."""
        self.edit.set_fault(sentence)

    @Slot(str)
    def _say(self, _: str) -> None:
        self.message.setText(capital(self.problem))
        self.message.setVisible(bool(self.problem))
        if self._valid != self.is_valid:
            self._valid = self.is_valid
            self.validityChanged.emit(self._valid)
