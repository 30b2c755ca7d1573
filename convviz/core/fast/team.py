"""Threads that run their parts of a minibatch, wait for each other and for the next one, all without the GIL.

A thread that Python wakes costs a tenth of a millisecond or more, and then it has to wait until the window lets go of
the GIL. A minibatch has several places where threads wait for each other. So all of that is machine code:

    leader (the caller)                     others
    lead: hands each its table      ──▶     serve: takes it
    calls · meet · calls · meet …           calls · meet · calls · meet …        (core/fast/chain walks each table)
    waits until the others are done  ◀──    are done; wait for the next one for a moment, then go back to Python

A thread that waits spins for some microseconds, then yields to other threads of the machine, and at last sleeps and
looks from time to time: a busy machine loses little by it.
"""

from __future__ import annotations

import ctypes
import sys
import weakref
from collections.abc import Sequence
from functools import cache, partial
from itertools import groupby
from typing import Any

import numba
import numpy as np

from convviz.core.fast.atomics import call_code, change, increase, look, relax, swap
from convviz.core.fast.chain import Chain, chained, is_compiled, walker
from convviz.core.fast.inner_loops import address_of
from convviz.core.fast.jit import compiled
from convviz.core.fast.loops import run_loops
from convviz.core.fast.traced import in_loops
from convviz.core.lanes import Group, Lanes, Thunk, Together, calls_of

LINE = 16
"""Distance of words that different threads write: processors exchange 64 or 128 bytes at a time."""
MET, FAILED, DONE, CODE, LANES = 0, LINE, 2 * LINE, 3 * LINE, 4 * LINE
"""Places of the words that all share: how many threads have reached a meeting, whether a call failed, how many threads
are done; the addresses of the walker, of a function that yields and of one that sleeps; then the words of each lane."""
WAITING, POSTED, AWAY, LEAVE = 0, 1, 2, 3
"""Values of a lane's first word: its thread waits here; has a table; is in Python, or missing; should go to Python."""

TURNS = 400
"""Looks at a word before a thread yields: about ten microseconds, longer than most waits."""
POLITE = 100
"""Further looks, each after yielding, before a thread sleeps."""
NAP, DOZE = 50, 4
"""Microseconds of the first naps, and how many naps there are before they become twice as long, up to 16 times: while
other programs have the cores, a wait takes milliseconds, and looking costs processor time too."""
PATIENCE = 16
"""Naps without another minibatch after which a thread goes back to Python, which can wait without looking."""


@compiled
def await_word(state, place, enough):
    """Wait until a word is at least ``enough``, or a call has failed."""
    for _ in range(TURNS):
        if look(state, place) >= enough:
            return
        relax()
    looks = 0
    while look(state, place) < enough and look(state, FAILED) == 0:
        rest(state, looks)
        looks += 1


@compiled
def rest(state, looks):
    """Yield to other threads, or sleep if that has not helped."""
    if looks < POLITE:
        call_code(state[CODE + 1], 0, 0)
    else:
        call_code(state[CODE + 2], NAP << min((looks - POLITE) // DOZE, 4), 0)


@compiled
def meet(state, enough):
    """Go on when all have arrived: ``enough`` counts the arrivals since the minibatch began."""
    increase(state, MET)
    await_word(state, MET, enough)
    if look(state, FAILED) != 0:
        raise RuntimeError("another thread failed")


@compiled
def serve(state, lane):
    """Run the tables that the leader hands to this lane, until it should go back to Python."""
    word = LANES + LINE * lane
    change(state, word, AWAY, WAITING)
    while True:
        turns, looks = 0, 0
        while look(state, word) == WAITING:
            if turns < TURNS:
                relax()
                turns += 1
            elif looks < POLITE + PATIENCE:
                rest(state, looks)
                looks += 1
            elif change(state, word, WAITING, AWAY) == WAITING:
                return
        if change(state, word, LEAVE, AWAY) == LEAVE:
            return
        swap(state, word, WAITING)
        if call_code(state[CODE], state[word + 1], state[word + 2]) != 0:
            swap(state, FAILED, 1)
        increase(state, DONE)


@compiled
def dismiss(state, word):
    """Send the thread that waits at a lane's word, if one does, back to Python."""
    change(state, word, WAITING, LEAVE)


@compiled
def post(state, tables):
    """Hand out the tables, one a lane; returns how many lanes have no thread to serve them yet."""
    for place in (MET, FAILED, DONE):
        swap(state, place, 0)
    away = 0
    for lane in range(1, len(tables)):
        word = LANES + LINE * lane
        state[word + 1], state[word + 2] = tables[lane, 0], tables[lane, 1]
        state[word + 3] = swap(state, word, POSTED)
        away += state[word + 3] == AWAY
    return away


@compiled
def follow(state, tables):
    """Run the leader's own part, then wait until all are done; returns 0 if nothing failed."""
    if call_code(state[CODE], tables[0, 0], tables[0, 1]) != 0:
        swap(state, FAILED, 1)
    others = len(tables) - 1
    looks = 0
    while look(state, DONE) < others:  # also where a call has failed: nobody may still be at work
        if looks < TURNS:
            relax()
        else:
            rest(state, looks - TURNS)
        looks += 1
    return look(state, FAILED)


@compiled
def lead(state, tables):
    """:func:`post` and :func:`follow`; -1, without the leader's own part, if threads have to be sent first."""
    return -1 if post(state, tables) else follow(state, tables)


@cache
def system() -> tuple[Any, Any]:
    """The operating system's functions that yield and sleep; both are called with words that they may ignore."""
    if sys.platform == "win32":
        kernel: Any = ctypes.WinDLL("kernel32")
        return kernel.SwitchToThread, kernel.SwitchToThread  # a sleep there lasts a millisecond and more
    own: Any = ctypes.CDLL(None)
    return own.sched_yield, own.usleep


class Team:
    """The threads of some lanes, which wait in machine code.

    Parameters
    ----------
    lanes : Lanes
        Owner of the threads. One team for them is enough (:meth:`of`).
    """

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = weakref.ref(lanes)
        self.state = np.zeros(LANES + LINE * lanes.threads, np.int64)
        addresses = walker().address, *map(address_of, system())
        self.state[CODE : CODE + 3] = addresses
        self._words = range(LANES + LINE, len(self.state), LINE)
        self.state[list(self._words)] = AWAY
        lanes.before = self.leave

    @staticmethod
    def of(lanes: Lanes) -> Team:
        """The team of these lanes."""
        owner = getattr(lanes.before, "__self__", None)
        return owner if isinstance(owner, Team) else Team(lanes)

    def leave(self) -> None:
        """Send all threads back to Python, where other calls wait for them."""
        for word in self._words:
            dismiss(self.state, word)

    def send(self) -> None:
        """Send a thread to every lane that has a table but no thread."""
        lanes = self._lanes()
        assert lanes is not None
        for lane, word in enumerate(self._words, 1):
            if self.state[word + 3] == AWAY:
                lanes.hand_out(partial(serve, self.state, lane))
                self.state[word + 3] = WAITING


class Job:
    """Groups of lists of compiled calls, one list a lane, as one call: a group begins when the one before is done.

    Raises
    ------
    RuntimeError
        On calling it: a kernel raised an error.
    """

    calls = 1
    """Calls that Python makes."""

    def __init__(self, lanes: Lanes, groups: Sequence[Group]) -> None:
        self._owner, self._team = lanes, Team.of(lanes)
        lists: list[list[Thunk]] = [[] for _ in range(max(map(len, groups)))]
        met = 0
        for before, group in zip([None, *groups], groups, strict=False):
            if before is not None and (len(before) > 1 or len(group) > 1):
                met += len(lists)
                for calls in lists:
                    calls.append(partial(meet, self._team.state, met))
            for calls, more in zip(lists, group, strict=False):
                calls += more
        self._chains = [Chain(calls) for calls in lists]
        self._tables = np.array([chain.table for chain in self._chains], np.int64)

    @property
    def lanes(self) -> int:
        """How many threads share the work."""
        return len(self._chains)

    def __call__(self) -> None:
        if not self.succeeds():
            raise RuntimeError("a compiled kernel failed")

    def succeeds(self) -> bool:
        """Run all; returns whether no kernel raised an error. After an error, no further group is finished."""
        state = self._team.state
        status = lead(state, self._tables)
        if status < 0:
            self._team.send()
            status = follow(state, self._tables)
        return bool(status == 0)


def joined(groups: Sequence[Group], lanes: Lanes) -> list[Job | Together]:
    """One call for neighbouring groups whose calls are all compiled; one call for each of the others."""
    groups = [[[in_loops(call) for call in calls] for calls in group] for group in groups]
    found: list[Job | Together] = []
    for compiled_only, some in groupby(groups, lambda group: all(map(is_compiled, calls_of([group])))):
        if compiled_only:
            found.append(Job(lanes, list(some)))
        else:
            found += [Together(lanes, [chained(calls) for calls in group]) for group in some]
    return found


WORDS_TYPE = numba.types.Array(numba.types.int64, 1, "C")
TABLES_TYPE = numba.types.Array(numba.types.int64, 2, "C")
OWN = (
    (meet, (WORDS_TYPE, numba.types.intp)),
    (serve, (WORDS_TYPE, numba.types.intp)),
    (dismiss, (WORDS_TYPE, numba.types.intp)),
    (lead, (WORDS_TYPE, TABLES_TYPE)),
    (follow, (WORDS_TYPE, TABLES_TYPE)),
    (run_loops, (WORDS_TYPE,)),
)
"""Functions that a team compiles, and their argument types."""
