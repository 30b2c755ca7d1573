"""Makes the editor of a field of the schema, and a chip that combines it with its label."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from convviz.gui.widgets.fields.value_edit import ValueEdit
from convviz.gui.widgets.labels import ThemedLabel
from convviz.gui.workspaces.builder.fields.choice_edit import ChoiceEdit, InitEdit, SwitchEdit
from convviz.present.design.fields import FieldKind, FieldSpec

HEIGHT = 24
"""Height of every chip in pixels, so that labels and values in a line are aligned."""
Editor = ValueEdit | ChoiceEdit | SwitchEdit | InitEdit


def editor_for(spec: FieldSpec, value: Any, *, name: str = "", width: int = 0) -> Editor:
    """Make the editor of a field.

    Parameters
    ----------
    spec : FieldSpec
    value : object
        The value to show first.
    name : str
        Name for screen readers.
    width : int
        Width in a column of fields, in pixels; 0 for a chip in a line.
    """
    match spec.kind:
        case FieldKind.BOOL:
            return SwitchEdit(spec, value, name=name)
        case FieldKind.CHOICE:
            return ChoiceEdit(spec, value, name=name, small=not width)
        case FieldKind.INIT:
            return InitEdit(spec, value, name=name, small=not width)
        case _:
            return ValueEdit(spec, value, width=width, name=name)


class FieldChip(QWidget):
    """A muted label followed by the editor of a field.

    Attributes
    ----------
    edited : Signal(str, object)
        The field's name and its new value.
    finished, left : Signal()
        Forwarded from the editor.
    problemChanged : Signal(str, str)
        The field's name and what is wrong with it.
    """

    edited = Signal(str, object)
    finished = Signal()
    left = Signal()
    problemChanged = Signal(str, str)

    def __init__(self, spec: FieldSpec, value: Any, owner: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.editor = editor_for(spec, value, name=f"{spec.label} of {owner}")
        label = ThemedLabel(spec.label, token="muted", size=12)
        label.setToolTip(spec.tip)
        label.setBuddy(self.editor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(label)
        row.addWidget(self.editor)
        self.editor.edited.connect(self._edited)
        self.editor.finished.connect(self.finished)
        self.editor.left.connect(self.left)
        self.editor.problemChanged.connect(self._problem_changed)

    def begin(self) -> None:
        """Put the cursor into the editor."""
        for stop in self.editor.stops():
            if not stop.isHidden():
                stop.setFocus(Qt.FocusReason.TabFocusReason)
                return

    @Slot(object)
    def _edited(self, value: Any) -> None:
        self.edited.emit(self.spec.name, value)

    @Slot(str)
    def _problem_changed(self, sentence: str) -> None:
        self.problemChanged.emit(self.spec.name, sentence)
