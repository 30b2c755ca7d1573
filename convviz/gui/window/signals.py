"""Signals that end the program close the window: Ctrl+C in its terminal, ``kill``, and a terminal that is closed."""

from __future__ import annotations

import signal
from types import FrameType

from PySide6.QtCore import QObject, QTimer

from convviz.gui.window.main_window import MainWindow

BEAT_MS = 200
"""Python looks at signals only when it runs: without a timer they would wait for the next event."""


class EndingSignals(QObject):
    """Closes a window as its user does, with the question before something is lost; a second signal ends that question.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # Who started us without Ctrl+C, or to live on without a terminal (nohup), is not overruled.
            if number is not None and (name == "SIGTERM" or signal.getsignal(number) is not signal.SIG_IGN):
                signal.signal(number, self._came)
        beat = QTimer(self)
        beat.timeout.connect(_nothing)
        beat.start(BEAT_MS)

    def _came(self, _number: int, _frame: FrameType | None) -> None:
        # Once events are handled: a window closed before that ends nothing.
        QTimer.singleShot(0, self._window.close_unasked if self._window.is_asking else self._window.close)


def _nothing() -> None:
    pass
