"""The moment that Compare looks at: a step of its own, which moves nothing in other workspaces."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QObject, Signal

__all__ = ["ComparedStep", "Place", "Step"]


class Place(Enum):
    """A moment of two runs that moves on with them."""

    COMMON = "the last step that both have"
    ENDS = "the end of each"


Step = int | Place
"""What two runs are compared at."""


class ComparedStep(QObject):
    """A step of all runs.

    Attributes
    ----------
    moved : Signal()
        :attr:`step` has changed.
    """

    moved = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.step: Step = Place.COMMON

    @property
    def number(self) -> int | None:
        """The step, if one was chosen."""
        return self.step if isinstance(self.step, int) else None

    def go_to(self, step: Step) -> None:
        """Look at another step."""
        if step != self.step:
            self.step = step
            self.moved.emit()
