"""Histograms of the selected layer over the run: weights, gradients, activations."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.present.colour import ColourRole
from convviz.present.layer_moment import Counts
from convviz.present.watch.look import Look

RIDGES = 20
"""Most histograms that are drawn, evenly spread over the run."""


@dataclass(frozen=True, slots=True, eq=False)
class Ridges:
    """Histograms of one kind on a common range.

    Parameters
    ----------
    name : str
    role : Role
    end : float
        The range is from ``-end`` to ``end``, or from 0 if ``is_positive``.
    is_positive : bool
        Whether no value is negative: then only the upper half is shown.
    heights : ndarray, ``(moments, bins)``
        log(1 + count), 1 for the largest of all; NaN where a moment has none.
    counts : ndarray, ``(moments, bins)``
    """

    name: str
    role: ColourRole
    end: float
    is_positive: bool
    heights: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class OverTimePicture:
    """Histograms of one layer over the run.

    Parameters
    ----------
    key : object
        Equal pictures have equal keys.
    layer : str
    steps : tuple of int
        Of the moments, ascending.
    kinds : tuple of Ridges
    here : int
        Number of the moment that the other pictures show, or of the last one before it.
    """

    key: object
    layer: str
    steps: tuple[int, ...]
    kinds: tuple[Ridges, ...]
    here: int


def over_time(look: Look) -> OverTimePicture | None:
    """Histograms of the selected layer, else of the first one; None if nothing was measured."""
    history = look.history.layers
    layers = history.layers
    if not layers:
        return None
    layer = look.watched.layer if look.watched.layer in layers else layers[0]
    moments = [one for one in history.moments if layer in one.counts]
    if not moments:
        return None
    step = None if look.past is None else look.past.step
    here = len(moments) - 1
    if step is not None:
        here = max(0, bisect_right(moments, step, key=lambda one: one.step) - 1)
    spread = np.linspace(0, len(moments) - 1, min(RIDGES, len(moments))).round().astype(int)
    chosen = np.unique(np.append(spread, here))
    shown = [moments[number] for number in chosen.tolist()]
    kinds = []
    for name, field, role in (
        ("weights", "weights", ColourRole.WEIGHT),
        ("gradients", "gradients", ColourRole.GRADIENT),
        ("activations", "activations", ColourRole.PREACTIVATION),
    ):
        found = ridges(name, role, [getattr(one.counts[layer], field) for one in shown])
        if found is not None:
            kinds.append(found)
    key = look.history.runs, history.revision, layer, here
    place = int(np.searchsorted(chosen, here))
    return OverTimePicture(key, layer, tuple(one.step for one in shown), tuple(kinds), place)


def ridges(name: str, role: ColourRole, counts: Sequence[Counts | None]) -> Ridges | None:
    """Put histograms on one range that fits nine of ten of them; None if there are none."""
    there = [one for one in counts if one is not None]
    if not there:
        return None
    ends = sorted(one.end for one in there)
    end = ends[min(len(ends) - 1, (9 * len(ends)) // 10)] or ends[-1] or 1.0
    bins = len(there[0].on(end))
    table = np.zeros((len(counts), bins), np.int64)
    missing = np.zeros(len(counts), bool)
    for number, one in enumerate(counts):
        if one is None:
            missing[number] = True
        else:
            table[number] = one.on(end)
    is_positive = not table[:, : bins // 2].any()
    if is_positive:
        table = table[:, bins // 2 :]
        role = ColourRole.ACTIVATION if role is ColourRole.PREACTIVATION else role
    heights = np.log1p(table)
    heights /= heights.max() or 1.0
    heights[missing] = np.nan
    return Ridges(name, role, end, is_positive, heights, table)
