"""Base classes of the ops that work channel by channel on maps ``(N, C, H, W)``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.ops.base import Out, Scratch, SumOp
from convviz.core.ops.broadcast import AppliedBroadcast, Broadcast
from convviz.core.ops.cells import Cells, cells, grid, no_cells


def of_channel(shape: Shape, c: int) -> Cells:
    """All cells of a channel: in maps ``(N, C, H, W)`` or rows ``(N, C)``, or the one in ``(C,)``."""
    return grid([c]) if len(shape) == 1 else grid(range(shape[0]), [c], *(range(length) for length in shape[2:]))


def matching_cells(ins: tuple[Shape, ...], position: int, index: Index) -> tuple[Cells, ...]:
    """The cells of the other inputs (maps, or one number per channel) that belong to a cell of one input."""
    channel = index[1] if len(index) == 4 else index[0]
    return tuple(
        no_cells(len(shape))
        if other == position
        else cells(index)
        if len(shape) == len(index)
        else of_channel(shape, channel)
        for other, shape in enumerate(ins)
    )


def across(numbers: Array) -> Array:
    """One number per channel, shaped to broadcast against maps ``(N, C, H, W)``."""
    return numbers[:, None, None]


@dataclass(frozen=True, slots=True)
class PerChannel(Broadcast):
    """Base: maps and numbers per channel ``(C,)`` in, maps out."""

    def is_number(self, position: int, shape: Shape) -> bool:
        return len(shape) == 1

    def number_of(self, shape: Shape, index: Index) -> Index:
        return index[1:2]

    def served(self, shape: Shape, number: Index) -> Cells:
        return of_channel(shape, number[0])

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *(across(a) if a.ndim == 1 else a for a in ins), out


@dataclass(frozen=True, slots=True)
class Applied(PerChannel, AppliedBroadcast):
    """Base of per-channel ops that apply a function instead of summing products."""


@dataclass(frozen=True, slots=True)
class ChannelSum(SumOp):
    """Base: a number per channel, ``1/divisor`` times the sum over images and places of the inputs' product."""

    divisor: int = 1

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[1],), Role.PREACTIVATION, ins[0].axes[1:2])

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, 1.0 / self.divisor, out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(of_channel(shape, index[0]) for shape in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index[1:2])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return matching_cells(ins, position, index)

    def sum_scale(self, ins: tuple[Shape, ...]) -> float:
        return 1.0 / self.divisor
