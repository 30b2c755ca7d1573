"""Histograms of a layer's weights and their gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array, Axis
from convviz.present.colour import ColourRole
from convviz.present.moment import Moment
from convviz.present.numbers import format_value
from convviz.present.scales import HeldScales
from convviz.present.transposed import by_output_map
from convviz.present.watch.look import Look
from convviz.present.words import all_of, counted

BINS = 61
"""Odd, so that zero lies in the middle of a bin."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of values between two ends that are symmetric about zero; equal histograms look the same.

    Parameters
    ----------
    name : str
        Name of the array.
    role : Role
    end : float
        Upper end of the last bin, ``-end`` the lower end of the first.
    counts : tuple of int
        How many values are in each of BINS equal bins.
    part : tuple of int
        The same for the chosen filter; empty if none is chosen.
    values, zeros, not_finite : int
        Number of all values, of exact zeros, and of values in no bin.
    """

    name: str
    role: ColourRole
    end: float
    counts: tuple[int, ...]
    part: tuple[int, ...]
    values: int
    zeros: int
    not_finite: int

    @property
    def share(self) -> str:
        """How many values are zero, in words."""
        if self.not_finite:
            return f"{self.not_finite:,} of {self.values:,} not finite"
        share = 100.0 * self.zeros / max(self.values, 1)
        written = f"{share:.0f}" if share in (0, 100) else f"{min(max(share, 0.1), 99.9):.1f}"
        return f"{counted(self.values, 'value')}, {written} % zero"

    def ends_of(self, number: int) -> tuple[float, float]:
        """Ends of a bin."""
        width = 2 * self.end / len(self.counts)
        return number * width - self.end, (number + 1) * width - self.end

    def says(self, number: int) -> str:
        """The content of a bin, in words."""
        low, high = (format_value(end, 3) for end in self.ends_of(number))
        return f"{self.name}: {self.counts[number]:,} of {counted(self.values, 'value')} from {low} to {high}"


@dataclass(frozen=True, slots=True)
class HistogramsPicture:
    """The weights of one layer and their gradients.

    Parameters
    ----------
    weights : Histogram
    gradients : Histogram or None
        Gradients of the last minibatch; None before the first.
    whole, part : str
        Names of what all values and the chosen ones belong to; ``part`` is empty if none are chosen.
    """

    weights: Histogram
    gradients: Histogram | None
    whole: str
    part: str


def histograms(look: Look) -> HistogramsPicture | None:
    """Histograms of the layer whose filter is chosen, else of the first with weights; None if there are no weights."""
    moment, watched = look.moment, look.watched
    names = weights_of(moment) if moment is not None else {}
    if moment is None or not names:
        return None
    layer = watched.layer if watched.layer in names else next(iter(names))
    name = names[layer]
    weights = by_output_map(moment.program, name, moment.arrays[name])
    gradients = moment.gradients.get(name)
    if gradients is not None:
        gradients = by_output_map(moment.program, name, gradients)
    filters = weights.shape[0] if moment.program.arrays[name].axes[0] is Axis.FILTER else 0
    chosen = min(watched.filter, filters - 1) if filters and layer == watched.layer else None
    return HistogramsPicture(
        histogram(name, ColourRole.WEIGHT, weights, chosen, look.scales, follows=False),
        histogram(gradient_name(name), ColourRole.GRADIENT, gradients, chosen, look.scales, follows=True)
        if gradients is not None
        else None,
        f"{all_of(filters, 'filter')} of {layer}" if filters else f"all weights of {layer}",
        f"filter {chosen}" if chosen is not None else "",
    )


def weights_of(moment: Moment) -> dict[str, str]:
    """The weights of every layer that has any: no biases, and no scales and shifts of what was normalised."""
    arrays = moment.program.arrays
    return {arrays[name].layer: name for name in moment.program.parameters if name.endswith(".weight")}


def gradient_name(name: str) -> str:
    """``conv1.d_weight`` of ``conv1.weight``."""
    layer, _, array = name.rpartition(".")
    return f"{layer}.d_{array}"


def histogram(
    name: str, role: ColourRole, array: Array, chosen: int | None, scales: HeldScales, *, follows: bool
) -> Histogram:
    """Count the values of an array; its ends are stored like those of colour scales, under a separate name."""
    end = scales.end(f"{name}, counted", array, follows=follows)
    counts, not_finite = count(array, end)
    part = count(array[chosen], end)[0] if chosen is not None else ()
    zeros = array.size - int(np.count_nonzero(array))
    return Histogram(name, role, end, counts, part, array.size, zeros, not_finite)


def count(array: Array, end: float) -> tuple[tuple[int, ...], int]:
    """Count values in BINS bins from ``-end`` to ``end``, and values that are not finite."""
    finite = np.isfinite(array)
    values = array if finite.all() else array[finite]
    # In float64, because round ends next to the largest and smallest float32 numbers do not exist in float32.
    places = ((values.astype(np.float64) / end + 1.0) * (BINS / 2.0)).astype(np.intp).ravel()
    np.clip(places, 0, BINS - 1, out=places)
    return tuple(np.bincount(places, minlength=BINS).tolist()), array.size - values.size
