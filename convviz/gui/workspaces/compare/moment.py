"""The moment shown in Compare, shared with the timeline if the window's run is among those compared."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from convviz.gui.run_model.past import PastModel
from convviz.gui.run_model.run import RunModel

__all__ = ["SharedStep"]


class SharedStep(QObject):
    """A step of all runs.

    Parameters
    ----------
    run : RunModel
    past : PastModel
        Past of that run; its moment and this one follow each other.
    listed : callable
        The recordings that are compared.

    Attributes
    ----------
    moved : Signal()
        :attr:`step` has changed.
    """

    moved = Signal()

    def __init__(self, run: RunModel, past: PastModel, listed: Callable[[], Collection[Path]], parent: QObject) -> None:
        super().__init__(parent)
        self._run, self._past, self._listed = run, past, listed
        self.step: int | None = None
        """None for the ends of the runs."""
        self._moving = False

    def go_to(self, step: int | None) -> None:
        """Show another step; the timeline follows, as far as its run has it."""
        self._take(step)
        if not self._is_shared:
            return
        self._moving = True
        try:
            if step is not None and step < self._run.position.step:
                self._past.go_to(step)
            elif self._past.step is not None:
                self._past.back_to_live()
        finally:
            self._moving = False

    def follow(self) -> None:
        """The timeline has moved."""
        if not self._moving and self._is_shared and (self._past.step is not None or self.step is not None):
            self._take(self._past.step)

    @property
    def _is_shared(self) -> bool:
        return bool({one.path for one in self._run.recordings.parts} & set(self._listed()))

    def _take(self, step: int | None) -> None:
        if step != self.step:
            self.step = step
            self.moved.emit()
