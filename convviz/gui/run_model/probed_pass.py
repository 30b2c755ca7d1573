"""The pass that Probe has Step go through."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from convviz.gui.run_model.run import RunModel
from convviz.training.pass_source import PassSource


class ProbedPass(QObject):
    """Keeps the pass that was requested last until there is another network.

    Parameters
    ----------
    run : RunModel

    Attributes
    ----------
    source : PassSource or None
    """

    def __init__(self, run: RunModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source: PassSource | None = None
        self._is_new = False
        run.prepared.connect(self._forget)

    def ask(self, source: PassSource) -> None:
        """Request a pass, which Step goes through when it comes to the front."""
        self.source, self._is_new = source, True

    def take(self) -> bool:
        """Return whether a pass was requested since the last call."""
        new, self._is_new = self._is_new, False
        return new

    @Slot()
    def _forget(self, *_: object) -> None:
        self.source, self._is_new = None, False
