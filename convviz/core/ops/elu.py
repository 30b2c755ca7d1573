"""ELU, the exponential linear unit: positive numbers stay unchanged, negative ones approach −α.

    a = z where z > 0, else α (e^z − 1)            da/dz = 1 where z > 0, else α e^z

Source: Clevert, Unterthiner and Hochreiter 2015.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.base import Scratch
from convviz.core.ops.sloped import Sloped, SlopedGrad
from convviz.core.readable import activation as readable_activation


def elu(z: Array, zeros: Array, alpha: float, below: Array, a: Array) -> None:
    """a = max(z, 0) + α (e^min(z, 0) − 1)."""
    np.minimum(z, zeros, out=below)
    np.expm1(below, out=below)
    np.multiply(below, alpha, out=below)
    np.maximum(z, zeros, out=a)
    np.add(a, below, out=a)


@dataclass(frozen=True, slots=True)
class Elu(Sloped):
    """z where positive, ``alpha``·(e^z − 1) where negative."""

    alpha: float

    name = "elu"
    title = "What is negative bends towards a small negative number"
    short = "ELU"
    formula = r"A = \max(0, Z) + \alpha \left(e^{\min(0, Z)} - 1\right)"
    kernel = staticmethod(elu)
    readable = staticmethod(readable_activation.elu)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        zeros = np.zeros(out.shape[-1:], out.dtype)
        return ins[0], zeros, self.alpha, scratch("below", out.shape, out.dtype), out

    def apply(self, *values: float) -> float:
        return max(values[0], 0.0) + self.alpha * math.expm1(min(values[0], 0.0))

    def written(self) -> str:
        return f"max(0, {{0}}) + {self.alpha:g} · (e^(min(0, {{0}})) − 1)"

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        return out > 0

    def gradient(self) -> EluGrad:
        return EluGrad(self.alpha)

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        if z > 0:
            return "{z} is positive and stays.", {}
        said = "{z} is not positive: e<sup>z</sup> − 1 is {rest}, and α times that is left: {alpha} · {rest:()} = {a}."
        return said, {"rest": math.expm1(z), "alpha": self.alpha}


def elu_grad(d_a: Array, z: Array, zeros: Array, alpha: float, slope: Array, active: Array, d_z: Array) -> None:
    """dz = da · (1 where z > 0, else α e^z)."""
    np.minimum(z, zeros, out=slope)
    np.exp(slope, out=slope)
    np.multiply(slope, alpha, out=slope)
    np.greater(z, 0, out=active)
    np.copyto(slope, 1, where=active)
    np.multiply(d_a, slope, out=d_z)


@dataclass(frozen=True, slots=True)
class EluGrad(SlopedGrad):
    """The whole gradient passes where z was positive, and less of it the further z was below 0."""

    alpha: float

    name = "elu_grad"
    formula = r"dZ = dA \cdot \left([Z > 0] + [Z \leq 0] \, \alpha \, e^{Z}\right)"
    kernel = staticmethod(elu_grad)
    readable = staticmethod(readable_activation.elu_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        zeros = np.zeros(out.shape[-1:], out.dtype)
        slope, active = scratch("slope", out.shape, out.dtype), scratch("active", out.shape, np.bool_)
        return *ins, zeros, self.alpha, slope, active, out

    def slope(self, z: float) -> float:
        return 1.0 if z > 0 else self.alpha * math.exp(z)

    def written(self) -> str:
        return f"{{0}} · ([{{1}} > 0] + (1 − [{{1}} > 0]) · {self.alpha:g} · e^({{1}}))"
