"""How a plan runs its steps: with the NumPy kernels, or with compiled ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from convviz.core.arrays import Array
from convviz.core.lanes import Thunk
from convviz.core.program import Program


class Kernel(Protocol):
    """A function that is compiled before it is called; two that are the same machine code are equal."""

    def compile(self) -> bool:
        """Have the machine code in memory; says whether it had to be made."""


@dataclass(frozen=True, slots=True)
class Engine:
    """How steps become calls.

    Parameters
    ----------
    rewrite : callable
        Program, arrays that are wanted afterwards → the program whose steps run.
    kernels : callable
        Calls → what has to be compiled before they are made.
    chained : callable
        Calls → equivalent calls, in which neighbours may be merged.
    add_up : callable
        Kernel: partial sums ``(shards, cells)`` → their sum, in the order of the shards.
    sum_squares : callable
        Kernel: cells → the sum of their squares, in an array with one cell.
    """

    rewrite: Callable[[Program, frozenset[str]], Program]
    kernels: Callable[[Iterable[Thunk]], Iterator[Kernel]]
    chained: Callable[[Sequence[Thunk]], list[Thunk]]
    add_up: Callable[[Array, Array], None]
    sum_squares: Callable[[Array, Array], None]


def unchanged(program: Program, keep: frozenset[str]) -> Program:  # noqa: ARG001
    """Run the program's own steps, which make all arrays."""
    return program


def none_to_compile(calls: Iterable[Thunk]) -> Iterator[Kernel]:  # noqa: ARG001
    """NumPy's kernels are there."""
    return iter(())


def add_up(partial_sums: Array, total: Array) -> None:
    """Σ over the shards."""
    np.add.reduce(partial_sums, axis=0, out=total)


def sum_squares(cells: Array, total: Array) -> None:
    """Σ x²; runs at the speed of memory."""
    total[0] = np.dot(cells, cells)


NUMPY = Engine(unchanged, none_to_compile, list, add_up, sum_squares)
