"""Work in a separate thread; only the newest task counts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled, LoadCancelledError
from convviz.gui.widgets.posted import posted

Task = Callable[[Cancelled], object]


class Background(QObject):
    """Runs one task at a time in a thread; a new task cancels the previous one.

    Parameters
    ----------
    name : str
        Name of the thread.

    Attributes
    ----------
    done : Signal(object)
        The result of a task, unless it was cancelled or failed.
    """

    done = Signal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._number = 0
        self._counts = False
        """Whether the newest task is neither finished nor dropped."""
        self._worker: threading.Thread | None = None
        self._waiting: Task | None = None
        self._ended = posted(self._end)
        self._is_dropped = threading.Event()
        """Set when the newest task is dropped. The thread has it instead of this object, which may be deleted."""

    def start(self, task: Task) -> None:
        """Start a task in place of the current one."""
        self._drop()
        self._counts, self._waiting = True, task
        if self._worker is None:
            self._begin()

    def cancel(self) -> None:
        """Drop the current task: its result is not reported."""
        self._drop()
        self._counts, self._waiting = False, None

    @property
    def is_busy(self) -> bool:
        """Whether the newest task is neither finished nor dropped."""
        return self._counts

    def _drop(self) -> None:
        self._number += 1
        self._is_dropped.set()
        self._is_dropped = threading.Event()

    def _begin(self) -> None:
        task, self._waiting = self._waiting, None
        if task is None:
            return
        number, dropped, ended = self._number, self._is_dropped, self._ended

        def work() -> None:
            found: object = None
            try:
                with contextlib.suppress(LoadCancelledError, ConvvizError, ValueError, MemoryError):
                    found = task(dropped.is_set)
            finally:  # other errors are printed; the next task runs all the same
                ended(number, found)

        self._worker = threading.Thread(target=work, name=self._name, daemon=True)
        self._worker.start()

    def _end(self, number: int, found: object) -> None:
        if self._worker is not None:
            self._worker.join()
            self._worker = None
        if number == self._number:
            self._counts = False
            if found is not None:
                self.done.emit(found)
        self._begin()
