"""Softplus, a ReLU without a corner: its op, its gradient, and the layer.

    a = ln(1 + e^z)            da/dz = σ(z) = 1 / (1 + e^−z)

e^z is too large for float32 from z = 89 on, so a is computed as max(z, 0) + ln(1 + e^−|z|), which is the same.

Source: Dugas, Bengio, Bélisle, Nadeau and Garcia 2001.
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


def softplus_kernel(z: Array, zeros: Array, part: Array, a: Array) -> None:
    """a = max(z, 0) + ln(1 + e^−|z|)."""
    np.abs(z, out=part)
    np.negative(part, out=part)
    np.exp(part, out=part)
    np.log1p(part, out=part)
    np.maximum(z, zeros, out=a)
    np.add(a, part, out=a)


def softplus(z: Array) -> Array:
    """Softplus in plain NumPy."""
    return np.logaddexp(z, 0)  # ln(e^z + e^0), also where e^z would overflow


@dataclass(frozen=True, slots=True)
class SoftplusOp(Sloped):
    """ln(1 + e^z)."""

    signed = False
    name = "softplus"
    title = "What is negative becomes small, and everything positive"
    short = "softplus"
    formula = r"A = \ln\left(1 + e^{Z}\right)"
    text = "ln(1 + e^({0}))"
    kernel = staticmethod(softplus_kernel)
    readable = staticmethod(softplus)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], np.zeros(out.shape[-1:], out.dtype), scratch("part", out.shape, out.dtype), out

    def apply(self, *values: float) -> float:
        return max(values[0], 0.0) + math.log1p(math.exp(-abs(values[0])))

    def gradient(self) -> SoftplusGrad:
        return SoftplusGrad()

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        above = self.apply(z) - max(z, 0.0)
        return "ReLU makes {relu} of {z}; softplus is {above} more: {a}.", {"relu": max(z, 0.0), "above": above}


def softplus_grad_kernel(d_a: Array, z: Array, slope: Array, d_z: Array) -> None:
    """dz = da · σ(z)."""
    np.negative(z, out=slope)
    np.exp(slope, out=slope)
    np.add(slope, 1, out=slope)
    np.divide(d_a, slope, out=d_z)


def softplus_grad(d_a: Array, z: Array) -> Array:
    """Gradient of softplus in plain NumPy."""
    return d_a / (1 + np.exp(-z))


@dataclass(frozen=True, slots=True)
class SoftplusGrad(SlopedGrad):
    """Slope of ln(1 + e^z): 0 far below zero, 1/2 at zero, 1 far above it."""

    name = "softplus_grad"
    formula = r"dZ = dA \cdot \sigma(Z), \quad \sigma(z) = \frac{1}{1 + e^{-z}}"
    text = "{0} / (1 + e^(−({1})))"
    kernel = staticmethod(softplus_grad_kernel)
    readable = staticmethod(softplus_grad)
    workspace = ("slope",)

    def slope(self, z: float) -> float:
        return sigma(z)


class Softplus(ActivationLayer, frozen=True, kw_only=True, tag="softplus"):
    """``ln(1 + e^x)``, cell by cell."""

    op: ClassVar[type[Activation]] = SoftplusOp
    stem: ClassVar[str] = "softplus"
    summary: ClassVar[str] = "A smooth ReLU that is never 0: what is negative becomes a small positive number"
    since: ClassVar[Mapping[str, int]] = MappingProxyType({"": 6})
    exports: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"PyTorch": "nn.Softplus()", "Keras": 'layers.Activation("softplus")', "ONNX": "Softplus()"}
    )
