"""GELU: every number times the chance that a standard normal number is below it.

    a = z · Φ(z),   Φ(z) = ½ erfc(−z/√2)           da/dz = Φ(z) + z · φ(z),   φ(z) = e^(−z²/2) / √(2π)

and the older approximation by tanh, with u = √(2/π) · (z + 0.044715 z³):

    a = ½ z (1 + tanh u)                           da/dz = ½ (1 + tanh u) + ½ z (1 − tanh² u) · du/dz

NumPy has no error function, and calling ``math.erf`` cell by cell is a hundred times too slow. So Φ is computed
from its upper tail h = ½ erfc(x), x = |z|/√2. As (1 + 2x) · e^(x²) · erfc(x) is nearly constant, a polynomial in
t = (x − 3) / (x + 3) gives it for all x ≥ 0 at once: Chebyshev series (computed with 40 digits, cut after 24 terms
for float64, where the rest is below 4·10⁻¹⁶, and after 12 for float32), written in powers of t and halved.
With that a = max(z, 0) − |z| · h, in which nothing cancels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.ops.base import Scratch
from convviz.core.ops.sloped import Sloped, SlopedGrad
from convviz.core.readable import activation as readable_activation

Approximate = Literal["none", "tanh"]

TAIL_DOUBLE = (
    0.6265040291348648,
    -0.06781055306229058,
    -0.02378114717671019,
    0.0648225793513797,
    -0.05963683170838001,
    0.03415401367200495,
    -0.011885257445765037,
    0.0012646959078469848,
    0.0009443450488720748,
    -0.0003899161348271653,
    -5.257915648906564e-05,
    6.254967122918645e-05,
    2.47206217111183e-06,
    -1.0050271134262806e-05,
    -3.593941917202133e-07,
    1.736185472488584e-06,
    1.6834895403203798e-07,
    -3.083005730199363e-07,
    -6.02707114324469e-08,
    5.091810301921368e-08,
    1.3921940632751111e-08,
    -6.6564598305193435e-09,
    -1.5906770717484637e-09,
    4.931266755172794e-10,
)
TAIL_SINGLE = (
    0.6265040281838776,
    -0.0678105347001368,
    -0.023781078463760038,
    0.0648220571720407,
    -0.05963763764112045,
    0.03415828388557043,
    -0.01188178821974752,
    0.0012495584348034738,
    0.0009375395618861765,
    -0.0003632268395170242,
    -4.627258343461983e-05,
    3.8655121120384476e-05,
)
ROOT_HALF = math.sqrt(0.5)
ROOT_2_PI = math.sqrt(2.0 / math.pi)
CUBIC = 0.044715


def tail_coefficients(dtype: npt.DTypeLike) -> tuple[float, ...]:
    """Coefficients of the powers of t, highest first, for a precision."""
    return (TAIL_DOUBLE if np.dtype(dtype).itemsize > 4 else TAIL_SINGLE)[::-1]


def normal_tail(z: Array, powers: Sequence[float], x: Array, bell: Array, t: Array, h: Array) -> None:
    """h = 1 − Φ(|z|), x = |z|/√2 and bell = e^(−x²)."""
    np.abs(z, out=x)
    np.multiply(x, ROOT_HALF, out=x)
    np.multiply(x, x, out=bell)
    np.negative(bell, out=bell)
    np.exp(bell, out=bell)
    np.subtract(x, 3, out=t)
    np.add(x, 3, out=h)
    np.divide(t, h, out=t)
    h.fill(powers[0])
    for power in powers[1:]:
        np.multiply(h, t, out=h)
        np.add(h, power, out=h)
    np.multiply(h, bell, out=h)
    np.multiply(x, 2, out=t)
    np.add(t, 1, out=t)
    np.divide(h, t, out=h)


def gelu(z: Array, zeros: Array, powers: Sequence[float], x: Array, bell: Array, t: Array, h: Array, a: Array) -> None:
    """a = z · Φ(z) = max(z, 0) − |z| · (1 − Φ(|z|))."""
    normal_tail(z, powers, x, bell, t, h)
    np.multiply(x, h, out=h)
    np.multiply(h, 1 / ROOT_HALF, out=h)
    np.maximum(z, zeros, out=a)
    np.subtract(a, h, out=a)


@dataclass(frozen=True, slots=True)
class Gelu(Sloped):
    """z · Φ(z), to the accuracy of the number type."""

    name = "gelu"
    title = "Every number is multiplied by the chance that a normal number is below it"
    short = "GELU"
    formula = r"A = Z \cdot \Phi(Z), \quad \Phi(z) = \frac{1}{2} \, \mathrm{erfc}\left(-\frac{z}{\sqrt{2}}\right)"
    text = "{0} · Φ({0})"
    kernel = staticmethod(gelu)
    readable = staticmethod(readable_activation.gelu)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        zeros = np.zeros(out.shape[-1:], out.dtype)
        return ins[0], zeros, tail_coefficients(out.dtype), *_workspace(out, scratch), out

    def apply(self, *values: float) -> float:
        return values[0] * phi(values[0])

    def gradient(self) -> GeluGrad:
        return GeluGrad()

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        said = "A normal number is below {z} with a chance of Φ = {share}; so much of it is left: "
        return said + "{z} · {share:()} = {a}.", {"share": phi(z)}


def phi(z: float) -> float:
    """Φ(z), the normal distribution function."""
    return 0.5 * math.erfc(-z * ROOT_HALF)


def _workspace(out: Array, scratch: Scratch) -> list[Array]:
    return [scratch(tag, out.shape, out.dtype) for tag in ("x", "bell", "t", "h")]


def gelu_grad(
    d_a: Array, z: Array, powers: Sequence[float], x: Array, bell: Array, t: Array, h: Array, d_z: Array
) -> None:
    """dz = da · (Φ(z) + z · φ(z)), with Φ(z) = ½ ± (½ − h) and φ(z) = bell / √(2π)."""
    normal_tail(z, powers, x, bell, t, h)
    np.subtract(0.5, h, out=h)
    np.copysign(h, z, out=h)
    np.add(h, 0.5, out=h)
    np.multiply(bell, z, out=bell)
    np.multiply(bell, 0.5 * ROOT_2_PI, out=bell)
    np.add(h, bell, out=h)
    np.multiply(d_a, h, out=d_z)


@dataclass(frozen=True, slots=True)
class GeluGrad(SlopedGrad):
    """Slope of z · Φ(z), from z itself."""

    name = "gelu_grad"
    formula = r"dZ = dA \cdot \left(\Phi(Z) + Z \, \varphi(Z)\right)"
    text = "{0} · (Φ({1}) + {1} · φ({1}))"
    kernel = staticmethod(gelu_grad)
    readable = staticmethod(readable_activation.gelu_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1], tail_coefficients(out.dtype), *_workspace(out, scratch), out

    def slope(self, z: float) -> float:
        return phi(z) + z * math.exp(-0.5 * z * z) * 0.5 * ROOT_2_PI


# --- the approximation by tanh -----------------------------------------------------------------------------------


def gelu_tanh(z: Array, u: Array, a: Array) -> None:
    """a = ½ z (1 + tanh u), u = √(2/π) · (z + 0.044715 z³)."""
    np.multiply(z, z, out=u)
    np.multiply(u, CUBIC, out=u)
    np.add(u, 1, out=u)
    np.multiply(u, z, out=u)
    np.multiply(u, ROOT_2_PI, out=u)
    np.tanh(u, out=u)
    np.add(u, 1, out=u)
    np.multiply(u, 0.5, out=u)
    np.multiply(z, u, out=a)


@dataclass(frozen=True, slots=True)
class GeluTanh(Sloped):
    """The approximation that the first networks with GELU used."""

    name = "gelu_tanh"
    title = "Every number is multiplied by roughly the chance that a normal number is below it"
    short = "GELU"
    formula = r"A = \frac{Z}{2} \left(1 + \tanh\left(\sqrt{\frac{2}{\pi}} \, (Z + 0.044715 \, Z^3)\right)\right)"
    text = "½ · {0} · (1 + tanh(0.797885 · ({0} + 0.044715 · {0}³)))"
    kernel = staticmethod(gelu_tanh)
    readable = staticmethod(readable_activation.gelu_tanh)
    workspace = ("u",)

    def apply(self, *values: float) -> float:
        z = values[0]
        return 0.5 * z * (1.0 + math.tanh(ROOT_2_PI * (z + CUBIC * z**3)))

    def gradient(self) -> GeluTanhGrad:
        return GeluTanhGrad()

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        said = "A normal number is below {z} with a chance of about Φ = {share}; so much of it is left: "
        return said + "{z} · {share:()} = {a}.", {"share": 0.5 * (1.0 + math.tanh(ROOT_2_PI * (z + CUBIC * z**3)))}


def gelu_tanh_grad(d_a: Array, z: Array, square: Array, u: Array, slope: Array, d_z: Array) -> None:
    """dz = da · ½ (1 + τ) · (1 + z (1 − τ) · du/dz), τ = tanh u, du/dz = √(2/π) · (1 + 3 · 0.044715 z²)."""
    np.multiply(z, z, out=square)
    np.multiply(square, CUBIC, out=u)
    np.add(u, 1, out=u)
    np.multiply(u, z, out=u)
    np.multiply(u, ROOT_2_PI, out=u)
    np.tanh(u, out=u)
    np.multiply(square, 3 * CUBIC * ROOT_2_PI, out=slope)
    np.add(slope, ROOT_2_PI, out=slope)
    np.multiply(slope, z, out=slope)
    np.subtract(1, u, out=square)
    np.multiply(slope, square, out=slope)
    np.add(slope, 1, out=slope)
    np.add(u, 1, out=u)
    np.multiply(u, 0.5, out=u)
    np.multiply(slope, u, out=slope)
    np.multiply(d_a, slope, out=d_z)


@dataclass(frozen=True, slots=True)
class GeluTanhGrad(SlopedGrad):
    """Slope of the approximation, from z itself."""

    name = "gelu_tanh_grad"
    formula = (
        r"dZ = dA \cdot \frac{1 + \tau}{2} \left(1 + Z (1 - \tau) \sqrt{\frac{2}{\pi}} (1 + 0.134145 \, Z^2)\right), "
        r"\quad \tau = \tanh\left(\sqrt{\frac{2}{\pi}} \, (Z + 0.044715 \, Z^3)\right)"
    )
    text = (
        "{0} · ½(1 + τ) · (1 + {1} · (1 − τ) · 0.797885 · (1 + 0.134145 · {1}²)), "
        "τ = tanh(0.797885 · ({1} + 0.044715 · {1}³))"
    )
    kernel = staticmethod(gelu_tanh_grad)
    readable = staticmethod(readable_activation.gelu_tanh_grad)
    workspace = ("square", "u", "slope")

    def slope(self, z: float) -> float:
        tau = math.tanh(ROOT_2_PI * (z + CUBIC * z**3))
        return 0.5 * (1.0 + tau) * (1.0 + (1.0 - tau) * z * ROOT_2_PI * (1.0 + 3.0 * CUBIC * z * z))
