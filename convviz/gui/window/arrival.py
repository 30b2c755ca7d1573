"""What was asked for is shown when it is here, unless the user has turned to another page meanwhile."""

from __future__ import annotations

from PySide6.QtCore import QObject

from convviz.gui.window.workspace_stack import WorkspaceStack


class Arrival(QObject):
    """Brings a page to the front for what took a while to open.

    Parameters
    ----------
    stack : WorkspaceStack
    """

    def __init__(self, stack: WorkspaceStack) -> None:
        super().__init__(stack)
        self._stack = stack
        self._has_turned = False
        """Whether another page came to the front since something was asked for."""
        stack.entered.connect(self._entered)

    def expect(self) -> None:
        """Something is being opened from now on."""
        self._has_turned = False

    def show_run(self) -> None:
        """The run is here."""
        if not self._has_turned:
            self._stack.go_where_training_is_seen()

    def show_pass(self) -> None:
        """The pass is here."""
        if not self._has_turned:
            self._stack.go_where_passes_are_stepped()

    def _entered(self, _number: int) -> None:
        self._has_turned = True
