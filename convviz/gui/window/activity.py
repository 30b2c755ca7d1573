"""When somebody last used the window: moved the pointer over it, clicked, turned the wheel or pressed a key."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QGuiApplication, QWindow

INPUT = frozenset(
    {
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.Wheel,
        QEvent.Type.KeyPress,
        QEvent.Type.KeyRelease,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletMove,
        QEvent.Type.TabletPress,
        QEvent.Type.NativeGesture,
    }
)
"""Events that only somebody at the machine causes."""


class Activity(QObject):
    """Notes when the window that has the focus, or had it before, last got input.

    Qt keeps no such time. The filter hears the windows of the system, which get an event of input once, and few others;
    one of the application would be called for every event of every widget.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = monotonic()
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._watch)
        self._watch(app.focusWindow())

    @property
    def rest(self) -> float:
        """Seconds since the last input."""
        return monotonic() - self._last

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in INPUT:
            self._last = monotonic()
        return False

    @Slot(QWindow)
    def _watch(self, window: QWindow | None) -> None:
        """Hear a window: a dialog that is opened, or the whole window when it is gone back to."""
        self._last = monotonic()
        if window is not None:
            window.installEventFilter(self)  # again and again: Qt keeps one entry for each filter
