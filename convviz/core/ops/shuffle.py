"""Channel shuffle: the channels of several groups take turns, so that the next groups read some of each.

    A[n, k G + g] = X[n, g C/G + k]        G groups of C/G channels; the gradient shuffles with C/G groups

Source: Zhang, Zhou, Lin and Sun 2018 (ShuffleNet).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Shape
from convviz.core.equation import Equation
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step
from convviz.core.ops.cells import Cells, cells
from convviz.core.ops.join import copied
from convviz.core.readable import shapes as readable_shapes
from convviz.plurals import counted


def shuffle_channels(grouped: Array, a: Array) -> None:
    """Channel k of group g goes to place g of the k-th turn.

    grouped  (N, C/G, G, H, W)   the maps, viewed in that order
    a        (N, C/G, G, H, W)   the output, viewed as turns of G channels
    """
    np.copyto(a, grouped)


@dataclass(frozen=True, slots=True)
class ShuffleChannels(Op):
    """Maps ``(N, C, H, W)`` in another order of channels."""

    groups: int

    name = "shuffle_channels"
    title = "The channels of the groups take turns"
    formula = r"A[n,\; k G + g] = X[n,\; g \, C/G + k]"
    kernel = staticmethod(shuffle_channels)
    readable = staticmethod(readable_shapes.shuffle_channels)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        spec = ins[0]
        if spec.shape[1] % self.groups:
            raise ShapeError(
                f"{layer}: {counted(self.groups, 'group')} must divide its {counted(spec.shape[1], 'channel')}",
                layer=layer,
                field="groups",
            )
        return Out(spec.shape, spec.role, spec.axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        n, c, h, w = out.shape
        grouped = ins[0].reshape(n, self.groups, c // self.groups, h, w).swapaxes(1, 2)
        return grouped, out.reshape(grouped.shape)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        back = ShuffleChannels(step.shape[1] // self.groups)
        return {0: build.gradient(back, (d_out,), step.inputs[0])}

    def source(self, channels: int, c: int) -> int:
        """The channel of the input that is channel ``c`` of the output."""
        turn, group = divmod(c, self.groups)
        return group * (channels // self.groups) + turn

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells((index[0], self.source(out[1], index[1]), *index[2:])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        group, turn = divmod(index[1], out[1] // self.groups)
        return cells((index[0], turn * self.groups + group, *index[2:]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return copied(values, self.reads(tuple(one.shape for one in values), out, index), index)
