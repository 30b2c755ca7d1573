"""Close the window on signals that end the program: Ctrl+C in its terminal, ``kill``, and a closed terminal."""

from __future__ import annotations

import signal
from types import FrameType

from PySide6.QtCore import QObject, QTimer

from convviz.gui.window.main_window import MainWindow

BEAT_MS = 200
"""Interval of a timer: Python handles signals only when it runs, so they would wait for the next event without it."""


class EndingSignals(QObject):
    """Closes a window as its user would, with a question about unsaved work; a second signal cancels that question.

    Parameters
    ----------
    window : MainWindow

    Attributes
    ----------
    exit_code : int
        128 and the number of the signal that ended the program; 0 if none did.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._heard = 0
        self.exit_code = 0
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # A parent that ignores Ctrl+C, or a closed terminal (nohup), is respected.
            if number is not None and (name == "SIGTERM" or signal.getsignal(number) is not signal.SIG_IGN):
                signal.signal(number, self._received)
        beat = QTimer(self)
        beat.timeout.connect(_nothing)
        beat.start(BEAT_MS)

    def _received(self, number: int, _frame: FrameType | None) -> None:
        # Only once the event loop runs: closing a window before that would not end the program.
        QTimer.singleShot(0, lambda: self._end(number))

    def _end(self, number: int) -> None:
        self._heard += 1
        heard, self.exit_code = self._heard, 128 + number
        if self._window.is_asking:
            self._window.close_unasked()
        elif not self._window.close() and self._heard == heard:
            self.exit_code = 0  # the user stays


def _nothing() -> None:
    pass
