"""What signals that end the program do: they interrupt a command, or wait until it can stop and save the run."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Sent by Ctrl+C, by `kill` and shutting down, and by closing the terminal."""

AGAIN = 0.05
"""Seconds after which an interruption that was dropped comes again."""


class Ending:
    """Inside the ``with`` block, every signal that would end the program raises KeyboardInterrupt, as Ctrl+C does.

    So files that are half written are removed, and children end, whichever signal it was. Python drops an exception
    that it can't raise, such as in the callback of a weak reference while it imports; the interruption then comes
    again. A signal that somebody ignores or handles is left alone.
    """

    def __init__(self) -> None:
        self._number = int(signal.SIGINT)
        self._before: dict[int, Any] = {}
        self._hook: Callable[[sys.UnraisableHookArgs], Any] = sys.unraisablehook
        self._again: threading.Timer | None = None
        self._is_dropping = False

    @property
    def exit_code(self) -> int:
        """The exit code of a program that was ended by the signal that came last."""
        return 128 + self._number

    def __enter__(self) -> Ending:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                    self._before[number] = signal.signal(number, self._end)
            self._hook, sys.unraisablehook = sys.unraisablehook, self._dropped
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        if self._again is not None:
            self._again.cancel()
        if sys.unraisablehook == self._dropped:
            sys.unraisablehook = self._hook

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._number = number
        if not self._is_dropping:
            raise KeyboardInterrupt
        self._come_again()

    def _dropped(self, what: sys.UnraisableHookArgs) -> None:
        if not issubclass(what.exc_type, KeyboardInterrupt):
            self._hook(what)
            return
        self._is_dropping = True  # what is raised here is dropped, too
        try:
            self._come_again()
        finally:
            self._is_dropping = False

    def _come_again(self) -> None:
        self._again = threading.Timer(AGAIN, _thread.interrupt_main, (self._number,))
        self._again.daemon = True
        self._again.start()


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
