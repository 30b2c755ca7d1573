"""One BLAS thread for the whole process, for as long as anyone trains.

The trainer's own threads share the work of a minibatch. With BLAS threads beside them the processor's cores are
fought over (OpenBLAS' threads spin for most of a core while they wait), and sums come out differently with each number
of threads, so that one seed no longer gives the same bits.

How many threads BLAS uses is one number for the whole process, so it is counted here who needs it to be one: the first
to ask sets it, and when the last one lets go, BLAS gets the number back that it had. A program that imports convviz
keeps its fast NumPy before and after training; while it trains, its other threads share the single BLAS thread.

threadpoolctl alone does not do this. From 3.8 on it obeys only the thread that limited OpenBLAS first, until that one
ends, and silently ignores all others: a trainer in the second thread would run without a limit.
"""

from __future__ import annotations

import threading
import weakref
from types import TracebackType
from typing import Any

from threadpoolctl import ThreadpoolController


class OneBlasThread:
    """BLAS runs on one thread until :meth:`release`, the end of a ``with``, or until this object is gone.

    Any thread may make it, and any thread may release it.

    Where BLAS is built on OpenMP, that counts threads for each of the program's threads, and the limit holds for the
    thread that made this object.
    """

    def __init__(self) -> None:
        _LIMIT.hold()
        self._let_go = weakref.finalize(self, _LIMIT.let_go)
        self._let_go.atexit = False

    def release(self) -> None:
        """Let go of the limit; does nothing the second time."""
        self._let_go()

    def __enter__(self) -> OneBlasThread:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class _Limit:
    """Who holds the limit, and how many threads every BLAS library had before."""

    def __init__(self) -> None:
        # Garbage collection may let go in the middle of hold(), in the same thread: so it can be taken twice.
        self._lock = threading.RLock()
        self._holders = 0
        self._before: dict[str, int] = {}

    def hold(self) -> None:
        with self._lock:
            self._holders += 1
            for library in blas_libraries():
                if library.num_threads != 1:  # None where it cannot be asked
                    self._before[library.filepath] = library.num_threads
                    set_threads(library, 1)

    def let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders:
                return
            for library in blas_libraries():
                before = self._before.get(library.filepath)
                # Another number was set by someone else meanwhile, and stays.
                if before is not None and library.num_threads == 1:
                    set_threads(library, before)
            self._before.clear()


def blas_libraries() -> list[Any]:
    """The BLAS libraries of this process, as threadpoolctl controls them."""
    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found


def set_threads(library: Any, count: int) -> None:
    """Set the number of threads from whatever thread this is.

    Before and after, no thread is in control of the library (see above), so that neither we nor others are ignored.
    """
    clear = getattr(library, "clear_controlling_thread", None)  # OpenBLAS, threadpoolctl 3.8 and later
    if clear is not None:
        clear(force=True)
    library.set_num_threads(count)
    if clear is not None:
        clear(force=True)


_LIMIT = _Limit()
"""The number belongs to the process, and so does this."""
