"""PReLU: a leaky ReLU whose slopes are learned, one for each channel or one for all.

    a = max(z, 0) + s · min(z, 0)            dz = da · (1 where z > 0, else s)            ds = Σ da · min(z, 0)

There is a slope per channel, ``(C,)``, or per unit, ``(F,)``; a shared one is repeated. Source: He et al. 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Axes, Axis, Index, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.ops.activation import Activation
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, SumOp, value_at
from convviz.core.ops.broadcast import AppliedBroadcast
from convviz.core.ops.cell_affine import CellSumProduct
from convviz.core.ops.cells import Cells, cells, grid
from convviz.core.ops.channel import of_channel
from convviz.core.ops.norm import SumProduct
from convviz.core.readable import activation as readable


def across(slopes: Array, like: Array) -> Array:
    """One number a channel, shaped to broadcast against maps or rows."""
    return slopes.reshape(-1, *(1,) * (like.ndim - 2))


def prelu(z: Array, slope: Array, below: Array, a: Array) -> None:
    """a = max(z, 0) + s · min(z, 0)."""
    np.minimum(z, 0, out=below)
    np.multiply(below, slope, out=below)
    np.maximum(z, 0, out=a)
    np.add(a, below, out=a)


@dataclass(frozen=True, slots=True)
class BySlope(AppliedBroadcast, Elementwise):
    """Base. Inputs: values ``(N, C, …)``, and last a slope for each channel."""

    elementwise = False
    slopes: ClassVar[int]
    """Position of the slopes among the inputs."""

    def is_number(self, position: int, shape: Shape) -> bool:
        return position == self.slopes

    def number_of(self, shape: Shape, index: Index) -> Index:
        return index[1:2]

    def served(self, shape: Shape, number: Index) -> Cells:
        return of_channel(shape, number[0])

    def written(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PRelu(BySlope, Activation):
    """A ReLU with learned slopes. Inputs: z, slopes."""

    name = "prelu"
    title = "What is negative is multiplied by a slope that is learned"
    short = "PReLU"
    formula = r"A[n, c] = \max(0, Z[n, c]) + s[c] \cdot \min(0, Z[n, c])"
    kernel = staticmethod(prelu)
    readable = staticmethod(readable.prelu)
    text = "max(0, {0}) + {1} · min(0, {0})"
    slopes = 1

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], across(ins[1], out), scratch("below", out.shape, out.dtype), out

    def apply(self, *values: float) -> float:
        return max(values[0], 0.0) + values[1] * min(values[0], 0.0)

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        return ins[0] > 0

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        z, slope = step.inputs
        found = {}
        if wanted[1]:
            below = build.emit(NegativePart(), (z,), "below")
            total = SumProduct() if len(step.shape) == 4 else CellSumProduct()
            found[1] = build.gradient(total, (d_out, below), slope)
        if wanted[0]:
            found[0] = build.gradient(PReluGrad(), (d_out, z, slope), z)
        return found


def prelu_grad(d_a: Array, z: Array, slope: Array, steep: Array, active: Array, d_z: Array) -> None:
    """dz = da · (1 where z > 0, else s)."""
    np.copyto(steep, slope)
    np.greater(z, 0, out=active)
    np.copyto(steep, 1, where=active)
    np.multiply(d_a, steep, out=d_z)


@dataclass(frozen=True, slots=True)
class PReluGrad(BySlope):
    """Gradient of z. Inputs: da, z, slopes."""

    name = "prelu_grad"
    title = "The whole gradient passes where z was positive, and the slope times it elsewhere"
    formula = r"dZ[n, c] = dA[n, c] \cdot \left([Z > 0] + [Z \leq 0] \, s[c]\right)"
    kernel = staticmethod(prelu_grad)
    readable = staticmethod(readable.prelu_grad)
    text = "{0} · ([{1} > 0] + (1 − [{1} > 0]) · {2})"
    slopes = 2

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.GRADIENT, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        steep, active = scratch("steep", out.shape, out.dtype), scratch("active", out.shape, np.bool_)
        return ins[0], ins[1], across(ins[2], out), steep, active, out

    def apply(self, *values: float) -> float:
        return values[0] * (1.0 if values[1] > 0 else values[2])


def negative_part(z: Array, below: Array) -> None:
    """min(z, 0)."""
    np.minimum(z, 0, out=below)


@dataclass(frozen=True, slots=True)
class NegativePart(Elementwise):
    """The numbers below 0, which the slopes were multiplied by."""

    name = "negative_part"
    title = "What was multiplied by the slopes: the numbers below 0"
    formula = r"B = \min(0, Z)"
    text = "min(0, {0})"
    kernel = staticmethod(negative_part)
    readable = staticmethod(readable.negative_part)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.PREACTIVATION, ins[0].axes)

    def apply(self, *values: float) -> float:
        return min(values[0], 0.0)


def repeat(number: Array, out: Array) -> None:
    """Repeat one number for every channel."""
    np.copyto(out, number)


@dataclass(frozen=True, slots=True)
class Repeat(Op):
    """One number ``(1,)`` becomes ``(count,)`` equal ones."""

    count: int
    axes: Axes

    name = "repeat"
    title = "The one slope serves every channel"
    formula = r"s[c] = s"
    kernel = staticmethod(repeat)
    readable = staticmethod(readable.repeat)

    @property
    def attributes(self) -> dict[str, Any]:
        return {"count": self.count}

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((self.count,), ins[0].role, self.axes)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(SumAll(), (d_out,), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells((0,)),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid(range(out[0]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return Equation(index, (Term((Factor(0, (0,), value_at(values[0], (0,))),)),))


def sum_all(d_slopes: Array, d_slope: Array) -> None:
    """Σ of all cells."""
    np.add.reduce(d_slopes, axis=0, out=d_slope, keepdims=True)


@dataclass(frozen=True, slots=True)
class SumAll(SumOp):
    """Gradient of the number that was repeated."""

    name = "sum_all"
    title = "The slope served every channel, so its gradient is the sum over them"
    formula = r"ds = \sum_c ds[c]"
    kernel = staticmethod(sum_all)
    readable = staticmethod(readable.sum_all)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((1,), Role.GRADIENT, (Axis.CHANNEL,))

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid(range(ins[0][0])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells((0,))
