"""Activations: the calculus stated before the backward code of each.

    ReLU       a = max(0, z)            da/dz = [a > 0]
    LeakyReLU  a = max(z, s·z)          da/dz = 1 where a > 0, else s           0 ≤ s ≤ 1
    Sigmoid    a = 1 / (1 + e^−z)       da/dz = a · (1 − a)
    Tanh       a = tanh z               da/dz = 1 − a²

All slopes follow from the output a, so z need not be kept. GELU, whose slope needs z, is in
:mod:`convviz.core.ops.gelu`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Role
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Emitter, Out, Scratch, Step
from convviz.core.readable import activation as readable_activation


@dataclass(frozen=True, slots=True)
class Activation(Elementwise):
    """Base: one number in, one number out."""

    inplace = 0
    activates = True
    signed: ClassVar[bool] = True
    """Whether the output can be negative, so that it needs colours on both sides of zero."""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        role = Role.PREACTIVATION if self.signed else Role.ACTIVATION
        return Out(ins[0].shape, role, ins[0].axes, ins[0].column_blocks)

    def gradient(self) -> Elementwise:
        """The op that carries the gradient back: it reads the gradient of the output, and the output."""
        raise NotImplementedError(f"{self.name} has no derivative")

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(self.gradient(), (d_out, step.output), step.inputs[0])}


ROW = 1 << 12
"""Most cells of a row when the last axes are merged: long enough for NumPy's inner loop, still in L1."""


def in_rows(*arrays: Array) -> tuple[Array, ...]:
    """Views of equally shaped arrays with the last axes merged, where memory allows it.

    NumPy starts an inner loop for every row, which costs more than the arithmetic for a row of 24 cells.
    """
    shape = arrays[0].shape
    if not all(array.flags.c_contiguous for array in arrays):
        return arrays
    row = shape[-1] if shape else 1
    for axis in reversed(shape[:-1]):
        if row * axis > ROW:
            break
        row *= axis
    return tuple(array.reshape(-1, row) for array in arrays)


# --- ReLU --------------------------------------------------------------------------------------------------------


def relu(z: Array, zeros: Array, a: Array) -> None:
    """a = max(z, 0). (An array of zeros is four times as fast as the scalar 0.)"""
    np.maximum(z, zeros, out=a)


@dataclass(frozen=True, slots=True)
class Relu(Activation):
    """max(z, 0); its slope is 1 where a > 0 and 0 elsewhere."""

    signed = False
    name = "relu"
    title = "What is negative becomes zero"
    short = "ReLU"
    formula = r"A = \max(0, Z)"
    text = "max(0, {0})"
    kernel = staticmethod(relu)
    readable = staticmethod(readable_activation.relu)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        z, a = in_rows(ins[0], out)
        return z, np.zeros(a.shape[-1:], a.dtype), a

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        return out > 0

    def apply(self, *values: float) -> float:
        return float(np.maximum(values[0], 0.0))

    def gradient(self) -> ReluGrad:
        return ReluGrad()


def relu_grad(d_a: Array, a: Array, active: Array, d_z: Array) -> None:
    """The gradient passes where the unit was active: dz = da · [a > 0]."""
    np.greater(a, 0, out=active)
    np.multiply(d_a, active, out=d_z)


@dataclass(frozen=True, slots=True)
class ReluGrad(Elementwise):
    """The gradient, with the forward pass's mask applied to it."""

    name = "relu_grad"
    title = "The gradient passes only where the unit was active"
    formula = r"dZ = dA \cdot [A > 0]"
    text = "{0} · [{1} > 0]"
    kernel = staticmethod(relu_grad)
    readable = staticmethod(readable_activation.relu_grad)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_a, a, d_z = in_rows(ins[0], ins[1], out)
        return d_a, a, scratch("active", a.shape, np.bool_), d_z

    def apply(self, *values: float) -> float:
        return values[0] if values[1] > 0 else 0.0 * values[0]


# --- LeakyReLU ---------------------------------------------------------------------------------------------------


def leaky_relu(z: Array, slope: float, small: Array, a: Array) -> None:
    """a = max(z, s·z): for a slope s ≤ 1 that is z where z is positive and s·z where it is negative."""
    np.multiply(z, slope, out=small)
    np.maximum(z, small, out=a)


@dataclass(frozen=True, slots=True)
class LeakyRelu(Activation):
    """z where positive, ``slope``·z where negative."""

    slope: float

    name = "leaky_relu"
    title = "What is negative becomes small"
    short = "LeakyReLU"
    formula = r"A = \max(Z, s Z)"
    kernel = staticmethod(leaky_relu)
    readable = staticmethod(readable_activation.leaky_relu)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], self.slope, scratch("small", out.shape, out.dtype), out

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        return out > 0

    def apply(self, *values: float) -> float:
        return max(values[0], self.slope * values[0])

    def written(self) -> str:
        return f"max({{0}}, {self.slope:g} · {{0}})"

    def gradient(self) -> LeakyReluGrad:
        return LeakyReluGrad(self.slope)


def leaky_relu_grad(d_a: Array, a: Array, slope: Array, active: Array, factor: Array, d_z: Array) -> None:
    """dz = da · (1 where a > 0, else s); the factor is max([a > 0], s)."""
    np.greater(a, 0, out=active)
    np.maximum(active, slope, out=factor)
    np.multiply(d_a, factor, out=d_z)


@dataclass(frozen=True, slots=True)
class LeakyReluGrad(Elementwise):
    """The whole gradient passes where the unit was active, and ``slope`` times the gradient elsewhere."""

    slope: float

    name = "leaky_relu_grad"
    title = "The whole gradient passes where the unit was active, and a little of it elsewhere"
    formula = r"dZ = dA \cdot \max([A > 0], s)"
    kernel = staticmethod(leaky_relu_grad)
    readable = staticmethod(readable_activation.leaky_relu_grad)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        slope = np.full(out.shape[-1:], self.slope, out.dtype)
        active, factor = scratch("active", out.shape, np.bool_), scratch("factor", out.shape, out.dtype)
        return ins[0], ins[1], slope, active, factor, out

    def apply(self, *values: float) -> float:
        return values[0] * (1.0 if values[1] > 0 else self.slope)

    def written(self) -> str:
        return f"{{0}} · max([{{1}} > 0], {self.slope:g})"


# --- sigmoid -----------------------------------------------------------------------------------------------------


def sigmoid(z: Array, a: Array) -> None:
    """a = 1 / (1 + e^−z). Where e^−z overflows to ∞, a is 0, as it should be."""
    np.negative(z, out=a)
    np.exp(a, out=a)
    np.add(a, 1, out=a)
    np.reciprocal(a, out=a)


@dataclass(frozen=True, slots=True)
class Sigmoid(Activation):
    """Squeezes every number into 0 … 1."""

    signed = False
    name = "sigmoid"
    title = "Every number is squeezed into the range from 0 to 1"
    short = "sigmoid"
    limits = 0.0, 1.0
    formula = r"A = \frac{1}{1 + e^{-Z}}"
    text = "1 / (1 + e^(−({0})))"
    kernel = staticmethod(sigmoid)
    readable = staticmethod(readable_activation.sigmoid)

    def apply(self, *values: float) -> float:
        return 1.0 / (1.0 + math.exp(-values[0])) if values[0] > -700.0 else 0.0

    def gradient(self) -> SigmoidGrad:
        return SigmoidGrad()


def sigmoid_grad(d_a: Array, a: Array, slope: Array, d_z: Array) -> None:
    """dz = da · a · (1 − a)."""
    np.subtract(1, a, out=slope)
    np.multiply(slope, a, out=slope)
    np.multiply(d_a, slope, out=d_z)


@dataclass(frozen=True, slots=True)
class SigmoidGrad(Elementwise):
    """Slope of the sigmoid: steepest, 1/4, where a = 1/2."""

    name = "sigmoid_grad"
    title = "The gradient passes most where the unit was undecided"
    formula = r"dZ = dA \cdot A \, (1 - A)"
    text = "{0} · {1} · (1 − {1})"
    kernel = staticmethod(sigmoid_grad)
    readable = staticmethod(readable_activation.sigmoid_grad)
    inplace = 0
    workspace = ("slope",)

    def apply(self, *values: float) -> float:
        return values[0] * (values[1] * (1.0 - values[1]))


# --- tanh --------------------------------------------------------------------------------------------------------


def tanh(z: Array, a: Array) -> None:
    """a = tanh z."""
    np.tanh(z, out=a)


@dataclass(frozen=True, slots=True)
class Tanh(Activation):
    """Squeezes every number into −1 … 1."""

    name = "tanh"
    title = "Every number is squeezed into the range from −1 to 1"
    short = "tanh"
    limits = -1.0, 1.0
    formula = r"A = \tanh Z"
    text = "tanh({0})"
    kernel = staticmethod(tanh)
    readable = staticmethod(readable_activation.tanh)

    def apply(self, *values: float) -> float:
        return math.tanh(values[0])

    def gradient(self) -> TanhGrad:
        return TanhGrad()


def tanh_grad(d_a: Array, a: Array, slope: Array, d_z: Array) -> None:
    """dz = da · (1 − a²)."""
    np.multiply(a, a, out=slope)
    np.subtract(1, slope, out=slope)
    np.multiply(d_a, slope, out=d_z)


@dataclass(frozen=True, slots=True)
class TanhGrad(Elementwise):
    """Slope of tanh: steepest, 1, where a = 0."""

    name = "tanh_grad"
    title = "The gradient passes most where the unit was undecided"
    formula = r"dZ = dA \cdot (1 - A^2)"
    text = "{0} · (1 − {1} · {1})"
    kernel = staticmethod(tanh_grad)
    readable = staticmethod(readable_activation.tanh_grad)
    inplace = 0
    workspace = ("slope",)

    def apply(self, *values: float) -> float:
        return values[0] * (1.0 - values[1] * values[1])
