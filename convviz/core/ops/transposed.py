"""Ops that a transposed convolution has, but the gradient of a convolution has not: a crop that copies, and a bias.

Its other ops are those of that gradient; see :mod:`convviz.core.layers.transposed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, Index, Shape
from convviz.core.equation import Equation, Term
from convviz.core.ops.base import Emitter, Scratch, Step
from convviz.core.ops.channel import PerChannel
from convviz.core.ops.conv import Crop2D
from convviz.core.ops.norm import SumChannels
from convviz.core.readable import conv as readable_conv


def trim2d(inside: Array, out: Array) -> None:
    """The inside of the maps is copied."""
    np.copyto(out, inside)


@dataclass(frozen=True, slots=True)
class Trim2D(Crop2D):
    """Inside of maps, in memory of its own: later steps may read it as one row."""

    name = "crop2d"
    title = "Rows and columns at the edges are cut off"
    formula = r"A[y, x] = X[y + P,\; x + P]"
    kernel = staticmethod(trim2d)
    view = False

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0][:, :, self.top : self.top + self.height, self.left : self.left + self.width], out


def add_map_bias(maps: Array, bias: Array, z: Array) -> None:
    """Every map f gets its bias b[f]."""
    np.add(maps, bias, out=z)


@dataclass(frozen=True, slots=True)
class AddMapBias(PerChannel):
    """Maps ``(N, F, H, W)`` plus one number a map."""

    name = "add_bias"
    cellwise = True
    title = "Every map gets its bias"
    formula = r"Z[n, f, y, x] = S[n, f, y, x] + b[f]"
    kernel = staticmethod(add_map_bias)
    readable = staticmethod(readable_conv.add_map_bias)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        found = {0: d_out} if wanted[0] else {}
        if wanted[1]:
            found[1] = build.gradient(SumChannels(), (d_out,), step.inputs[1])
        return found

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return Equation(index, tuple(Term((factor,)) for factor in self.factors(values, index)))
