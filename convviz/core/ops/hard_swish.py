"""HardSwish: SiLU with three straight lines instead of the sigmoid, used by networks for phones.

    a = z · min(max(z + 3, 0), 6) / 6              da/dz = 0 up to z = −3, z/3 + 1/2 up to 3, then 1

Source: Howard et al. 2019 (MobileNetV3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.base import Scratch
from convviz.core.ops.sloped import Sloped, SlopedGrad
from convviz.core.readable import activation as readable_activation


def hard_swish(z: Array, zeros: Array, share: Array, a: Array) -> None:
    """a = z · min(max(z + 3, 0), 6) / 6."""
    np.add(z, 3, out=share)
    np.maximum(share, zeros, out=share)
    np.minimum(share, 6, out=share)
    np.multiply(share, 1 / 6, out=share)
    np.multiply(z, share, out=a)


def hard_share(z: float) -> float:
    """The share of z that is left: 0 up to −3, 1 from 3 on."""
    return min(max(z + 3.0, 0.0), 6.0) * (1 / 6)


@dataclass(frozen=True, slots=True)
class HardSwish(Sloped):
    """A number times the share of it that is left, which rises from 0 at −3 to 1 at 3."""

    name = "hard_swish"
    title = "The larger a number, the more of it is left: nothing below −3, all above 3"
    short = "h-swish"
    formula = r"A = Z \cdot \frac{\min(\max(Z + 3, 0), 6)}{6}"
    text = "{0} · min(max({0} + 3, 0), 6) / 6"
    kernel = staticmethod(hard_swish)
    readable = staticmethod(readable_activation.hard_swish)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], np.zeros(out.shape[-1:], out.dtype), scratch("share", out.shape, out.dtype), out

    def apply(self, *values: float) -> float:
        return values[0] * hard_share(values[0])

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        return np.where(ins[0] > 3, 2, ins[0] > -3)

    def gradient(self) -> HardSwishGrad:
        return HardSwishGrad()

    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        if z >= 3:
            return "{z} is not below 3: all of it is left.", {}
        if z <= -3:
            return "{z} is not above −3: nothing of it is left.", {}
        said = "Between −3 and 3 the share rises evenly; of {z} it is {share}: {z} · {share:()} = {a}."
        return said, {"share": hard_share(z)}


def hard_swish_grad(d_a: Array, z: Array, slope: Array, outside: Array, d_z: Array) -> None:
    """dz = da · (z/3 + 1/2 between −3 and 3, 0 below, 1 above)."""
    np.multiply(z, 1 / 3, out=slope)
    np.add(slope, 0.5, out=slope)
    np.less_equal(z, -3, out=outside)
    np.copyto(slope, 0, where=outside)
    np.greater(z, 3, out=outside)
    np.copyto(slope, 1, where=outside)
    np.multiply(d_a, slope, out=d_z)


@dataclass(frozen=True, slots=True)
class HardSwishGrad(SlopedGrad):
    """Slope of the three pieces."""

    name = "hard_swish_grad"
    formula = r"dZ = dA \cdot \left([Z > 3] + [-3 < Z \leq 3] \left(\frac{Z}{3} + \frac{1}{2}\right)\right)"
    text = "{0} · ([{1} > 3] + [{1} > −3] · (1 − [{1} > 3]) · ({1} / 3 + 0.5))"
    kernel = staticmethod(hard_swish_grad)
    readable = staticmethod(readable_activation.hard_swish_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, scratch("slope", out.shape, out.dtype), scratch("outside", out.shape, np.bool_), out

    def slope(self, z: float) -> float:
        return 0.0 if z <= -3 else 1.0 if z > 3 else z * (1 / 3) + 0.5
