"""How a plan runs its steps: with the NumPy kernels, or with compiled ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from convviz.core.arrays import Array
from convviz.core.lanes import Group, Lanes, Thunk, Together
from convviz.core.program import Program


class Kernel(Protocol):
    """A function that is compiled before it is called. Two kernels with the same machine code are equal."""

    def compile(self) -> bool:
        """Load the machine code, or make it; returns whether it had to be made."""


class Call(Protocol):
    """Runs groups of lists of calls; returns when all are done."""

    @property
    def calls(self) -> int:
        """Number of calls that Python makes to run it, in all threads together."""

    def __call__(self) -> None:
        """Run all."""

    def succeeds(self) -> bool:
        """Run all, or stop where a call refuses a number that is not finite; returns whether none refused."""


@dataclass(frozen=True, slots=True)
class Engine:
    """How steps become calls.

    Parameters
    ----------
    rewrite : callable
        Program, arrays that are wanted afterwards → the program whose steps run.
    kernels : callable
        Calls → the kernels that must be compiled before they can be made.
    joined : callable
        Groups of lists of calls, and the lanes that run the lists → equivalent calls, neighbours merged into one.
    add_up : callable
        Kernel: partial sums ``(shards, cells)`` → their sum, in the order of the shards.
    sum_squares : callable
        Kernel: cells → the sum of their squares, in an array with one cell.
    gather : callable
        Kernel: a table, numbers of rows → another table, of those rows.
    refuse : callable
        Kernel: raises ``FloatingPointError`` if a cell is not finite.
    """

    rewrite: Callable[[Program, frozenset[str]], Program]
    kernels: Callable[[Iterable[Thunk]], Iterator[Kernel]]
    joined: Callable[[Sequence[Group], Lanes], Sequence[Call]]
    add_up: Callable[[Array, Array], None]
    sum_squares: Callable[[Array, Array], None]
    gather: Callable[[Array, Array, Array], None]
    refuse: Callable[[Array], None]


def unchanged(program: Program, keep: frozenset[str]) -> Program:  # noqa: ARG001
    """Run the program as it is: its steps make every array."""
    return program


def none_to_compile(calls: Iterable[Thunk]) -> Iterator[Kernel]:  # noqa: ARG001
    """NumPy's kernels need no compiling."""
    return iter(())


def add_up(partial_sums: Array, total: Array) -> None:
    """Σ over the shards."""
    np.add.reduce(partial_sums, axis=0, out=total)


def sum_squares(cells: Array, total: Array) -> None:
    """Σ x²; runs at the speed of memory."""
    total[0] = np.dot(cells, cells)


def gather(every: Array, rows: Array, out: Array) -> None:
    """Copy the rows with these numbers into ``out``."""
    np.take(every, rows, axis=0, out=out, mode="clip")


def refuse(cells: Array) -> None:
    """Raise an error if a cell is not finite."""
    if not np.isfinite(cells).all():
        raise FloatingPointError("not finite")


def one_by_one(groups: Sequence[Group], lanes: Lanes) -> list[Together]:
    """One call for each group."""
    return [Together(lanes, group) for group in groups]


NUMPY = Engine(unchanged, none_to_compile, one_by_one, add_up, sum_squares, gather, refuse)


def compiled(kernels: Sequence[Kernel]) -> Iterator[tuple[int, int]]:
    """Compile kernels one by one; from the first that had to be made, yields how many are ready, and of how many."""
    has_made = False
    for done, kernel in enumerate(kernels, 1):
        has_made |= kernel.compile()
        if has_made:
            yield done, len(kernels)
