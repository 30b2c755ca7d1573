"""Signals that end a program, noted instead of obeyed at once, so that a minibatch can be finished and the run kept."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Ctrl+C, what `kill` sends and shutting down, and a terminal that is closed."""


class Interruption:
    """While it is entered, the first such signal is noted; the second ends the program as always.

    Parameters
    ----------
    heard : bool
        False leaves them as they are.
    """

    def __init__(self, *, heard: bool = True) -> None:
        self.number = 0
        """The signal that came; 0 before."""
        self._heard = heard
        self._before: dict[int, Any] = {}

    @property
    def asked(self) -> bool:
        """Whether a signal came."""
        return self.number != 0

    @property
    def exit_code(self) -> int:
        """As of a program that the signal ended."""
        return 128 + self.number

    def __enter__(self) -> Interruption:
        # Signals reach the main thread only; who started us so that we don't hear one (nohup) is not overruled.
        if self._heard and threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._restore()

    def _restore(self) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()
