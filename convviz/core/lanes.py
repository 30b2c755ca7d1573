"""Lists of calls that run side by side, one list a thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

Thunk = Callable[[], None]


class Lanes:
    """Runs lists of thunks side by side: the first in the calling thread, the others in a pool."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads - 1, "convviz-shard") if threads > 1 else None

    def run(self, lanes: Sequence[Sequence[Thunk]]) -> None:
        """Run every list in order; returns when all are done; the first error is raised."""
        busy = [lane for lane in lanes if lane]
        waiting: list[Future[None]] = []
        if self._pool is not None:
            waiting = [self._pool.submit(run_all, lane) for lane in busy[1:]]
            busy = busy[:1]
        try:
            for lane in busy:
                run_all(lane)
        finally:
            for future in waiting:
                future.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()


def run_all(thunks: Iterable[Thunk]) -> None:
    """Call one after the other; NaN and infinity are looked for afterwards, not warned about here."""
    with np.errstate(all="ignore"):
        for thunk in thunks:
            thunk()
