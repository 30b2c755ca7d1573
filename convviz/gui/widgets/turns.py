"""Work in turns of the event loop, so that the window answers meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer, Slot

TURN = 0.008
"""Processor seconds of a turn, which does one piece of the work at least."""


class Turns(QObject):
    """Does pieces of work one after the other, some of them in each turn.

    Parameters
    ----------
    parent : QObject
    seconds : float
        Processor seconds of a turn.
    """

    def __init__(self, parent: QObject, seconds: float = TURN) -> None:
        super().__init__(parent)
        self._seconds = seconds
        self._left: Iterator[object] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)

    @property
    def is_going(self) -> bool:
        """Whether something is left to do."""
        return self._left is not None

    def start(self, work: Iterator[object]) -> None:
        """Replace the work that is left by this generator; each turn runs it to its next yield."""
        self._left = work
        self._timer.start(0)

    def stop(self) -> None:
        """Do nothing more."""
        self._left = None
        self._timer.stop()

    def finish(self) -> None:
        """Do all that is left now."""
        left = self._left
        self.stop()
        for _ in left or ():
            pass

    @Slot()
    def _go_on(self) -> None:
        end, left = time.thread_time() + self._seconds, self._left
        while left is not None and left is self._left:
            done = next(left, self) is self
            if done and left is self._left:
                self.stop()
            if time.thread_time() >= end:
                return
