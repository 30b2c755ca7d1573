"""Two runs side by side: where they part, and how their arrays differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.present.compare.curves import RunCurves
from convviz.present.numbers import format_value

__all__ = [
    "FilterPair",
    "Parting",
    "bar_order",
    "bar_tops",
    "common_layers",
    "filter_name",
    "filter_pair",
    "map_pair",
    "parting",
    "why_not",
]


@dataclass(frozen=True, slots=True)
class Parting:
    """The first minibatch whose losses differ.

    Parameters
    ----------
    step : int or None
        None if none of those that both trained does.
    a, b : float
        The losses there.
    compared : int
        Minibatches that both trained.
    """

    step: int | None
    a: float
    b: float
    compared: int

    @property
    def words(self) -> str:
        """One sentence."""
        if not self.compared:
            return "The two have no minibatch in common."
        if self.step is None:
            if self.compared == 1:
                return "The one minibatch that both trained has the same loss, bit for bit."
            return f"All {self.compared:,} minibatches that both trained have the same loss, bit for bit."
        if self.step == 1:
            return f"They part at the first minibatch: its loss is {self.a:.6g} in A and {self.b:.6g} in B."
        before = "the first minibatch is" if self.step == 2 else f"the first {self.step - 1:,} minibatches are"
        return (
            f"They part at step {self.step:,}: {before} the same bit for bit, then the loss is {self.a:.6g} in A and "
            f"{self.b:.6g} in B, {format_value(self.b - self.a)} apart."
        )


def parting(a: RunCurves, b: RunCurves) -> Parting:
    """Where two runs part, by the losses of their minibatches."""
    steps, at_a, at_b = np.intersect1d(a.steps, b.steps, assume_unique=True, return_indices=True)
    left, right = a.loss[at_a], b.loss[at_b]
    other = np.flatnonzero(left != right)
    if not len(other):
        return Parting(None, np.nan, np.nan, len(steps))
    first = int(other[0])
    return Parting(int(steps[first]), float(left[first]), float(right[first]), len(steps))


@dataclass(frozen=True, slots=True, eq=False)
class FilterPair:
    """The filters of one layer in two runs, or the maps that they make of one image.

    Parameters
    ----------
    layer : str
    a, b, difference : ndarray (F, rows, columns)
        Filters of several channels lie side by side.
    change : ndarray (F,)
        ‖B − A‖ / ‖A‖ of every filter, all its channels; NaN where both are 0, infinite where A alone is.
    cosine : ndarray (F,)
    scale, difference_scale : float
        Largest absolute values: of A and B together, and of their difference.
    """

    layer: str
    a: Array
    b: Array
    difference: Array
    change: Array
    cosine: Array
    scale: float
    difference_scale: float

    @property
    def most(self) -> int:
        """The filter that differs most."""
        known = np.where(np.isnan(self.change), -np.inf, self.change)
        return int(known.argmax()) if len(known) else 0

    @property
    def median(self) -> float:
        """The median of ``change`` where it is a number; NaN where it is nowhere."""
        known = self.change[~np.isnan(self.change)]
        return float(np.median(known)) if len(known) else float("nan")


def common_layers(a: Mapping[str, Array], b: Mapping[str, Array]) -> tuple[str, ...]:
    """Layers whose weights have the same shape in both."""
    names = [name.removesuffix(".weight") for name in a if name.endswith(".weight") and a[name].ndim >= 2]
    return tuple(name for name in names if b.get(f"{name}.weight", np.empty(0)).shape == a[f"{name}.weight"].shape)


def filter_pair(layer: str, a: Array, b: Array) -> FilterPair:
    """The filters ``(F, C, KH, KW)``, or the units of a dense layer ``(inputs, units)``, of two runs."""
    left, right = (one.T if one.ndim == 2 else one for one in (a, b))
    return _pair(layer, left, right, tiles(left), tiles(right))


def filter_name(layer: str, weight: Array) -> str:
    """The name of one of them, with ``{}`` for its number."""
    return f"{layer}.weight[:, {{}}]" if weight.ndim == 2 else f"{layer}.weight[{{}}]"


def map_pair(layer: str, a: Array, b: Array) -> FilterPair:
    """The maps ``(F, H, W)`` of one image, or the outputs of units ``(units,)``, of two runs."""
    left, right = (one.reshape(len(one), *(one.shape[1:] or (1, 1))) for one in (a, b))
    return _pair(layer, a, b, left, right)


def _pair(layer: str, a: Array, b: Array, left: Array, right: Array) -> FilterPair:
    rows = [np.asarray(one, np.float64).reshape(len(one), -1) for one in (a, b)]
    norms, other = (np.linalg.norm(one, axis=1) for one in rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.linalg.norm(rows[1] - rows[0], axis=1) / norms
        cosine = (rows[0] * rows[1]).sum(axis=1) / (norms * other)
    difference = right - left
    scale = float(max(np.abs(left).max(initial=0), np.abs(right).max(initial=0))) or 1.0
    return FilterPair(
        layer, left, right, difference, change, cosine, scale, float(np.abs(difference).max(initial=0)) or 1.0
    )


def bar_order(change: Array, *, largest_first: bool) -> Array:
    """Numbers of the filters in the order of their bars ``(F,)``; what is no number comes last."""
    if not largest_first:
        return np.arange(len(change))
    return np.argsort(-np.where(np.isnan(change), -np.inf, change), kind="stable")


def bar_tops(values: Array, count: int) -> Array:
    """The largest value in each of ``count`` equal parts, ``(count,)``, of at least as many values; NaN counts as 0."""
    edges = np.arange(count) * len(values) // max(1, count)
    return np.asarray(np.maximum.reduceat(np.where(np.isnan(values), 0.0, values), edges)) if count else values


def tiles(weight: Array) -> Array:
    """Filters ``(F, C, KH, KW)`` as pictures, at most four channels a row; units ``(units, inputs)`` as squares."""
    if weight.ndim == 4:
        count, channels, height, width = weight.shape
        kept = min(channels, 4)
        return np.ascontiguousarray(weight[:, :kept].transpose(0, 2, 1, 3)).reshape(count, height, kept * width)
    count, inputs = weight.shape
    columns = int(np.ceil(np.sqrt(inputs)))
    rows = -(-inputs // columns)
    cells = np.zeros((count, rows * columns), weight.dtype)
    cells[:, :inputs] = weight
    return cells.reshape(count, rows, columns)


def why_not(a: Design, b: Design) -> str:
    """Why two runs can't be compared filter by filter, or a caveat; empty if all is well."""
    if a.training.seed != b.training.seed:
        return "The seeds differ, and so do all initial weights and the order of the images."
    return ""
