"""Lists of calls that run side by side, one list a thread."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

import numpy as np

Thunk = Callable[[], None]
Group = Sequence[Sequence[Thunk]]
"""Lists of calls, one list a thread."""
Outcome = BaseException | None
Task = tuple[Sequence[Thunk], "SimpleQueue[Outcome]"]


class Lanes:
    """Runs lists of thunks side by side: the first in the calling thread, the others in waiting threads.

    A stage of a minibatch may take a tenth of a millisecond, so a plain queue hands out the work: a thread pool's
    futures would cost several more thread switches.

    Attributes
    ----------
    before : callable
        Called before lists are handed out: brings back the threads that wait for work elsewhere.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.before: Thunk = nothing
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._workers = [
            threading.Thread(target=work, args=(self._tasks,), name=f"convviz-shard-{number}", daemon=True)
            for number in range(1, threads)
        ]
        for worker in self._workers:
            worker.start()
        self._end = weakref.finalize(self, end, self._tasks, threads - 1)

    def run(self, lanes: Sequence[Sequence[Thunk]]) -> None:
        """Run every list in order; returns when all are done; the first error is raised."""
        busy = [lane for lane in lanes if lane]
        others = busy[1:] if self._workers else []
        if others:
            self.before()
        done: SimpleQueue[Outcome] = SimpleQueue()
        for lane in others:
            self._tasks.put((lane, done))
        outcomes = [outcome_of(lane) for lane in (busy[:1] if self._workers else busy)]
        outcomes += [done.get() for _ in others]
        for error in outcomes:
            if error is not None:
                raise error

    def hand_out(self, thunk: Thunk) -> None:
        """Let the next free thread call ``thunk``; the caller does not wait."""
        self._tasks.put(([thunk], SimpleQueue()))

    def close(self) -> None:
        """End the threads."""
        self.before()
        self._end()
        for worker in self._workers:
            worker.join()
        self._workers = []


@dataclass(frozen=True, slots=True)
class Together:
    """Runs one group of lists; returns when all are done."""

    lanes: Lanes
    group: Group

    def __call__(self) -> None:
        self.lanes.run(self.group)

    def succeeds(self) -> bool:
        """Run all; a call that refuses a number that is not finite ends its list. Returns whether none refused."""
        try:
            self()
        except FloatingPointError:
            return False
        return True

    @property
    def calls(self) -> int:
        """Number of calls that Python makes."""
        return sum(map(len, self.group))


def calls_of(groups: Iterable[Group]) -> Iterator[Thunk]:
    """All calls of some groups."""
    return (call for group in groups for calls in group for call in calls)


def nothing() -> None:
    """Do nothing."""


def end(tasks: SimpleQueue[Task | None], workers: int) -> None:
    """Make ``workers`` threads end."""
    for _ in range(workers):
        tasks.put(None)


def work(tasks: SimpleQueue[Task | None]) -> None:
    """Body of a worker thread: run lists until None comes."""
    while (task := tasks.get()) is not None:
        lane, done = task
        done.put(outcome_of(lane))


def outcome_of(thunks: Iterable[Thunk]) -> Outcome:
    """Run a list; returns the error that ended it, if one did."""
    try:
        run_all(thunks)
    except BaseException as error:  # noqa: BLE001 (it is raised in the thread that waits)
        return error
    return None


def run_all(thunks: Iterable[Thunk]) -> None:
    """Call one after the other, without warnings about NaN and infinity: those are checked for afterwards."""
    with np.errstate(all="ignore"):
        for thunk in thunks:
            thunk()
