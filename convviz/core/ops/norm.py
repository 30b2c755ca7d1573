"""Batch normalisation: every channel gets mean 0 and variance 1 over the minibatch, then a scale and a shift.

Sums run over the images and places of a channel c; there are M = N·H·W of them in the whole minibatch.

    μ = 1/M Σ x          x_c = x − μ          v = 1/M Σ x_c²          x̂ = x_c / √(v + ε)          z = γ x̂ + β

    dγ = Σ dz · x̂        dβ = Σ dz            dx̂ = γ dz
    dx = (dx̂ − 1/M Σ dx̂ − x̂ · 1/M Σ dx̂ x̂) / √(v + ε)

The last line is the whole derivative from x̂ back to x, including the paths through the mean and the variance. In
evaluation μ and v are running statistics, which don't depend on x, and only dx = dx̂ / √(v + ε) is left. (Ioffe and
Szegedy 2015.)

Sums are einsums: they read arrays of any layout once and need no temporary memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Equation, Term
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Emitter, Out, Scratch, Step
from convviz.core.ops.cells import Products
from convviz.core.ops.channel import Applied, ChannelSum, PerChannel, across
from convviz.core.readable import norm as readable_norm

# --- forward -----------------------------------------------------------------------------------------------------


def channel_mean(x: Array, share: float, mean: Array) -> None:
    """μ[c] = 1/M Σ x[n, c, y, x]."""
    np.einsum("nchw->c", x, out=mean)
    np.multiply(mean, share, out=mean)


@dataclass(frozen=True, slots=True)
class ChannelMean(ChannelSum):
    """Mean of every channel over the minibatch."""

    name = "channel_mean"
    title = "Every channel's mean over all images and places"
    formula = r"\mu[c] = \frac{1}{M} \sum_{n, y, x} X[n, c, y, x]"
    kernel = staticmethod(channel_mean)
    readable = staticmethod(readable_norm.channel_mean)


def centre(x: Array, mean: Array, centred: Array) -> None:
    """x_c = x − μ."""
    np.subtract(x, mean, out=centred)


@dataclass(frozen=True, slots=True)
class Centre(PerChannel):
    """Maps minus the mean of their channel."""

    name = "centre"
    normalises = True
    title = "The mean is subtracted, so that every channel is centred at 0"
    formula = r"X_c[n, c] = X[n, c] - \mu[c]"
    kernel = staticmethod(centre)
    readable = staticmethod(readable_norm.centre)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        # The gradient from Normalise has mean 0 already, so nothing flows back through the mean.
        return {0: d_out}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        x, mean = self.factors(values, index)
        return Equation(index, (Term((x,)), Term((mean,), -1.0)))


def mean_product(a: Array, b: Array, share: float, mean: Array) -> None:
    """1/M Σ a · b."""
    np.einsum("nchw,nchw->c", a, b, out=mean)
    np.multiply(mean, share, out=mean)


@dataclass(frozen=True, slots=True)
class ChannelVariance(ChannelSum):
    """Mean square of every centred channel over the minibatch."""

    name = "channel_variance"
    title = "Every channel's variance: the mean square of what is left"
    formula = r"v[c] = \frac{1}{M} \sum_{n, y, x} X_c[n, c, y, x]^2"
    kernel = staticmethod(mean_product)
    readable = staticmethod(readable_norm.channel_variance)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[0], 1.0 / self.divisor, out

    def products(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> Products:
        (found,) = self.reads(ins, out, index)
        return Products(((0, found), (0, found)), self.sum_scale(ins))


def normalise(centred: Array, variance: Array, epsilon: float, deviation: Array, x_hat: Array) -> None:
    """x̂ = x_c / √(v + ε)."""
    inverse_root(variance, epsilon, deviation)
    np.multiply(centred, deviation, out=x_hat)


def inverse_root(variance: Array, epsilon: float, deviation: Array) -> None:
    """1 / √(v + ε)."""
    np.add(variance, epsilon, out=deviation)
    np.sqrt(deviation, out=deviation)
    np.reciprocal(deviation, out=deviation)


@dataclass(frozen=True, slots=True)
class Normalise(Applied):
    """Centred maps divided by the deviation of their channel.

    ``divisor`` is M if the variance is that of the maps themselves; 0 if it is a running statistic.
    """

    epsilon: float
    divisor: int = 0

    name = "normalise"
    title = "Every channel is divided by its deviation, so that its variance is 1"
    formula = r"\hat{X}[n, c] = \frac{X_c[n, c]}{\sqrt{v[c] + \varepsilon}}"
    kernel = staticmethod(normalise)
    readable = staticmethod(readable_norm.normalise)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        centred, variance = ins
        deviation = scratch("deviation", variance.shape, out.dtype)
        return centred, across(variance), self.epsilon, across(deviation), out

    def apply(self, *values: float) -> float:
        return values[0] / math.sqrt(values[1] + self.epsilon)

    def written(self) -> str:
        return f"{{0}} / √({{1}} + {self.epsilon:g})"

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        centred, variance = step.inputs
        if not self.divisor:
            return {0: build.gradient(Normalise(self.epsilon), (d_out, variance), centred)}
        mean = build.emit(ChannelMean(self.divisor), (d_out,), f"{d_out}_mean", role=Role.GRADIENT)
        along = build.emit(MeanProduct(self.divisor), (d_out, step.output), f"{d_out}_along", role=Role.GRADIENT)
        inputs = (d_out, step.output, variance, mean, along)
        return {0: build.gradient(NormaliseGrad(self.epsilon), inputs, centred)}


def scale_shift(x_hat: Array, scale: Array, shift: Array, z: Array) -> None:
    """z = γ x̂ + β."""
    np.multiply(x_hat, scale, out=z)
    np.add(z, shift, out=z)


@dataclass(frozen=True, slots=True)
class ScaleShift(PerChannel):
    """Scale and shift of every channel. Inputs: normalised maps, γ, β."""

    name = "scale_shift"
    title = "Every channel is multiplied by its scale, and its shift is added"
    formula = r"Z[n, c] = \gamma[c] \, \hat{X}[n, c] + \beta[c]"
    kernel = staticmethod(scale_shift)
    readable = staticmethod(readable_norm.scale_shift)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.PREACTIVATION, ins[0].axes)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        x_hat, scale, shift = step.inputs
        found = {}
        if wanted[1]:
            found[1] = build.gradient(SumProduct(), (d_out, x_hat), scale)
        if wanted[2]:
            found[2] = build.gradient(SumChannels(), (d_out,), shift)
        if wanted[0]:
            found[0] = build.gradient(ScaleGrad(), (d_out, scale), x_hat)
        return found

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        x_hat, scale, shift = self.factors(values, index)
        return Equation(index, (Term((scale, x_hat)), Term((shift,))))


# --- backward ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SumChannels(ChannelSum):
    """Gradient of β."""

    name = "sum_channels"
    title = "A shift reaches every place of its channel, so its gradient is the sum over them"
    formula = r"d\beta[c] = \sum_{n, y, x} dZ[n, c, y, x]"
    kernel = staticmethod(channel_mean)
    readable = staticmethod(readable_norm.sum_channels)


@dataclass(frozen=True, slots=True)
class SumProduct(ChannelSum):
    """Gradient of γ."""

    name = "sum_product"
    title = "A scale's gradient: the gradient times what was scaled, over all images and places"
    formula = r"d\gamma[c] = \sum_{n, y, x} dZ[n, c, y, x] \cdot \hat{X}[n, c, y, x]"
    kernel = staticmethod(mean_product)
    readable = staticmethod(readable_norm.sum_product)


@dataclass(frozen=True, slots=True)
class MeanProduct(ChannelSum):
    """Part of the gradient that lies along x̂: the mean of dx̂·x̂."""

    name = "mean_product"
    title = "How far the gradient would stretch the channel, on average"
    formula = (
        r"\overline{d\hat{X} \hat{X}}[c] = \frac{1}{M} \sum_{n, y, x} d\hat{X}[n, c, y, x] \cdot \hat{X}[n, c, y, x]"
    )
    kernel = staticmethod(mean_product)
    readable = staticmethod(readable_norm.mean_product)


def scale_grad(d_z: Array, scale: Array, d_x_hat: Array) -> None:
    """dx̂ = γ dz."""
    np.multiply(d_z, scale, out=d_x_hat)


@dataclass(frozen=True, slots=True)
class ScaleGrad(PerChannel):
    """Gradient of the normalised maps."""

    name = "scale_grad"
    title = "The gradient is scaled by the same factor as the forward pass"
    formula = r"d\hat{X}[n, c] = \gamma[c] \cdot dZ[n, c]"
    kernel = staticmethod(scale_grad)
    readable = staticmethod(readable_norm.scale_grad)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        d_z, scale = self.factors(values, index)
        return Equation(index, (Term((scale, d_z)),))


def normalise_grad(
    d_x_hat: Array,
    x_hat: Array,
    variance: Array,
    mean: Array,
    along: Array,
    epsilon: float,
    deviation: Array,
    part: Array,
    d_x: Array,
) -> None:
    """dx = (dx̂ − mean − x̂ · along) / √(v + ε)."""
    inverse_root(variance, epsilon, deviation)
    np.multiply(x_hat, along, out=part)
    np.add(part, mean, out=part)
    np.subtract(d_x_hat, part, out=d_x)
    np.multiply(d_x, deviation, out=d_x)


@dataclass(frozen=True, slots=True)
class NormaliseGrad(Applied):
    """Gradient of the centred maps. Inputs: dx̂, x̂, variance, mean of dx̂, mean of dx̂·x̂."""

    epsilon: float

    name = "normalise_grad"
    title = "The part that would only move or stretch a channel is removed: normalising would undo it"
    formula = (
        r"dX = \frac{d\hat{X} - \overline{d\hat{X}} - \hat{X} \cdot \overline{d\hat{X} \hat{X}}}"
        r"{\sqrt{v + \varepsilon}}"
    )
    kernel = staticmethod(normalise_grad)
    readable = staticmethod(readable_norm.normalise_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_x_hat, x_hat, variance, mean, along = ins
        deviation = scratch("deviation", variance.shape, out.dtype)
        part = scratch("part", out.shape, out.dtype)
        return (
            d_x_hat,
            x_hat,
            across(variance),
            across(mean),
            across(along),
            self.epsilon,
            across(deviation),
            part,
            out,
        )

    def apply(self, *values: float) -> float:
        d_x_hat, x_hat, variance, mean, along = values
        return (d_x_hat - (x_hat * along + mean)) / math.sqrt(variance + self.epsilon)

    def written(self) -> str:
        return f"({{0}} − {{3}} − {{1}} · {{4}}) / √({{2}} + {self.epsilon:g})"


# --- running statistics ------------------------------------------------------------------------------------------


def running_statistic(old: Array, value: Array, momentum: float, correction: float, part: Array, new: Array) -> None:
    """r ← (1 − ρ) r + ρ · correction · value."""
    np.multiply(value, momentum * correction, out=part)
    np.multiply(old, 1.0 - momentum, out=new)
    np.add(new, part, out=new)


@dataclass(frozen=True, slots=True)
class RunningStatistic(Elementwise):
    """A running statistic moves towards the minibatch's. Inputs: the running one, the minibatch's.

    ``correction`` is M / (M − 1) for a variance, which is too small because the minibatch's own mean was subtracted.
    """

    momentum: float
    correction: float = 1.0

    name = "running_statistic"
    title = "The statistic for evaluation moves a little towards that of this minibatch"
    formula = r"r \leftarrow (1 - \rho) \, r + \rho \, \mathrm{corr} \cdot \mathrm{value}"
    kernel = staticmethod(running_statistic)
    readable = staticmethod(readable_norm.running_statistic)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, self.momentum, self.correction, scratch("part", out.shape, out.dtype), out

    def apply(self, *values: float) -> float:
        return values[0] * (1.0 - self.momentum) + values[1] * (self.momentum * self.correction)

    def written(self) -> str:
        corrected = "{1}" if self.correction == 1.0 else f"{self.correction:g} · {{1}}"
        return f"{1.0 - self.momentum:g} · {{0}} + {self.momentum:g} · {corrected}"
