"""The calls of one stage of a plan."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from convviz.core.lanes import Thunk


@dataclass(frozen=True, slots=True)
class Work:
    """Bound calls of one stage: ``first`` in one thread, ``lanes`` one per thread, then the groups of ``last``."""

    first: list[Thunk]
    lanes: list[list[Thunk]]
    last: list[list[list[Thunk]]]

    @property
    def calls(self) -> Iterator[Thunk]:
        """All of them."""
        return itertools.chain(self.first, *self.lanes, *itertools.chain(*self.last))

    def joined(self, join: Callable[[Sequence[Thunk]], list[Thunk]]) -> Work:
        """The same calls, each list of neighbours by way of ``join``."""
        lanes, last = [join(lane) for lane in self.lanes], [[join(lane) for lane in group] for group in self.last]
        return Work(join(self.first), lanes, last)
