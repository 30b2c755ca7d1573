"""Long computations in a separate thread, one after the other; a new one of a kind cancels the one before."""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from convviz.core.errors import ConvvizError
from convviz.gui.widgets.posted import posted
from convviz.probe.progress import ProbeCancelledError, Progress

SAID_EVERY = 0.05
"""Seconds between two messages of progress."""

Tell = Callable[[object], None]
"""Passes on a part of the result."""
Work = Callable[[Progress, Tell], object]


class Worker(QObject):
    """Runs functions that get a progress function and one that passes on parts of their result.

    Attributes
    ----------
    progressed : Signal(str, int, int)
        Kind of work, how many are done, of how many.
    found : Signal(str, object)
        A part of the result.
    finished : Signal(str, object)
        The result.
    failed : Signal(str, str)
        A sentence that says why there is none.
    """

    progressed = Signal(str, int, int)
    found = Signal(str, object)
    finished = Signal(str, object)
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: queue.SimpleQueue[tuple[str, int, Work] | None] = queue.SimpleQueue()
        self._numbers: dict[str, int] = {}
        self._waiting: dict[str, int] = {}
        self._thread: threading.Thread | None = None
        self._say = posted(self._take)

    def start(self, kind: str, work: Work) -> None:
        """Begin this as soon as running work of other kinds is done."""
        number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
        self._waiting[kind] = number
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="convviz-probe", daemon=True)
            self._thread.start()
        self._jobs.put((kind, number, work))

    def cancel(self, kind: str) -> None:
        """Cancel this kind of work."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        self._waiting.pop(kind, None)

    def is_busy(self, kind: str) -> bool:
        """Whether such work is being done or about to be."""
        return kind in self._waiting

    def close(self) -> None:
        """Cancel everything, and wait for the running batch."""
        for kind in list(self._numbers):
            self.cancel(kind)
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(5.0)
            self._thread = None

    # --- in the thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            kind, number, work = job
            if self._numbers.get(kind) == number:
                self._do(kind, number, work)

    def _do(self, kind: str, number: int, work: Work) -> None:
        last = 0.0

        def progress(done: int, total: int) -> bool:
            nonlocal last
            now = time.monotonic()
            if now - last >= SAID_EVERY:
                last = now
                self._say(kind, number, "progress", (done, total))
            return self._numbers.get(kind) == number

        try:
            result = work(progress, lambda part: self._say(kind, number, "part", part))
        except ProbeCancelledError:
            return
        except ConvvizError as error:
            self._say(kind, number, "error", str(error))
        except MemoryError:
            self._say(kind, number, "error", "there is not enough memory for this on this machine")
        except Exception:  # noqa: BLE001 (reported like that of any thread, and nobody waits for ever)
            self._say(kind, number, "error", "this can't be computed, by a fault of convviz: please report it")
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
        else:
            self._say(kind, number, "result", result)

    # --- in the window's thread -------------------------------------------------------------------------------------

    def _take(self, kind: str, number: int, what: str, value: Any) -> None:
        if self._numbers.get(kind) != number:
            return
        if what == "progress":
            self.progressed.emit(kind, *value)
        elif what == "part":
            self.found.emit(kind, value)
        else:
            self._waiting.pop(kind, None)
            (self.failed if what == "error" else self.finished).emit(kind, value)
