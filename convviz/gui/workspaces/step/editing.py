"""What can be done with a number: replace it, paint it, take that back, check its gradient."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Index
from convviz.core.errors import ConvvizError
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.screen import Screen
from convviz.present.step.listing import label
from convviz.present.step.provenance import source_of
from convviz.present.step.verdict import verdict
from convviz.training.nudge import nudge


class Editing(QObject):
    """Editing numbers of the pass that is displayed.

    Parameters
    ----------
    workspace : QWidget
        Gets the focus back after a number was typed.
    views : Views

    Attributes
    ----------
    begun : Signal()
        Something is about to be done with a number: playing should stop.
    made : Signal()
        The pass has other numbers: show it again.
    """

    begun = Signal()
    made = Signal()

    def __init__(self, workspace: QWidget, views: Views) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._views = views
        self._display: Screen | None = None
        views.undo.clicked.connect(self.undo)
        views.redo.clicked.connect(self.redo)
        views.panes.cellPainted.connect(self.paint)
        views.inspector.nudgeAsked.connect(self.check_gradient)
        views.inspector.editAsked.connect(self.edit)
        views.editor.committed.connect(self.change)

    def set_display(self, display: Screen) -> None:
        """Work on another pass."""
        self._display = display

    def edit(self) -> None:
        """Ask for another number for the cell in question, or for the pixel or weight that it is a copy of."""
        display = self._display
        if display is None:
            return
        self.begun.emit()
        subject = display.looking.subject()
        found = source_of(display.run, subject.name, subject.index)
        if found is None:
            cell = label(subject.name, subject.index)
            self._say(f"{cell} is computed: change a pixel, a weight or a bias instead.", False)
            return
        at = display.anchor(subject)
        button = self._views.inspector.edit
        at = button.mapToGlobal(button.rect().topLeft()) if at is None else at
        self._views.editor.open_at(self._workspace.mapFromGlobal(at), *found, display.run.value(*found))

    def change(self, name: str, index: Index, value: float) -> None:
        """Put a number into a cell of a given array and show what it changes."""
        if self._display is None:
            return
        try:
            self._display.run.edit(name, index, value)
        except ConvvizError as error:
            self._say(f"{error}", False)
            return
        self._say("")
        self.made.emit()
        self._workspace.setFocus()

    def paint(self, name: str, index: Index, stroke: int, rubbing: bool) -> None:
        """Put the brush's number into a cell, or into the pixel or weight behind it: the array's largest, or 0."""
        if self._display is None:
            return
        self.begun.emit()
        run = self._display.run
        found = source_of(run, name, index)
        if found is None:
            self._say(f"{label(name, index)} is computed: paint into the image or the weights instead.", False)
            return
        value = 0.0 if rubbing else max(run.largest(found[0]), 1e-3)
        if run.value(*found) != value:
            run.edit(*found, value, stroke)
            self.made.emit()

    def undo(self) -> None:
        """Take the last change back."""
        if self._display is not None and self._display.run.undo() is not None:
            self.made.emit()

    def redo(self) -> None:
        """Make the change again that was taken back last."""
        if self._display is not None and self._display.run.redo() is not None:
            self.made.emit()

    def check_gradient(self) -> None:
        """Nudge the number in question by ±ε and compare the slope with the gradient."""
        display = self._display
        if display is None:
            return
        self.begun.emit()
        subject = display.looking.subject()
        source = source_of(display.run, subject.name, subject.index)
        name, index = source if source is not None else (subject.name, subject.index)
        try:
            found = nudge(display.run, name, index)
        except ConvvizError as error:
            self._say(f"{error}", False)
            return
        self._say(verdict(name, index, found), found.agrees or found.kink)

    def _say(self, text: str, good: bool | None = None) -> None:
        self._views.inspector.set_result(text, good)
