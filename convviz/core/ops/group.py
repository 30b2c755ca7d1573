"""Base classes of the ops that work group by group: the channels of an image in groups, each with all its places.

One group is the whole image (layer normalisation), as many groups as channels are single maps (instance normalisation).
A row of features ``(N, F)`` is grouped like channels of one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Axis, Index, Role, Shape
from convviz.core.ops.base import Out, Scratch, SumOp
from convviz.core.ops.broadcast import AppliedBroadcast, Broadcast
from convviz.core.ops.cells import Cells, cells, grid, no_cells


def by_group(arrays: Sequence[Array], groups: int) -> list[Array]:
    """Views of arrays ``(N, C, …)``: a row a group, ``(N, G, M)``; ``(N, G, C/G, …)`` if memory doesn't allow it."""
    rows = [x.reshape(len(x), groups, -1) for x in arrays]
    if all(np.may_share_memory(row, x) for row, x in zip(rows, arrays, strict=True)):
        return rows
    return [x.reshape(len(x), groups, x.shape[1] // groups, *x.shape[2:]) for x in arrays]


def spread(numbers: Array, like: Array) -> Array:
    """One number per group ``(N, G)``, shaped to broadcast against what :func:`by_group` returns."""
    return numbers.reshape(*numbers.shape, *(1,) * (like.ndim - 2))


def of_group(shape: Shape, groups: int, n: int, g: int) -> Cells:
    """All cells of a group of image n."""
    size = shape[1] // groups
    return grid([n], range(g * size, (g + 1) * size), *(range(length) for length in shape[2:]))


def group_of(shape: Shape, groups: int, index: Index) -> Index:
    """Image and group of a cell."""
    return index[0], index[1] // (shape[1] // groups)


@dataclass(frozen=True, slots=True)
class PerGroup(Broadcast):
    """Base: values ``(N, C, …)`` and numbers per group ``(N, G)`` in, values out.

    The inputs at the positions ``numbers`` are those per group.
    """

    groups: int

    numbers: ClassVar[tuple[int, ...]] = (1,)

    def is_number(self, position: int, shape: Shape) -> bool:
        return position in self.numbers

    def number_of(self, shape: Shape, index: Index) -> Index:
        return group_of(shape, self.groups, index)

    def served(self, shape: Shape, number: Index) -> Cells:
        return of_group(shape, self.groups, *number)

    def views(self, ins: Sequence[Array], out: Array) -> list[Array]:
        """The inputs and the output, shaped to broadcast against each other."""
        values = [array for position, array in enumerate(ins) if position not in self.numbers]
        *parts, made = by_group([*values, out], self.groups)
        left = iter(parts)
        found = [spread(a, made) if position in self.numbers else next(left) for position, a in enumerate(ins)]
        return [*found, made]

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return tuple(self.views(ins, out))


@dataclass(frozen=True, slots=True)
class AppliedPerGroup(PerGroup, AppliedBroadcast):
    """Base of those that apply a function instead of summing products."""


@dataclass(frozen=True, slots=True)
class GroupSum(SumOp):
    """Base: a number per group, the mean over its cells of the inputs' product."""

    groups: int

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[0], self.groups), Role.PREACTIVATION, (ins[0].axes[0], Axis.GROUP))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *by_group(ins, self.groups), 1.0 / self.size(ins[0].shape), out

    def size(self, shape: Shape) -> int:
        """Cells of a group, M."""
        return prod(shape[1:]) // self.groups

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(of_group(shape, self.groups, index[0], index[1]) for shape in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(group_of(ins[position], self.groups, index))

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return tuple(no_cells(len(s)) if other == position else cells(index) for other, s in enumerate(ins))

    def sum_scale(self, ins: tuple[Shape, ...]) -> float:
        return 1.0 / self.size(ins[0])
