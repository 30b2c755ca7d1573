"""Checks numbers in another thread: a gradient check runs the pass several times, and plain NumPy is slow."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from convviz.gui.widgets.posted import posted


class Checker(QObject):
    """Runs one check at a time; a new check replaces the previous one.

    Attributes
    ----------
    checked : Signal(object)
        The result of the latest check; None if memory ran out.
    """

    checked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        self._waiting: tuple[int, Callable[[], object]] | None = None
        self._worker: threading.Thread | None = None
        self._done = posted(self._finish)

    @property
    def is_busy(self) -> bool:
        """Whether a check is still running."""
        return self._waiting is not None or self._worker is not None

    def ask(self, task: Callable[[], object]) -> None:
        """Start a check, which must not read anything that the window's thread writes."""
        self._number += 1
        self._waiting = self._number, task
        if self._worker is None:
            self._start()

    def forget(self) -> None:
        """Drop the running check: its result is not reported."""
        self._number += 1
        self._waiting = None

    def _start(self) -> None:
        if self._waiting is None:
            return
        (number, task), self._waiting = self._waiting, None
        done = self._done

        def work() -> None:
            found: object = None
            try:
                with contextlib.suppress(MemoryError):
                    found = task()
            finally:  # other errors are printed; the next check runs all the same
                done(number, found)

        self._worker = threading.Thread(target=work, name="convviz-check", daemon=True)
        self._worker.start()

    def _finish(self, number: int, found: object) -> None:
        if self._worker is not None:
            self._worker.join()
            self._worker = None
        if number == self._number:
            self.checked.emit(found)
        self._start()
