"""Base classes of the ops that normalise groups of an image's numbers.

A group is either a range of channels with all their places (:class:`Channels`), from a single map to the whole image,
or one place with all its channels (:class:`Places`). A row of features ``(N, F)`` is grouped like channels with a
single place.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import MAPS, Array, ArraySpec, Axes, Axis, Index, Role, Shape
from convviz.core.ops.base import Op, Out, Scratch, SumOp
from convviz.core.ops.broadcast import AppliedBroadcast, Broadcast
from convviz.core.ops.cells import Cells, cells, grid, no_cells


@dataclass(frozen=True, slots=True)
class Grouped(Op):
    """Base: which numbers of an image make a group, and where the number of a group is kept."""

    unit: ClassVar[str] = "group"
    """What one group is."""

    @abstractmethod
    def numbers_of(self, spec: ArraySpec) -> tuple[Shape, Axes]:
        """Shape and axes of an array with a number per group."""

    @abstractmethod
    def by_group(self, arrays: Sequence[Array]) -> list[Array]:
        """Views of values whose last axes are those of a group."""

    @abstractmethod
    def by_number(self, numbers: Array) -> Array:
        """A view of numbers per group, whose axes are the first ones of what :meth:`by_group` returns."""

    @abstractmethod
    def members(self, shape: Shape, number: Index) -> Cells:
        """All cells of a group; ``shape`` is that of the values."""

    @abstractmethod
    def group_of(self, shape: Shape, index: Index) -> Index:
        """Index of the number of a cell's group; ``shape`` is that of the values."""

    @abstractmethod
    def size(self, shape: Shape) -> int:
        """Cells of a group, M."""


@dataclass(frozen=True, slots=True)
class Channels(Grouped):
    """Every group is a range of neighbouring channels with all their places; numbers per group ``(N, G)``."""

    groups: int

    def numbers_of(self, spec: ArraySpec) -> tuple[Shape, Axes]:
        return (spec.shape[0], self.groups), (spec.axes[0], Axis.GROUP)

    def by_group(self, arrays: Sequence[Array]) -> list[Array]:
        """Groups as rows, ``(N, G, M)``, or as ``(N, G, C/G, …)`` where memory doesn't allow a view of rows."""
        rows = [x.reshape(len(x), self.groups, -1) for x in arrays]
        if all(np.may_share_memory(row, x) for row, x in zip(rows, arrays, strict=True)):
            return rows
        return [x.reshape(len(x), self.groups, x.shape[1] // self.groups, *x.shape[2:]) for x in arrays]

    def by_number(self, numbers: Array) -> Array:
        return numbers

    def members(self, shape: Shape, number: Index) -> Cells:
        size = shape[1] // self.groups
        n, g = number
        return grid([n], range(g * size, (g + 1) * size), *(range(length) for length in shape[2:]))

    def group_of(self, shape: Shape, index: Index) -> Index:
        return index[0], index[1] // (shape[1] // self.groups)

    def size(self, shape: Shape) -> int:
        return prod(shape[1:]) // self.groups


@dataclass(frozen=True, slots=True)
class Places(Grouped):
    """Every group is a place of maps with all its channels; numbers per group ``(N, 1, H, W)``, one map an image."""

    unit = "place"

    def numbers_of(self, spec: ArraySpec) -> tuple[Shape, Axes]:
        n, _, h, w = spec.shape
        return (n, 1, h, w), MAPS

    def by_group(self, arrays: Sequence[Array]) -> list[Array]:
        """A place's channels last, ``(N, H, W, C)``."""
        return [x.transpose(0, 2, 3, 1) for x in arrays]

    def by_number(self, numbers: Array) -> Array:
        return numbers[:, 0]

    def members(self, shape: Shape, number: Index) -> Cells:
        n, _, y, x = number
        return grid([n], range(shape[1]), [y], [x])

    def group_of(self, shape: Shape, index: Index) -> Index:
        return index[0], 0, index[2], index[3]

    def size(self, shape: Shape) -> int:
        return shape[1]


@dataclass(frozen=True, slots=True)
class PerGroup(Grouped, Broadcast):
    """Base: values and numbers per group in, values out.

    ``numbers`` has the positions of the inputs with a number per group.
    """

    numbers: ClassVar[tuple[int, ...]] = (1,)

    def is_number(self, position: int, shape: Shape) -> bool:
        return position in self.numbers

    def number_of(self, shape: Shape, index: Index) -> Index:
        return self.group_of(shape, index)

    def served(self, shape: Shape, number: Index) -> Cells:
        return self.members(shape, number)

    def views(self, ins: Sequence[Array], out: Array) -> list[Array]:
        """The inputs and the output, shaped to broadcast against each other."""
        values = [array for position, array in enumerate(ins) if position not in self.numbers]
        *parts, made = self.by_group([*values, out])
        left = iter(parts)
        found = [self._spread(a, made) if position in self.numbers else next(left) for position, a in enumerate(ins)]
        return [*found, made]

    def _spread(self, numbers: Array, like: Array) -> Array:
        one = self.by_number(numbers)
        return one.reshape(*one.shape, *(1,) * (like.ndim - one.ndim))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return tuple(self.views(ins, out))


@dataclass(frozen=True, slots=True)
class AppliedPerGroup(PerGroup, AppliedBroadcast):
    """Base of per-group ops that apply a function instead of summing products."""


@dataclass(frozen=True, slots=True)
class GroupSum(Grouped, SumOp):
    """Base: a number per group, the mean over its cells of the inputs' product."""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        shape, axes = self.numbers_of(ins[0])
        return Out(shape, Role.PREACTIVATION, axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *self.by_group(ins), 1.0 / self.size(ins[0].shape), self.by_number(out)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(self.members(shape, index) for shape in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(self.group_of(ins[position], index))

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return tuple(no_cells(len(s)) if other == position else cells(index) for other, s in enumerate(ins))

    def sum_scale(self, ins: tuple[Shape, ...]) -> float:
        return 1.0 / self.size(ins[0])
