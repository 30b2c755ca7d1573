"""What has to be compiled before calls of compiled kernels are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from convviz.core.fast.chain import is_compiled
from convviz.core.fast.team import OWN
from convviz.core.lanes import Thunk


@dataclass(frozen=True, slots=True)
class CompiledKernel:
    """A numba function, for arguments of these types."""

    function: Any
    types: tuple[Any, ...]

    def compile(self) -> bool:
        """Load the machine code from the cache, or make it; returns whether it was made."""
        before = self._made
        self.function.compile(self.types)
        return self._made > before

    @property
    def _made(self) -> int:
        """How often numba had to make machine code of the function in this process."""
        return sum(self.function.stats.cache_misses.values())


def kernels_of(calls: Iterable[Thunk]) -> Iterator[CompiledKernel]:
    """The kernels that let threads wait for each other, then those that are called, in the order of the calls."""
    yield from (CompiledKernel(*own) for own in OWN)
    for call in calls:
        if is_compiled(call):
            found: Any = call
            yield CompiledKernel(found.func, tuple(map(found.func.typeof_pyval, found.args)))
