"""The design's name and description, presets, undo and redo, and the button for source code."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from shiboken6 import isValid

from convviz.core.design import Design
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.labels import ThemedLabel
from convviz.gui.workspaces.builder.fields.name_edit import NameEdit
from convviz.gui.workspaces.builder.layers.pick_list import PickList


class Header(QWidget):
    """The line above the layers.

    Attributes
    ----------
    renamed, aboutEdited : Signal(str)
    presetPicked : Signal(object)
        Name of the preset.
    codeAsked : Signal()
    """

    renamed = Signal(str)
    aboutEdited = Signal(str)
    presetPicked = Signal(object)
    codeAsked = Signal()

    def __init__(self, presets: Sequence[Design], undo: QAction, redo: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = NameEdit("", size=16, heading=True, what="name of the design", empty="untitled")
        self.name.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.name.renamed.connect(self.renamed)
        self.mark = ThemedLabel("", token="muted", size=12)
        self.about = NameEdit("", size=12, what="what the design is for", empty="Say what it is for")
        self.about.setFont(self.mark.font())
        self.about.setMaxLength(2000)
        self.about.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.about.renamed.connect(self.aboutEdited)
        entries = [(design.name, design.about, design.name) for design in presets]
        self.presets = PickList(entries, "preset", self, width=620, lines=2)
        self.presets.picked.connect(self.presetPicked)
        self.preset_button = Button("Presets…", tip="Ready-made designs; opening one can be undone", shortcut="Ctrl+P")
        self.preset_button.clicked.connect(self.open_presets)
        self.undo, self.redo = ActionButton("undo", undo), ActionButton("redo", redo)
        self.code = Button("As code…", tip="The design as PyTorch, Keras or NumPy source")
        self.code.clicked.connect(self.codeAsked)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.name)
        line.addWidget(self.mark, 1)
        for part in (self.preset_button, self.undo, self.redo, self.code):
            line.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.about)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @Slot()
    def open_presets(self) -> None:
        """Open the list of presets below its button."""
        self.presets.open_at(self.preset_button.mapToGlobal(QPoint(0, self.preset_button.height() + 4)))

    def show_design(self, design: Design, where: str) -> None:
        """Show the name, the description and, from ``where``, the file and whether there are unsaved changes."""
        self.name.set_name(design.name)
        self.about.set_name(design.about)
        self.about.setToolTip(design.about)
        self.mark.setText(where)


class ActionButton(Button):
    """An icon for an action; enabled when the action is."""

    def __init__(self, icon_name: str, action: QAction) -> None:
        super().__init__(icon_name=icon_name, tip=action.text())
        self.setFixedSize(28, 28)
        self._action = action
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        action = self._action
        if not isValid(action):  # the window is being destroyed, and the undo stack reports that it is empty
            return
        keys = action.shortcut().toString()
        self.setEnabled(action.isEnabled())
        self.setToolTip(f"{action.text()} ({keys})" if keys else action.text())
        self.setAccessibleName(action.text())
