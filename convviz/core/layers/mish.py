"""Mish, a smooth ReLU that lets small negative numbers pass: its op, its gradient, and the layer.

    a = z · t,   t = tanh(ln(1 + e^z)) = n / (n + 2),   n = e^z (e^z + 2)
    da/dz = t + z · σ(z) · (1 − t²),   σ(z) = 1 / (1 + e^−z)

Where z is larger than 20, e^20 is used for e^z: t is 1 to the last bit from there on, and n stays finite.

Source: Misra 2019.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import Array
from convviz.core.layers.base import ActivationLayer
from convviz.core.ops.activation import Activation
from convviz.core.ops.base import Scratch
from convviz.core.ops.silu import sigma
from convviz.core.ops.sloped import Sloped, SlopedGrad

LARGEST = 20.0
"""Above it t is 1, in float32 and in float64."""


def share(z: float) -> float:
    """How much of z is left: tanh(ln(1 + e^z))."""
    e = math.exp(min(z, LARGEST))
    return e * (e + 2.0) / (e * (e + 2.0) + 2.0)


def mish_kernel(z: Array, largest: Array, e: Array, part: Array, a: Array) -> None:
    """a = z · n / (n + 2), n = e^z (e^z + 2)."""
    np.minimum(z, largest, out=e)
    np.exp(e, out=e)
    np.add(e, 2, out=part)
    np.multiply(e, part, out=e)
    np.add(e, 2, out=part)
    np.divide(e, part, out=part)
    np.multiply(z, part, out=a)


def mish(z: Array) -> Array:
    """Mish in plain NumPy."""
    return z * np.tanh(np.logaddexp(z, 0))


@dataclass(frozen=True, slots=True)
class MishOp(Sloped):
    """z · tanh(ln(1 + e^z))."""

    name = "mish"
    title = "Every number is multiplied by the tanh of its softplus"
    short = "Mish"
    formula = r"A = Z \cdot \tanh\left(\ln\left(1 + e^{Z}\right)\right)"
    text = "{0} · tanh(ln(1 + e^({0})))"
    kernel = staticmethod(mish_kernel)
    readable = staticmethod(mish)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        largest = np.full(out.shape[-1:], LARGEST, out.dtype)
        return ins[0], largest, *(scratch(name, out.shape, out.dtype) for name in ("e", "part")), out

    def apply(self, *values: float) -> float:
        return values[0] * share(values[0])

    def gradient(self) -> MishGrad:
        return MishGrad()

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        return "The tanh of the softplus of {z} is {share}; so much of it is left: {z} · {share:()} = {a}.", {
            "share": share(z)
        }


def mish_grad_kernel(d_a: Array, z: Array, largest: Array, e: Array, t: Array, slope: Array, d_z: Array) -> None:
    """dz = da · (t + z · σ · (1 − t²)), σ = e^z / (e^z + 1)."""
    np.minimum(z, largest, out=e)
    np.exp(e, out=e)
    np.add(e, 2, out=t)
    np.multiply(e, t, out=t)
    np.add(t, 2, out=slope)
    np.divide(t, slope, out=t)
    np.add(e, 1, out=slope)
    np.divide(e, slope, out=e)
    np.multiply(t, t, out=slope)
    np.subtract(1, slope, out=slope)
    np.multiply(slope, e, out=slope)
    np.multiply(slope, z, out=slope)
    np.add(slope, t, out=slope)
    np.multiply(d_a, slope, out=d_z)


def mish_grad(d_a: Array, z: Array) -> Array:
    """Gradient of Mish in plain NumPy."""
    t = np.tanh(np.logaddexp(z, 0))  # ln(e^z + 1)
    return d_a * (t + z / (1 + np.exp(-z)) * (1 - t**2))


@dataclass(frozen=True, slots=True)
class MishGrad(SlopedGrad):
    """Slope of z · tanh(ln(1 + e^z)): about 0 far below zero, 0.6 at zero, a little over 1 from z = 0.8 on."""

    name = "mish_grad"
    formula = r"dZ = dA \cdot \left(T + Z \, \sigma(Z) \, (1 - T^2)\right), \quad T = \tanh\left(\ln(1 + e^{Z})\right)"
    text = "{0} · (τ + {1} · σ({1}) · (1 − τ²)), τ = tanh(ln(1 + e^({1})))"
    kernel = staticmethod(mish_grad_kernel)
    readable = staticmethod(mish_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        largest = np.full(out.shape[-1:], LARGEST, out.dtype)
        return *ins, largest, *(scratch(name, out.shape, out.dtype) for name in ("e", "t", "slope")), out

    def slope(self, z: float) -> float:
        t = share(z)
        return t + z * sigma(z) * (1.0 - t * t)


class Mish(ActivationLayer, frozen=True, kw_only=True, tag="mish"):
    """``x·tanh(ln(1 + e^x))``, cell by cell."""

    op: ClassVar[type[Activation]] = MishOp
    stem: ClassVar[str] = "mish"
    summary: ClassVar[str] = "A smooth ReLU that lets small negative numbers pass"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 6})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Mish()", "Keras": 'layers.Activation("mish")', "ONNX": "Mish()"}
    )
