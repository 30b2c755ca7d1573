"""Delays signals that end the program, so that the minibatch can be finished and the run saved."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Sent by Ctrl+C, by `kill` and shutting down, and by closing the terminal."""


class Interruption:
    """Inside the ``with`` block, the first signal that would end the program is only noted; the second one ends it.

    Parameters
    ----------
    heard : bool
        Whether to note signals at all; False leaves them alone.
    """

    def __init__(self, *, heard: bool = True) -> None:
        self.number = 0
        """Number of the noted signal; 0 if there is none."""
        self._heard = heard
        self._before: dict[int, Any] = {}

    @property
    def asked(self) -> bool:
        """Whether a signal was noted."""
        return self.number != 0

    @property
    def exit_code(self) -> int:
        """The exit code of a program that was ended by the signal."""
        return 128 + self.number

    def __enter__(self) -> Interruption:
        # Signals reach the main thread only. A signal that our parent told us to ignore (nohup) stays ignored.
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
