"""Work divided into turns of the event loop, and painting in a turn of its own, so that the window stays responsive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QWidget

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

    Until then the screen stays as it is. Call this before all of the widget changes: it is then laid out in one turn
    and painted in the next, and the window answers between them.
    """
    if widget.isVisible() and widget.updatesEnabled():
        widget.setUpdatesEnabled(False)
        # Not 0: that would be an event, and the loop handles all of them before it looks for input again.
        QTimer.singleShot(1, widget, partial(widget.setUpdatesEnabled, True))


def paint_apart(widget: QWidget, still: Callable[[], bool] = bool) -> None:
    """Have what a change of a widget leaves to paint painted in a later turn than the change.

    Unlike :func:`paint_later` only that is painted, and a picture of the widget that is taken meanwhile has the change.

    Parameters
    ----------
    widget : QWidget
    still : callable, optional
        Returns whether the change is still under way, in turns of its own: nothing is painted until it is not.
    """
    window = widget.window()
    if not widget.isVisible():
        return
    held = window.findChild(_HeldPainting, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if held is None:
        held = _HeldPainting(window)
    assert isinstance(held, _HeldPainting)
    held.wait_for(still)


class _HeldPainting(QObject):
    """Keeps a window from being painted until the next turn, or as long as something in it still changes."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._is_asked = False
        self._changes: list[Callable[[], bool]] = []
        """For each change, whether it is still under way."""
        window.installEventFilter(self)
        QTimer.singleShot(1, self, self._end)  # not 0, as above

    def wait_for(self, still: Callable[[], bool]) -> None:
        """Wait for one more change."""
        self._changes.append(still)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Qt asks a window once to paint all that has changed, and not again until it has.
        if watched is self._window and event.type() == QEvent.Type.UpdateRequest:
            self._is_asked = True
            return True
        return False

    @Slot()
    def _end(self) -> None:
        self._changes = [still for still in self._changes if still()]
        if self._changes:
            QTimer.singleShot(1, self, self._end)
            return
        self._window.removeEventFilter(self)
        self.setParent(None)
        self.deleteLater()
        if self._is_asked:
            QCoreApplication.sendEvent(self._window, QEvent(QEvent.Type.UpdateRequest))
