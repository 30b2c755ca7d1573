"""Work in turns of the event loop, and painting in another turn, so that the window answers meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

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


def paint_later(widget: QWidget) -> None:
    """Have a widget painted in a later turn of the event loop than the one that changes it.

    Until then what is on the screen stays. To be called before a change of all of it: what was made anew is laid out in
    one turn and painted in the next, and the window answers between.
    """
    if widget.isVisible() and widget.updatesEnabled():
        widget.setUpdatesEnabled(False)
        # Not 0: that would be an event, and the loop handles all of them before it looks for input again.
        QTimer.singleShot(1, widget, partial(widget.setUpdatesEnabled, True))
