"""What the user can do with a number: replace it, paint it, undo that, check its gradient."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Index
from convviz.core.errors import ConvvizError
from convviz.gui.workspaces.step.checker import Checker
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.pictures import nudged, why_not_edited, why_not_nudged
from convviz.gui.workspaces.step.screen import Screen
from convviz.present.step.provenance import source_of
from convviz.present.step.values import label
from convviz.present.step.verdict import verdict
from convviz.training.nudge import Nudge, Verdict, nudge_task


class Editing(QObject):
    """Edits the numbers of the pass on display.

    Parameters
    ----------
    workspace : QWidget
        Gets the focus back after a number has been typed.
    views : Views

    Attributes
    ----------
    begun : Signal()
        A number is about to be changed or checked, so playing should stop.
    made : Signal()
        Numbers of the pass have changed, so it must be shown again.
    refused : Signal(str)
        Why a key had no effect.
    """

    begun = Signal()
    made = Signal()
    refused = Signal(str)

    def __init__(self, workspace: QWidget, views: Views) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._views = views
        self._screen: Screen | None = None
        self.checker = Checker(self)
        self.checker.checked.connect(self._checked)
        views.changes.undo.clicked.connect(self.undo)
        views.changes.redo.clicked.connect(self.redo)
        views.panes.cellPainted.connect(self.paint)
        views.inspector.nudgeAsked.connect(self.check_gradient)
        views.inspector.editAsked.connect(self.edit)
        views.editor.committed.connect(self.change)

    def set_screen(self, screen: Screen) -> None:
        """Work on another pass."""
        self._screen = screen

    def edit(self) -> None:
        """Ask for a new number for the explained cell, or for the pixel or weight that it is a copy of."""
        screen = self._screen
        if screen is None:
            return
        self.begun.emit()
        run, cell = screen.debugger.run, screen.debugger.cell()
        found = source_of(run, cell.name, cell.index)
        if found is None:
            self._say(why_not_edited(run, cell), False)
            return
        at = screen.anchor(cell)
        button = self._views.inspector.edit
        at = button.mapToGlobal(button.rect().topLeft()) if at is None else at
        self._views.editor.open_at(self._workspace.mapFromGlobal(at), *found, run.value(*found))

    def change(self, name: str, index: Index, value: float) -> None:
        """Set a cell of an array to a number, and show what that changes."""
        if self._screen is None:
            return
        try:
            self._screen.debugger.run.edit(name, index, value)
        except ConvvizError as error:
            self._say(f"{error}", False)
            return
        self.clear()
        self.made.emit()
        self._workspace.setFocus()

    def paint(self, name: str, index: Index, stroke: int, rubbing: bool) -> None:
        """Paint a cell, or the pixel or weight behind it, with the array's largest number, or with 0."""
        if self._screen is None:
            return
        self.begun.emit()
        run = self._screen.debugger.run
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
        if self._screen is not None and self._screen.debugger.run.undo() is not None:
            self.made.emit()
        else:
            self.refused.emit("No number of this pass has been edited: there is nothing to undo")

    def redo(self) -> None:
        """Make the last undone change again."""
        if self._screen is not None and self._screen.debugger.run.redo() is not None:
            self.made.emit()
        else:
            self.refused.emit("No edit of this pass was undone: there is nothing to redo")

    def check_gradient(self) -> None:
        """Change the explained number by ±ε, and compare the slope of the loss with the gradient."""
        if self._screen is None:
            return
        self.begun.emit()
        run, cell = self._screen.debugger.run, self._screen.debugger.cell()
        reason = why_not_nudged(run, cell)
        if reason:
            self._say(reason, False)
            return
        name, index = nudged(run, cell.name, cell.index)
        try:
            task = nudge_task(run, name, index)
        except ConvvizError as error:
            self._say(f"{error}", False)
            return
        self._say(f"{label(name, index)} is changed by ±ε …")
        self.checker.ask(task.run)

    @Slot(object)
    def _checked(self, found: Nudge | None) -> None:
        if found is None:
            self._say("There is not enough memory to run the pass in float64 beside the current one.", False)
            return
        tokens = {Verdict.RIGHT: "success", Verdict.WRONG: "danger", Verdict.OPEN: "warning"}
        self._views.inspector.set_result(verdict(found), tokens[found.verdict])

    def clear(self) -> None:
        """Clear the result of a check: another cell or place is shown now."""
        self.checker.forget()
        self._say("")

    def _say(self, text: str, good: bool = True) -> None:
        self._views.inspector.set_result(text, "ink" if good else "danger")
