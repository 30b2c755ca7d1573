"""Whether the user may be about to click: what comes by itself waits, so that nothing moves away under the pointer."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

RESTS = 1.0
"""Seconds after which a pointer that lies still is no longer on its way to something."""
LOOKS_MS = 250
"""Interval at which it is looked at while something waits."""


class Aim(QObject):
    """Watches the pointer over a page, but only while something waits.

    Parameters
    ----------
    page : QWidget
    pointer : callable
        Returns where the pointer is on the screen.
    clock : callable
        Returns seconds.

    Attributes
    ----------
    rested : Signal()
        What waited may come.
    """

    rested = Signal()

    def __init__(
        self,
        page: QWidget,
        pointer: Callable[[], QPoint] = QCursor.pos,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(page)
        self._page, self._pointer, self._clock = page, pointer, clock
        self._seen: QPoint | None = None
        self._since = 0.0
        self._look = QTimer(self)
        self._look.setInterval(LOOKS_MS)
        self._look.timeout.connect(self.look)

    def is_at(self, widget: QWidget) -> bool:
        """Whether the pointer is over a widget: what happens to that was asked for."""
        return widget.isVisible() and widget.rect().contains(widget.mapFromGlobal(self._pointer()))

    def may_move(self) -> bool:
        """Whether the page may move now; if it may not, :attr:`rested` says when."""
        if self._rests():
            self._look.stop()
            return True
        self._look.start()
        return False

    def look(self) -> None:
        """Look whether the pointer rests by now."""
        if self._rests():
            self._look.stop()
            self.rested.emit()

    def _rests(self) -> bool:
        at, now = self._pointer(), self._clock()
        if not self._page.isVisible() or not self._page.rect().contains(self._page.mapFromGlobal(at)):
            self._seen = None  # when it comes back it is on its way, wherever it comes to
            return True
        if at != self._seen:
            self._seen, self._since = at, now
        return now - self._since >= RESTS and QApplication.mouseButtons() == Qt.MouseButton.NoButton
