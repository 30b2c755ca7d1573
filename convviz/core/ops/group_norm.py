"""Group, layer and instance normalisation: every group of an image's numbers gets mean 0 and variance 1.

:class:`~convviz.core.ops.group.Channels` and :class:`~convviz.core.ops.group.Places` say which groups there are; a
group has M numbers. Images don't affect each other, so training and evaluation compute the same.

    μ = 1/M Σ x          x_c = x − μ          v = 1/M Σ x_c²          x̂ = x_c / √(v + ε)

    dx = (dx̂ − 1/M Σ dx̂ − x̂ · 1/M Σ dx̂ x̂) / √(v + ε)

(Ba, Kiros and Hinton 2016; Ulyanov, Vedaldi and Lempitsky 2016; Wu and He 2018.) A scale and a shift follow: per
channel, as after batch normalisation, or per cell in layer normalisation of whole images; see
:mod:`convviz.core.ops.cell_affine`.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import Array, Index, Role, Shape
from convviz.core.equation import Equation, Term
from convviz.core.ops import norm
from convviz.core.ops.base import Emitter, Op, Scratch, Step
from convviz.core.ops.cells import Products
from convviz.core.ops.group import AppliedPerGroup, Channels, GroupSum, PerGroup, Places
from convviz.core.readable import group_norm as readable


def group_mean(x: Array, share: float, mean: Array) -> None:
    """mean = 1/M Σ x; the last axes of x are those of a group."""
    np.add.reduce(x, axis=tuple(range(mean.ndim, x.ndim)), out=mean)
    np.multiply(mean, share, out=mean)


def group_product(a: Array, b: Array, share: float, mean: Array) -> None:
    """1/M Σ a · b."""
    axes = range(a.ndim)
    np.einsum(a, axes, b, axes, axes[: mean.ndim], out=mean)
    np.multiply(mean, share, out=mean)


@dataclass(frozen=True, slots=True)
class Mean(GroupSum):
    """Base: the mean of every group."""

    kernel = staticmethod(group_mean)


@dataclass(frozen=True, slots=True)
class Centre(PerGroup):
    """Base: values minus the mean of their group."""

    normalises = True
    kernel = staticmethod(norm.centre)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        # The gradient from the division has mean 0 already, so nothing flows back through the mean.
        return {0: d_out}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        x, mean = self.factors(values, index)
        return Equation(index, (Term((x,)), Term((mean,), -1.0)))


@dataclass(frozen=True, slots=True)
class Variance(GroupSum):
    """Base: the mean square of every centred group."""

    kernel = staticmethod(group_product)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        x, share, made = GroupSum.prepare(self, ins, out, scratch)
        return x, x, share, made

    def products(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> Products:
        (found,) = self.reads(ins, out, index)
        return Products(((0, found), (0, found)), self.sum_scale(ins))


@dataclass(frozen=True, slots=True)
class Product(GroupSum):
    """Base: the part of the gradient that lies along x̂, the mean of dx̂·x̂."""

    kernel = staticmethod(group_product)


@dataclass(frozen=True, slots=True)
class Normalise(AppliedPerGroup):
    """Base: centred values divided by the deviation of their group."""

    kernel = staticmethod(norm.normalise)

    @property
    @abstractmethod
    def epsilon(self) -> float:
        """Keeps the division finite."""

    @abstractmethod
    def back(self) -> tuple[Op, Op, Op]:
        """The ops of the gradient: the mean of dx̂, the mean of dx̂·x̂, and the one that removes both parts."""

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        centred, variance, made = self.views(ins, out)
        return centred, variance, self.epsilon, scratch("deviation", variance.shape, out.dtype), made

    def apply(self, *values: float) -> float:
        return values[0] / math.sqrt(values[1] + self.epsilon)

    def written(self) -> str:
        return f"{{0}} / √({{1}} + {self.epsilon:g})"

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        centred, variance = step.inputs
        of_mean, of_product, of_rest = self.back()
        mean = build.emit(of_mean, (d_out,), f"{d_out}_mean", role=Role.GRADIENT)
        along = build.emit(of_product, (d_out, step.output), f"{d_out}_along", role=Role.GRADIENT)
        return {0: build.gradient(of_rest, (d_out, step.output, variance, mean, along), centred)}


@dataclass(frozen=True, slots=True)
class NormaliseGrad(AppliedPerGroup):
    """Base: gradient of the centred values. Inputs: dx̂, x̂, variance, mean of dx̂, mean of dx̂·x̂."""

    kernel = staticmethod(norm.normalise_grad)
    formula = norm.NormaliseGrad.formula
    numbers: ClassVar[tuple[int, ...]] = (2, 3, 4)

    @property
    @abstractmethod
    def epsilon(self) -> float:
        """Keeps the division finite."""

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


# --- the channels in groups --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupMean(Channels, Mean):
    """Mean of every group of every image."""

    name = "group_mean"
    title = "The mean of every group of channels, image by image"
    formula = r"\mu[n, g] = \frac{1}{M} \sum_{c \in g} \sum_{y, x} X[n, c, y, x]"
    readable = staticmethod(readable.group_mean)
    everywhere = True


@dataclass(frozen=True, slots=True)
class GroupCentre(Channels, Centre):
    """Values minus the mean of their group."""

    name = "group_centre"
    title = "The mean is subtracted, so that every group is centred at 0"
    formula = r"X_c[n, c] = X[n, c] - \mu[n, g]"
    readable = staticmethod(readable.group_centre)


@dataclass(frozen=True, slots=True)
class GroupVariance(Channels, Variance):
    """Mean square of every centred group."""

    name = "group_variance"
    title = "Every group's variance: the mean square of what is left"
    formula = r"v[n, g] = \frac{1}{M} \sum_{c \in g} \sum_{y, x} X_c[n, c, y, x]^2"
    readable = staticmethod(readable.group_variance)


@dataclass(frozen=True, slots=True)
class GroupNormalise(Channels, Normalise):
    """Centred values divided by the deviation of their group."""

    epsilon: float = field()

    name = "group_normalise"
    title = "Every group is divided by its deviation, so that its variance is 1"
    formula = r"\hat{X}[n, c] = \frac{X_c[n, c]}{\sqrt{v[n, g] + \varepsilon}}"
    readable = staticmethod(readable.group_normalise)

    def back(self) -> tuple[Op, Op, Op]:
        return GroupMean(self.groups), GroupProduct(self.groups), GroupNormaliseGrad(self.groups, self.epsilon)


@dataclass(frozen=True, slots=True)
class GroupProduct(Channels, Product):
    """Part of the gradient that lies along x̂."""

    name = "group_product"
    title = "How far the gradient would stretch the group, on average"
    formula = (
        r"\overline{d\hat{X} \hat{X}}[n, g] = "
        r"\frac{1}{M} \sum_{c \in g} \sum_{y, x} d\hat{X}[n, c, y, x] \cdot \hat{X}[n, c, y, x]"
    )
    readable = staticmethod(readable.group_product)


@dataclass(frozen=True, slots=True)
class GroupNormaliseGrad(Channels, NormaliseGrad):
    """Gradient of :class:`GroupNormalise`."""

    epsilon: float = field()

    name = "group_normalise_grad"
    title = "The part that would only move or stretch a group is removed: normalising would undo it"
    readable = staticmethod(readable.group_normalise_grad)


# --- every place by itself ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceMean(Places, Mean):
    """Mean over the channels of every place."""

    name = "place_mean"
    title = "At every place the mean over the channels"
    formula = r"\mu[n, y, x] = \frac{1}{C} \sum_{c} X[n, c, y, x]"
    readable = staticmethod(readable.place_mean)


@dataclass(frozen=True, slots=True)
class PlaceCentre(Places, Centre):
    """Values minus the mean of their place."""

    name = "place_centre"
    title = "The mean is subtracted, so that the channels of every place are centred at 0"
    formula = r"X_c[n, c, y, x] = X[n, c, y, x] - \mu[n, y, x]"
    readable = staticmethod(readable.place_centre)


@dataclass(frozen=True, slots=True)
class PlaceVariance(Places, Variance):
    """Mean square of the centred channels of every place."""

    name = "place_variance"
    title = "Every place's variance: the mean square of what is left"
    formula = r"v[n, y, x] = \frac{1}{C} \sum_{c} X_c[n, c, y, x]^2"
    readable = staticmethod(readable.place_variance)


@dataclass(frozen=True, slots=True)
class PlaceNormalise(Places, Normalise):
    """Centred values divided by the deviation of their place."""

    epsilon: float = field()

    name = "place_normalise"
    title = "The channels of every place are divided by their deviation, so that their variance is 1"
    formula = r"\hat{X}[n, c, y, x] = \frac{X_c[n, c, y, x]}{\sqrt{v[n, y, x] + \varepsilon}}"
    readable = staticmethod(readable.place_normalise)

    def back(self) -> tuple[Op, Op, Op]:
        return PlaceMean(), PlaceProduct(), PlaceNormaliseGrad(self.epsilon)


@dataclass(frozen=True, slots=True)
class PlaceProduct(Places, Product):
    """Part of the gradient that lies along x̂."""

    name = "place_product"
    title = "How far the gradient would stretch the channels of a place, on average"
    formula = (
        r"\overline{d\hat{X} \hat{X}}[n, y, x] = \frac{1}{C} \sum_{c} d\hat{X}[n, c, y, x] \cdot \hat{X}[n, c, y, x]"
    )
    readable = staticmethod(readable.place_product)


@dataclass(frozen=True, slots=True)
class PlaceNormaliseGrad(Places, NormaliseGrad):
    """Gradient of :class:`PlaceNormalise`."""

    epsilon: float = field()

    name = "place_normalise_grad"
    title = "The part that would only move or stretch a place is removed: normalising would undo it"
    readable = staticmethod(readable.place_normalise_grad)
