"""SiLU, also called Swish: every number times its own sigmoid.

    a = z · σ(z),   σ(z) = 1 / (1 + e^−z)          da/dz = σ(z) · (1 + z · (1 − σ(z)))

Sources: Elfwing, Uchibe and Doya 2017; Ramachandran, Zoph and Le 2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.sloped import Sloped, SlopedGrad
from convviz.core.readable import activation as readable_activation


def silu(z: Array, part: Array, a: Array) -> None:
    """a = z / (1 + e^−z). Where e^−z overflows to ∞, a is 0, as it should be."""
    np.negative(z, out=part)
    np.exp(part, out=part)
    np.add(part, 1, out=part)
    np.divide(z, part, out=a)


def sigma(z: float) -> float:
    """σ(z)."""
    return 1.0 / (1.0 + math.exp(-z)) if z > -700.0 else 0.0


@dataclass(frozen=True, slots=True)
class Silu(Sloped):
    """z · σ(z)."""

    name = "silu"
    title = "Every number is multiplied by its own sigmoid"
    short = "SiLU"
    formula = r"A = Z \cdot \sigma(Z), \quad \sigma(z) = \frac{1}{1 + e^{-z}}"
    text = "{0} / (1 + e^(−({0})))"
    kernel = staticmethod(silu)
    readable = staticmethod(readable_activation.silu)
    workspace = ("part",)

    def apply(self, *values: float) -> float:
        return values[0] * sigma(values[0])

    def gradient(self) -> SiluGrad:
        return SiluGrad()

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        return "The sigmoid of {z} is {share}; so much of it is left: {z} · {share:()} = {a}.", {"share": sigma(z)}


def silu_grad(d_a: Array, z: Array, sigmoid: Array, slope: Array, d_z: Array) -> None:
    """dz = da · s · (1 + z · (1 − s)), s = σ(z)."""
    np.negative(z, out=sigmoid)
    np.exp(sigmoid, out=sigmoid)
    np.add(sigmoid, 1, out=sigmoid)
    np.reciprocal(sigmoid, out=sigmoid)
    np.subtract(1, sigmoid, out=slope)
    np.multiply(slope, z, out=slope)
    np.add(slope, 1, out=slope)
    np.multiply(slope, sigmoid, out=slope)
    np.multiply(d_a, slope, out=d_z)


@dataclass(frozen=True, slots=True)
class SiluGrad(SlopedGrad):
    """Slope of z · σ(z): about 0 far below zero, 1/2 at zero, a little over 1 from z = 1.3 on."""

    name = "silu_grad"
    formula = r"dZ = dA \cdot \sigma(Z) \left(1 + Z \, (1 - \sigma(Z))\right)"
    text = "{0} / (1 + e^(−({1}))) · (1 + {1} · (1 − 1 / (1 + e^(−({1})))))"
    kernel = staticmethod(silu_grad)
    readable = staticmethod(readable_activation.silu_grad)
    workspace = ("sigmoid", "slope")

    def slope(self, z: float) -> float:
        share = sigma(z)
        return share * (1.0 + z * (1.0 - share))
