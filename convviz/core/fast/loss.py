"""Scores, loss and the first gradients, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from convviz.core.arrays import Array
from convviz.core.fast import entropy
from convviz.core.fast.fused import Fused
from convviz.core.ops.base import Scratch


@dataclass(frozen=True, slots=True)
class AddBias(Fused):
    """Add a number per unit to the scores."""

    name = "add_bias"
    kernel = staticmethod(entropy.add_bias)
    inplace = 0


@dataclass(frozen=True, slots=True)
class SumImages(Fused):
    """Gradient of the bias."""

    name = "sum_images"
    kernel = staticmethod(entropy.sum_images)


@dataclass(frozen=True, slots=True)
class Softmax(Fused):
    """Scores to probabilities."""

    name = "softmax"
    kernel = staticmethod(entropy.softmax)


@dataclass(frozen=True, slots=True)
class CrossEntropy(Fused):
    """Loss of every image. Inputs: scores, labels."""

    smoothing: float

    name = "cross_entropy"
    kernel = staticmethod(entropy.cross_entropy)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, out.dtype.type(self.smoothing), out


@dataclass(frozen=True, slots=True)
class MeanLoss(Fused):
    """Mean loss of the minibatch, or the share that a part of its images has in it."""

    divisor: int

    name = "mean"
    kernel = staticmethod(entropy.mean_loss)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], out.dtype.type(self.divisor), out


@dataclass(frozen=True, slots=True)
class MeanLossGrad(Fused):
    """Gradient of the mean: 1/N for every image."""

    divisor: int

    name = "mean_grad"
    kernel = staticmethod(entropy.mean_loss_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return out.dtype.type(1.0 / self.divisor), out


@dataclass(frozen=True, slots=True)
class SoftmaxGrad(Fused):
    """Gradient of the scores. Inputs: probabilities, labels, gradient of the losses."""

    smoothing: float

    name = "softmax_grad"
    kernel = staticmethod(entropy.softmax_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        p, labels, d_losses = ins
        return p, labels, out.dtype.type(self.smoothing), d_losses, out
