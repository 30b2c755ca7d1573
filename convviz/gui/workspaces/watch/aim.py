"""Whether the user may be about to click: until then, no view appears unasked and moves things under the pointer."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

RESTS = 1.0
"""Seconds that the pointer must be still before it counts as at rest."""
LOOKS_MS = 250
"""Milliseconds between two looks at the pointer while a view waits."""


class Aim(QObject):
    """Watches the pointer over a page while a view waits to appear or disappear.

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
        The pointer is at rest: waiting views may appear or disappear.
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
        """Whether the pointer is over a widget: then the user asked for what happens to it."""
        return widget.isVisible() and widget.rect().contains(widget.mapFromGlobal(self._pointer()))

    def may_move(self) -> bool:
        """Whether the page's views may move now; if not, :attr:`rested` is emitted once they may."""
        if self._rests():
            self._look.stop()
            return True
        self._look.start()
        return False

    def look(self) -> None:
        """Emit :attr:`rested` if the pointer is at rest by now."""
        if self._rests():
            self._look.stop()
            self.rested.emit()

    def _rests(self) -> bool:
        at, now = self._pointer(), self._clock()
        if not self._page.isVisible() or not self._page.rect().contains(self._page.mapFromGlobal(at)):
            self._seen = None  # once it comes back it counts as moving, wherever it is
            return True
        if at != self._seen:
            self._seen, self._since = at, now
        return now - self._since >= RESTS and QApplication.mouseButtons() == Qt.MouseButton.NoButton
