"""Group, layer and instance normalisation: every group of an image gets mean 0 and variance 1.

Sums run over the channels and places of a group g of an image n; there are M of them. Other images have no part in it,
so it is the same in training and in evaluation.

    μ = 1/M Σ x          x_c = x − μ          v = 1/M Σ x_c²          x̂ = x_c / √(v + ε)

    dx = (dx̂ − 1/M Σ dx̂ − x̂ · 1/M Σ dx̂ x̂) / √(v + ε)

(Ba, Kiros and Hinton 2016; Ulyanov, Vedaldi and Lempitsky 2016; Wu and He 2018.) A scale and a shift follow: per
channel, as after batch normalisation, or in layer normalisation for every cell; see
:mod:`convviz.core.ops.cell_affine`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import Array, Index, Role, Shape
from convviz.core.equation import Equation, Term
from convviz.core.ops import norm
from convviz.core.ops.base import Emitter, Scratch, Step
from convviz.core.ops.cells import Products
from convviz.core.ops.group import AppliedPerGroup, GroupSum, PerGroup
from convviz.core.readable import group_norm as readable


def group_mean(x: Array, share: float, mean: Array) -> None:
    """μ[n, g] = 1/M Σ x."""
    np.add.reduce(x, axis=tuple(range(2, x.ndim)), out=mean)
    np.multiply(mean, share, out=mean)


@dataclass(frozen=True, slots=True)
class GroupMean(GroupSum):
    """Mean of every group of every image."""

    name = "group_mean"
    title = "The mean of every group of channels, image by image"
    formula = r"\mu[n, g] = \frac{1}{M} \sum_{c \in g} \sum_{y, x} X[n, c, y, x]"
    kernel = staticmethod(group_mean)
    readable = staticmethod(readable.group_mean)
    everywhere = True


@dataclass(frozen=True, slots=True)
class GroupCentre(PerGroup):
    """Values minus the mean of their group."""

    name = "group_centre"
    title = "The mean is subtracted, so that every group is centred at 0"
    formula = r"X_c[n, c] = X[n, c] - \mu[n, g]"
    kernel = staticmethod(norm.centre)
    readable = staticmethod(readable.group_centre)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        # The gradient from GroupNormalise has mean 0 already, so nothing flows back through the mean.
        return {0: d_out}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        x, mean = self.factors(values, index)
        return Equation(index, (Term((x,)), Term((mean,), -1.0)))


def group_product(a: Array, b: Array, share: float, mean: Array) -> None:
    """1/M Σ a · b."""
    axes = range(a.ndim)
    np.einsum(a, axes, b, axes, (0, 1), out=mean)
    np.multiply(mean, share, out=mean)


@dataclass(frozen=True, slots=True)
class GroupVariance(GroupSum):
    """Mean square of every centred group."""

    name = "group_variance"
    title = "Every group's variance: the mean square of what is left"
    formula = r"v[n, g] = \frac{1}{M} \sum_{c \in g} \sum_{y, x} X_c[n, c, y, x]^2"
    kernel = staticmethod(group_product)
    readable = staticmethod(readable.group_variance)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        x, share, made = GroupSum.prepare(self, ins, out, scratch)
        return x, x, share, made

    def products(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> Products:
        (found,) = self.reads(ins, out, index)
        return Products(((0, found), (0, found)), self.sum_scale(ins))


@dataclass(frozen=True, slots=True)
class GroupNormalise(AppliedPerGroup):
    """Centred values divided by the deviation of their group."""

    epsilon: float

    name = "group_normalise"
    title = "Every group is divided by its deviation, so that its variance is 1"
    formula = r"\hat{X}[n, c] = \frac{X_c[n, c]}{\sqrt{v[n, g] + \varepsilon}}"
    kernel = staticmethod(norm.normalise)
    readable = staticmethod(readable.group_normalise)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        centred, variance, made = self.views(ins, out)
        return centred, variance, self.epsilon, scratch("deviation", variance.shape, out.dtype), made

    def apply(self, *values: float) -> float:
        return values[0] / math.sqrt(values[1] + self.epsilon)

    def written(self) -> str:
        return f"{{0}} / √({{1}} + {self.epsilon:g})"

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        centred, variance = step.inputs
        mean = build.emit(GroupMean(self.groups), (d_out,), f"{d_out}_mean", role=Role.GRADIENT)
        along = build.emit(GroupProduct(self.groups), (d_out, step.output), f"{d_out}_along", role=Role.GRADIENT)
        inputs = (d_out, step.output, variance, mean, along)
        return {0: build.gradient(GroupNormaliseGrad(self.groups, self.epsilon), inputs, centred)}


# --- backward ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupProduct(GroupSum):
    """Part of the gradient that lies along x̂."""

    name = "group_product"
    title = "How far the gradient would stretch the group, on average"
    formula = (
        r"\overline{d\hat{X} \hat{X}}[n, g] = "
        r"\frac{1}{M} \sum_{c \in g} \sum_{y, x} d\hat{X}[n, c, y, x] \cdot \hat{X}[n, c, y, x]"
    )
    kernel = staticmethod(group_product)
    readable = staticmethod(readable.group_product)


@dataclass(frozen=True, slots=True)
class GroupNormaliseGrad(AppliedPerGroup):
    """Inputs dx̂, x̂, variance, mean of dx̂, mean of dx̂·x̂."""

    epsilon: float

    name = "group_normalise_grad"
    title = "The part that would only move or stretch a group is removed: normalising would undo it"
    formula = norm.NormaliseGrad.formula
    kernel = staticmethod(norm.normalise_grad)
    readable = staticmethod(readable.group_normalise_grad)
    numbers: ClassVar[tuple[int, ...]] = (2, 3, 4)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_x_hat, x_hat, variance, mean, along, made = self.views(ins, out)
        deviation = scratch("deviation", variance.shape, out.dtype)
        part = scratch("part", made.shape, out.dtype)
        return d_x_hat, x_hat, variance, mean, along, self.epsilon, deviation, part, made

    def apply(self, *values: float) -> float:
        d_x_hat, x_hat, variance, mean, along = values
        return (d_x_hat - (x_hat * along + mean)) / math.sqrt(variance + self.epsilon)

    def written(self) -> str:
        return f"({{0}} − {{3}} − {{1}} · {{4}}) / √({{2}} + {self.epsilon:g})"
