"""Work divided into turns of the event loop, and painting in a turn of its own, so that the window stays responsive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from convviz.gui.theme.held_painting import HeldPainting

TURN = 0.008
"""Processor seconds of a turn; each turn does at least one piece of the work."""


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
        """Replace the work that is left; each item of the iterator is a piece of work."""
        self._left = work
        self._timer.start(0)

    def stop(self) -> None:
        """Drop the work that is left."""
        self._left = None
        self._timer.stop()

    def finish(self) -> None:
        """Do all that is left now; what a piece of the work calls by this is left to the others."""
        left = self._left
        if getattr(left, "gi_running", False):
            return
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
    """Have a widget painted in later turns of the event loop than the one that changes it, a piece at a time.

    Until then the screen stays as it is. Call this before all of the widget changes: it is then laid out in one turn
    and painted in the next ones, and the window answers between them. A picture of the widget that is taken meanwhile
    shows it as it is.
    """
    if widget.isVisible():
        held = HeldPainting.of(widget.window())
        held.divide(widget)
        held.start()


def paint_apart(widget: QWidget, still: Callable[[], bool] = bool) -> None:
    """Have what a change of a widget leaves to paint painted in a later turn than the change, all at once.

    Parameters
    ----------
    widget : QWidget
    still : callable, optional
        Returns whether the change is still under way, in turns of its own: nothing is painted until it is not.
    """
    if widget.isVisible():
        held = HeldPainting.of(widget.window())
        held.wait_for(still)
        held.start()
