"""One BLAS thread for the whole process while anything is training.

The trainer's own threads share the work of a minibatch. BLAS threads would compete with them for the processor's cores
(OpenBLAS' threads spin for most of a core while they wait), and sums would depend on the number of threads, so that one
seed would no longer give the same bits.

The number of BLAS threads belongs to the whole process, so the users of the limit are counted here: the first one sets
it to 1, and the last one restores the previous number. A program that imports convviz keeps its fast NumPy before and
after training; while it trains, its other threads share the single BLAS thread.

threadpoolctl alone does not do this. From 3.8 on, it obeys only the first thread that limited OpenBLAS, until that
thread ends, and silently ignores all others: a trainer in another thread would run without a limit.
"""

from __future__ import annotations

import sys
import threading
import weakref
from functools import lru_cache
from types import TracebackType
from typing import Any

from threadpoolctl import ThreadpoolController


class OneBlasThread:
    """Limits BLAS to one thread until :meth:`release`, the end of a ``with`` block, or the deletion of this object.

    Any thread may make it, and any thread may release it.

    OpenMP counts threads separately for each thread of the program: if BLAS is built on it, the limit applies only to
    the thread that made this object.
    """

    def __init__(self) -> None:
        _LIMIT.hold()
        self._let_go = weakref.finalize(self, _LIMIT.let_go)
        self._let_go.atexit = False

    def release(self) -> None:
        """Release the limit; a second call does nothing."""
        self._let_go()

    def __enter__(self) -> OneBlasThread:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class _Limit:
    """How many objects hold the limit, and how many threads every BLAS library had before."""

    def __init__(self) -> None:
        # Garbage collection may call let_go() during hold(), in the same thread: so the lock must be reentrant.
        self._lock = threading.RLock()
        self._holders = 0
        self._before: dict[str, int] = {}

    def hold(self) -> None:
        with self._lock:
            self._holders += 1
            for library in blas_libraries():
                if library.num_threads != 1:  # None if it can't be read
                    self._before[library.filepath] = library.num_threads
                    set_threads(library, 1)

    def let_go(self) -> None:
        with self._lock:
            self._holders -= 1
            if self._holders:
                return
            for library in blas_libraries():
                before = self._before.get(library.filepath)
                # Another part of the program has set another number meanwhile; keep it.
                if before is not None and library.num_threads == 1:
                    set_threads(library, before)
            self._before.clear()


def blas_libraries() -> list[Any]:
    """The BLAS libraries of this process, as threadpoolctl controls them."""
    return _libraries_with(len(sys.modules))


@lru_cache(maxsize=1)
def _libraries_with(_modules: int) -> list[Any]:
    """The libraries that were loaded once this many modules were imported.

    Looking for them reads all that the process has mapped, which takes longer than most steps of a pass; and a library
    only comes with a module.
    """
    found: list[Any] = ThreadpoolController().select(user_api="blas").lib_controllers
    return found


def set_threads(library: Any, count: int) -> None:
    """Set the number of threads, from any thread.

    Before and after, no thread has control of the library (see above), so neither this call nor later ones are ignored.
    """
    clear = getattr(library, "clear_controlling_thread", None)  # OpenBLAS, threadpoolctl 3.8 and later
    if clear is not None:
        clear(force=True)
    library.set_num_threads(count)
    if clear is not None:
        clear(force=True)


_LIMIT = _Limit()
"""One for the process, like the number of BLAS threads."""
