"""Curves of many runs over each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from convviz.core.arrays import Array

__all__ = ["Axis", "Band", "DrawnCurve", "RunCurves", "bands", "colour_of", "smoothed", "traces"]

Axis = Literal["steps", "epochs", "time"]
STRETCH, SHARE = 20, 0.03
"""Minibatches averaged for a point of a smoothed curve: this number, later this share of all before it."""
SPACING = SHARE / 2
"""The most minibatches from a point of a smoothed curve to the next one, as a share of all before it."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#a6408f", "#56b4e9", "#8a6d00", "#69727d", "#b8336a")
COLOURS_DARK = ("#56b4e9", "#f0a050", "#3fc79a", "#d58ac6", "#8fd0ff", "#d9c25a", "#a8b0ba", "#f080a8")


@dataclass(frozen=True, slots=True, eq=False)
class RunCurves:
    """The recorded curves of a run.

    Parameters
    ----------
    path : Path
    steps, loss : ndarray (n,)
        Of every minibatch.
    minibatches : int
        Of an epoch.
    epoch_steps, test_accuracy, test_loss, seconds : ndarray (epochs,)
        After every epoch.
    """

    path: Path
    steps: Array
    loss: Array
    minibatches: int
    epoch_steps: Array
    test_accuracy: Array
    test_loss: Array
    seconds: Array

    def along(self, axis: Axis, steps: Array) -> Array:
        """The places of steps on an axis; between two epochs, time is taken to pass evenly."""
        if axis == "steps":
            return np.asarray(steps, np.float64)
        if axis == "epochs":
            return np.asarray(steps, np.float64) / self.minibatches
        if not len(self.seconds):
            return np.full(len(steps), np.nan)
        at = np.concatenate([[0.0], self.epoch_steps])
        found: Array = np.interp(steps, at, np.concatenate([[0.0], self.seconds]), right=np.nan)
        return found

    def step_at(self, axis: Axis, x: float) -> int:
        """The step at a place of an axis: the inverse of :meth:`along`."""
        if axis == "steps":
            return round(x)
        if axis == "epochs":
            return round(x * self.minibatches)
        if not len(self.seconds):
            return 0
        at = np.concatenate([[0.0], self.seconds])
        return round(float(np.interp(x, at, np.concatenate([[0.0], self.epoch_steps]))))


@dataclass(frozen=True, slots=True, eq=False)
class DrawnCurve:
    """One curve to draw.

    Parameters
    ----------
    path : Path
        Of the run.
    x, y : ndarray (n,)
    """

    path: Path
    x: Array
    y: Array


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Mean and extent of runs that differ in their seed only.

    Parameters
    ----------
    paths : tuple of Path
    x, mean, low, high : ndarray (n,)
    """

    paths: tuple[Path, ...]
    x: Array
    mean: Array
    low: Array
    high: Array


def smoothed(steps: Array, values: Array) -> tuple[Array, Array]:
    """Running means of a curve, each at the last of the minibatches that it is of.

    They are of :data:`STRETCH` minibatches, fewer at first and later a share of those so far. The first minibatches
    have a mean each, later ones ever fewer: some 330 of 1,000, 550 of 10,000 and 770 of 100,000. Later minibatches
    change no earlier mean and none of their places, except the last one's: a branch and its parent are one line up to
    where they part, whatever their lengths.
    """
    count = len(values)
    if not count:
        return np.empty(0), np.empty(0)
    ends = np.array([*_ends(count), count - 1])
    widths = np.maximum(np.minimum(STRETCH, (ends + 1) // 3), (SHARE * ends).astype(np.int64))
    return steps[ends].astype(np.float64), _means(values, ends + 1 - np.maximum(widths, 1), ends + 1)


def _ends(count: int) -> Iterator[int]:
    """Where the means end, but for the last minibatch: 1 apart, then 2, 4, 8 …, the same for every ``count``."""
    first, stride = 0, 1
    while first < count - 1:
        # The next distance is allowed from here on; it begins at one of its own multiples.
        upto = -(-math.ceil(2 * stride / SPACING) // (2 * stride)) * 2 * stride
        yield from range(first, min(upto, count - 1), stride)
        first, stride = upto, 2 * stride


def _means(values: Array, first: Array, last: Array) -> Array:
    """Means of stretches; one with a value that is not finite has none."""
    fine = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(fine, values, 0.0), dtype=np.float64)])
    bad = np.concatenate([[0], np.cumsum(~fine)])
    found: Array = np.where(bad[last] > bad[first], np.nan, (sums[last] - sums[first]) / (last - first))
    return found


def traces(curves: Sequence[RunCurves], what: str, axis: Axis, *, raw: bool = False) -> list[DrawnCurve]:
    """The curves of runs.

    Parameters
    ----------
    curves : sequence of RunCurves
    what : str
        ``loss`` (of minibatches), ``test_loss`` or ``test_accuracy`` (after epochs).
    axis : str
        ``steps``, ``epochs`` or ``time``.
    raw : bool
        The loss of every minibatch instead of means.
    """
    found = []
    for one in curves:
        if what == "loss":
            steps, values = (one.steps, one.loss) if raw else smoothed(one.steps, one.loss)
        else:
            steps, values = one.epoch_steps, getattr(one, what)
        found.append(DrawnCurve(one.path, one.along(axis, steps), np.asarray(values, np.float64)))
    return found


def bands(drawn: Sequence[DrawnCurve], groups: Sequence[Sequence[Path]]) -> list[Band]:
    """A band for each group of runs that differ in their seed only; a group of one has none."""
    by_path = {one.path: one for one in drawn}
    found = []
    for group in groups:
        members = [by_path[path] for path in group if path in by_path and len(by_path[path].x)]
        if len(members) < 2:
            continue
        ends = [np.nanmax(one.x) for one in members if np.isfinite(one.x).any()]
        if len(ends) < 2:
            continue
        x = members[0].x[(members[0].x <= min(ends)) & np.isfinite(members[0].x)]
        if not len(x):
            continue
        rows = np.array([np.interp(x, one.x, one.y) for one in members])
        found.append(Band(tuple(one.path for one in members), x, rows.mean(0), rows.min(0), rows.max(0)))
    return found


def colour_of(number: int, dark: bool) -> str:
    """The colour of a run by its place in the list; colours repeat after a few."""
    colours = COLOURS_DARK if dark else COLOURS
    return colours[number % len(colours)]
