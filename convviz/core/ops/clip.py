"""Activations made of straight lines between two bounds: clipping, of which ReLU6 is a case, and HardSigmoid.

clip           a = min(max(z, low), high)          da/dz = 1 between the bounds, 0 outside and at them
hard sigmoid   a = min(max(z + 3, 0), 6) / 6       da/dz = 1/6 between −3 and 3, 0 outside and at them
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Role
from convviz.core.ops.base import Out, Scratch
from convviz.core.ops.sloped import Sloped, SlopedGrad
from convviz.core.readable import activation as readable_activation

# --- clip --------------------------------------------------------------------------------------------------------


def clip(z: Array, low: float, high: float, a: Array) -> None:
    """a = min(max(z, low), high)."""
    np.clip(z, low, high, out=a)


@dataclass(frozen=True, slots=True)
class Clip(Sloped):
    """What is below ``low`` becomes ``low``, what is above ``high`` becomes ``high``."""

    low: float
    high: float

    name = "clip"
    title = "Numbers outside two bounds become the nearer bound"
    short = "clip"
    formula = r"A = \min(\max(Z, \mathrm{low}), \mathrm{high})"
    kernel = staticmethod(clip)
    readable = staticmethod(readable_activation.clip)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        role = Role.ACTIVATION if self.low >= 0 else Role.PREACTIVATION
        return Out(ins[0].shape, role, ins[0].axes, ins[0].column_blocks)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], self.low, self.high, out

    def apply(self, *values: float) -> float:
        return min(max(values[0], self.low), self.high)

    def written(self) -> str:
        return f"min(max({{0}}, {self.low:g}), {self.high:g})"

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        return np.where(ins[0] >= self.high, 2, ins[0] > self.low)

    def gradient(self) -> ClipGrad:
        return ClipGrad(self.low, self.high)

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        if z >= self.high:
            return "{z} is not below {high}: it becomes {a}.", {"high": self.high}
        if z <= self.low:
            return "{z} is not above {low}: it becomes {a}.", {"low": self.low}
        return "{z} is between {low} and {high}: it stays {a}.", {"low": self.low, "high": self.high}


def clip_grad(d_a: Array, z: Array, low: float, high: float, inside: Array, below: Array, d_z: Array) -> None:
    """dz = da where z is between the bounds, else 0."""
    np.greater(z, low, out=inside)
    np.less(z, high, out=below)
    np.logical_and(inside, below, out=inside)
    np.multiply(d_a, inside, out=d_z)


@dataclass(frozen=True, slots=True)
class ClipGrad(SlopedGrad):
    """The gradient passes between the bounds."""

    low: float
    high: float

    name = "clip_grad"
    formula = r"dZ = dA \cdot [\mathrm{low} < Z < \mathrm{high}]"
    kernel = staticmethod(clip_grad)
    readable = staticmethod(readable_activation.clip_grad)

    def written(self) -> str:
        return f"{{0}} · [{{1}} > {self.low:g}] · [{self.high:g} > {{1}}]"

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        masks = (scratch(tag, out.shape, np.bool_) for tag in ("inside", "below"))
        return *ins, self.low, self.high, *masks, out

    def slope(self, z: float) -> float:
        return 1.0 if self.low < z < self.high else 0.0


# --- hard sigmoid ------------------------------------------------------------------------------------------------


def hard_sigmoid(z: Array, a: Array) -> None:
    """a = min(max(z + 3, 0), 6) / 6."""
    np.add(z, 3, out=a)
    np.clip(a, 0, 6, out=a)
    np.multiply(a, 1 / 6, out=a)


@dataclass(frozen=True, slots=True)
class HardSigmoid(Sloped):
    """A straight line from 0 at −3 to 1 at 3."""

    name = "hard_sigmoid"
    signed = False
    title = "Every number becomes one from 0 to 1, along a straight line from −3 to 3"
    short = "h-sigmoid"
    formula = r"A = \frac{\min(\max(Z + 3, 0), 6)}{6}"
    text = "min(max({0} + 3, 0), 6) / 6"
    kernel = staticmethod(hard_sigmoid)
    readable = staticmethod(readable_activation.hard_sigmoid)

    def apply(self, *values: float) -> float:
        return min(max(values[0] + 3.0, 0.0), 6.0) * (1 / 6)

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        return np.where(ins[0] >= 3, 2, ins[0] > -3)

    def gradient(self) -> HardSigmoidGrad:
        return HardSigmoidGrad()

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        if z >= 3:
            return "{z} is not below 3: it becomes 1.", {}
        if z <= -3:
            return "{z} is not above −3: it becomes 0.", {}
        return "Between −3 and 3 the line rises evenly from 0 to 1; at {z} it is at {a}.", {}


def hard_sigmoid_grad(d_a: Array, z: Array, inside: Array, below: Array, d_z: Array) -> None:
    """dz = da / 6 between −3 and 3, else 0."""
    np.greater(z, -3, out=inside)
    np.less(z, 3, out=below)
    np.logical_and(inside, below, out=inside)
    np.multiply(d_a, inside, out=d_z)
    np.multiply(d_z, 1 / 6, out=d_z)


@dataclass(frozen=True, slots=True)
class HardSigmoidGrad(SlopedGrad):
    """A sixth of the gradient passes between −3 and 3."""

    name = "hard_sigmoid_grad"
    formula = r"dZ = \frac{1}{6} \, dA \cdot [-3 < Z < 3]"
    text = "{0} · [{1} > −3] · [3 > {1}] / 6"
    kernel = staticmethod(hard_sigmoid_grad)
    readable = staticmethod(readable_activation.hard_sigmoid_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, *(scratch(tag, out.shape, np.bool_) for tag in ("inside", "below")), out

    def slope(self, z: float) -> float:
        return 1 / 6 if -3 < z < 3 else 0.0
