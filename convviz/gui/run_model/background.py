"""Work in a separate thread; only the newest task counts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled, LoadCancelledError

Task = Callable[[Cancelled], object]


class Background(QObject):
    """Does one task at a time; a new one cancels the one before it.

    Parameters
    ----------
    name : str
        Of the thread.

    Attributes
    ----------
    done : Signal(object)
        What a task returned, unless it was cancelled or failed.
    """

    done = Signal(object)
    _ended = Signal(int, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._number = 0
        self._counts = False
        """Whether the newest task is neither done nor dropped."""
        self._worker: threading.Thread | None = None
        self._waiting: Task | None = None
        self._ended.connect(self._end)

    def start(self, task: Task) -> None:
        """Begin a task, in place of the current one."""
        self._number += 1
        self._counts, self._waiting = True, task
        if self._worker is None:
            self._begin()

    def cancel(self) -> None:
        """Drop the current task."""
        self._number += 1
        self._counts, self._waiting = False, None

    @property
    def is_busy(self) -> bool:
        """Whether a task that still counts is running."""
        return self._counts

    def _begin(self) -> None:
        task, self._waiting = self._waiting, None
        if task is None:
            return
        number = self._number

        def work() -> None:
            found: object = None
            with contextlib.suppress(LoadCancelledError, ConvvizError, ValueError, MemoryError):
                found = task(lambda: number != self._number)
            with contextlib.suppress(RuntimeError):  # the window is gone by now
                self._ended.emit(number, found)

        self._worker = threading.Thread(target=work, name=self._name, daemon=True)
        self._worker.start()

    @Slot(int, object)
    def _end(self, number: int, found: object) -> None:
        if self._worker is not None:
            self._worker.join()
            self._worker = None
        if number == self._number:
            self._counts = False
            if found is not None:
                self.done.emit(found)
        self._begin()
