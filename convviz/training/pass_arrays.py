"""The stored arrays of a pass by name; a large pass computes some of them again when they are read."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from threading import RLock

from convviz.core.arrays import Array
from convviz.core.execute import Env
from convviz.core.program import Program, Step

Parts = Callable[[Step, Env], Iterator[None]]
"""Runs a step on the arrays and puts the output among them; stops between two parts."""


class PassArrays(MutableMapping[str, Array]):
    """The arrays of a pass so far. All are read-only.

    Those that are remade have the same bits every time: the same step makes them from the same arrays. They may be read
    from any thread.

    Parameters
    ----------
    program : Program
    parts : callable
        Runs a step, as it does when the pass first comes to it.
    remade : frozenset of str
        Arrays that are let go and made anew; their steps read none of each other.
    room : int
        Bytes of these that are kept: the most recently read ones, and always the last.
    let_go : callable
        Called with the name of an array that is let go.
    """

    def __init__(
        self, program: Program, parts: Parts, remade: frozenset[str], room: int, let_go: Callable[[str], object]
    ) -> None:
        self._parts = parts
        self._let_go = let_go
        self._room = room
        self._makers = {step.output: step for step in program.steps if step.output in remade}
        self._made: dict[str, Array | None] = {}
        self._at_hand: OrderedDict[str, Array] = OrderedDict()
        self._used = 0
        self._lock = RLock()

    def is_remade(self, name: str) -> bool:
        """Whether an array is made anew when it is read."""
        return name in self._makers

    def __getitem__(self, name: str) -> Array:
        if name not in self._makers:
            found = self._made[name]
            assert found is not None
            return found
        with self._lock:
            if name not in self._made:
                raise KeyError(name)
            if name in self._at_hand:
                self._at_hand.move_to_end(name)
            else:
                self._hold(name, self.remake(name, self))
            return self._at_hand[name]

    def __setitem__(self, name: str, array: Array) -> None:
        array.flags.writeable = False
        if name not in self._makers:
            self._made[name] = array
            return
        with self._lock:
            self._drop(name)
            self._made[name] = None
            self._hold(name, array)

    def __delitem__(self, name: str) -> None:
        with self._lock:
            self._drop(name)
            del self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __contains__(self, name: object) -> bool:
        return name in self._made

    def remake(self, name: str, given: Mapping[str, Array]) -> Array:
        """Make an array from given ones, without keeping it."""
        step = self._makers[name]
        env = {one: given[one] for one in step.inputs}
        for _ in self._parts(step, env):
            pass
        made = env[name]
        made.flags.writeable = False
        return made

    def outdate(self, name: str) -> None:
        """Let go of a remade array: what its step reads has changed."""
        with self._lock:
            self._drop(name)

    def _hold(self, name: str, array: Array) -> None:
        self._at_hand[name] = array
        self._used += array.nbytes
        while self._used > self._room and len(self._at_hand) > 1:
            self._drop(next(iter(self._at_hand)))

    def _drop(self, name: str) -> None:
        array = self._at_hand.pop(name, None)
        if array is not None:
            self._used -= array.nbytes
            self._let_go(name)
