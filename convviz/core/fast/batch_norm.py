"""Batch normalisation, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convviz.core.arrays import Array
from convviz.core.fast import normal
from convviz.core.fast.fused import Fused
from convviz.core.ops.base import Scratch


def rows(maps: Array) -> Array:
    """``(N, C, H, W)`` → ``(N, C, P)``."""
    return maps.reshape(*maps.shape[:2], -1)


@dataclass(frozen=True, slots=True)
class ChannelSum(Fused):
    """Sum or mean of every channel."""

    divisor: int = 1

    name = "channel_mean"
    kernel = staticmethod(normal.channel_sum)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return rows(ins[0]), out.dtype.type(1.0 / self.divisor), out


@dataclass(frozen=True, slots=True)
class Variance(Fused):
    """Variance of every channel. Inputs: maps, mean."""

    divisor: int

    name = "channel_variance"
    kernel = staticmethod(normal.variance)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return rows(ins[0]), ins[1], out.dtype.type(1.0 / self.divisor), out


@dataclass(frozen=True, slots=True)
class BatchNorm(Fused):
    """Normalise, scale and shift, perhaps with a ReLU. Inputs: maps, mean, variance, scale, shift."""

    epsilon: float
    relu: bool = False

    name = "batch_norm"
    kernel = staticmethod(normal.normalise)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return rows(ins[0]), *ins[1:], out.dtype.type(self.epsilon), self.relu, rows(out)


@dataclass(frozen=True, slots=True)
class ScaleGradient(Fused):
    """Gradient of the scale. Inputs: gradient of the output, maps, mean, variance."""

    epsilon: float

    name = "sum_product"
    kernel = staticmethod(normal.scale_gradient)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return rows(ins[0]), rows(ins[1]), *ins[2:], out.dtype.type(self.epsilon), out


@dataclass(frozen=True, slots=True)
class BatchNormGrad(Fused):
    """Gradient of the maps. Inputs: gradient of the output, maps, mean, variance, scale; gradients of scale, shift."""

    epsilon: float
    divisor: int

    name = "batch_norm_grad"
    kernel = staticmethod(normal.normalise_gradient)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        number = out.dtype.type
        return rows(ins[0]), rows(ins[1]), *ins[2:], number(self.epsilon), number(1.0 / self.divisor), rows(out)
