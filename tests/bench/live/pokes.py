"""Hovering and clicking in a window that trains, as a user would, and how long it takes until that is painted."""

from __future__ import annotations

import random
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from convviz.gui.widgets.array.view import ArrayView

EVERY_MS = 170
"""Not a multiple of the usual time between two pictures."""
CLICK_EVERY = 5
LOOK_AGAIN = 50
"""Pokes after which views are looked for again."""
GIVE_UP = 1.0
"""Seconds: what was hovered there changes nothing."""


class Pokes(QObject):
    """Moves the pointer over the pictures of a window, and clicks now and then.

    An input counts from the moment when it was due, so that it counts how long the window was busy with something else,
    to the end of the next painting of the widget that it went to.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._random = random.Random(1)
        self._count = 0
        self._views: list[ArrayView] = []
        self._since: float | None = None
        self._target: Any = None
        self._due = time.perf_counter() + EVERY_MS / 1e3
        self.seconds: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._poke)
        self._timer.start(EVERY_MS)

    def p95(self) -> float:
        """Milliseconds."""
        self.seconds.sort()
        return 1e3 * self.seconds[int(0.95 * len(self.seconds))] if self.seconds else float("nan")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._since is not None:
            QTimer.singleShot(0, self, self._painted)
        return super().eventFilter(watched, event)

    def _painted(self) -> None:
        if self._since is not None:
            self.seconds.append(time.perf_counter() - self._since)
            self._since = None

    def _poke(self) -> None:
        due, now = self._due, time.perf_counter()
        # A timer that was late starts anew: the delay must not count for every later input.
        self._due = now + self._timer.remainingTime() / 1e3
        if self._since is not None:
            if now - self._since < GIVE_UP:
                return
            self._since = None
        found = self._place()
        if found is None:
            return
        if self._target is not None:
            self._target.removeEventFilter(self)
        self._target, place = found
        self._target.installEventFilter(self)
        self._count += 1
        self._since = due
        send(self._target, QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton)
        if self._count % CLICK_EVERY == 0:
            send(self._target, QEvent.Type.MouseButtonPress, place, Qt.MouseButton.LeftButton)
            send(self._target, QEvent.Type.MouseButtonRelease, place, Qt.MouseButton.LeftButton)

    def _place(self) -> tuple[ArrayView, QPointF] | None:
        """A cell that is not hovered yet, so that hovering it paints something."""
        if self._count % LOOK_AGAIN == 0:  # looking for them takes milliseconds
            self._views = [one for one in self._window.findChildren(ArrayView) if one.isVisible() and one.width() > 30]
        views = self._views
        for _ in range(20 if views else 0):
            view = self._random.choice(views)
            place = QPointF(self._random.uniform(4, view.width() - 4), self._random.uniform(4, view.height() - 4))
            cell = view.cell_at(place)
            if cell is not None and cell != view.hovered_cell:
                return view, place
        return None


def send(target: QWidget, kind: QEvent.Type, place: QPointF, button: Qt.MouseButton) -> None:
    """Give a widget an event of the mouse."""
    held = button if kind == QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
    where = target.mapToGlobal(place)
    QApplication.sendEvent(target, QMouseEvent(kind, place, where, button, held, Qt.KeyboardModifier.NoModifier))
