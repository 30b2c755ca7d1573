"""Ctrl+C that is noted instead of raised, so that a minibatch can be finished and the run kept."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


class Interruption:
    """While it is entered, the first Ctrl+C sets :attr:`asked`; the second ends the program as always.

    Parameters
    ----------
    heard : bool
        False leaves Ctrl+C as it is.
    """

    def __init__(self, *, heard: bool = True) -> None:
        self.asked = False
        self._heard = heard
        self._before: Any = None

    def __enter__(self) -> Interruption:
        # Signals reach the main thread only; who started us so that we don't hear Ctrl+C is not overruled.
        ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        if self._heard and threading.current_thread() is threading.main_thread() and not ignored:
            self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        self._restore()

    def _restore(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None
