"""Histograms that can be compared over a whole run: their bins merge exactly where ranges differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array

BINS = 64
MOST_VALUES = 1 << 16
"""Number of values that are counted in a large array, evenly spread over it."""


@dataclass(frozen=True, slots=True, eq=False)
class ValueCounts:
    """How many values lie in each of 64 equal bins from ``-end`` to ``end``.

    Ends are powers of two, so a histogram with a small end fits a larger one by adding up neighbouring bins.

    Parameters
    ----------
    end : float
        At least the largest absolute value; 0 if all values are 0.
    counts : ndarray of int32, ``(64,)``
    values : int
        Values that were counted; for a large array, a part of them.
    zeros : int
        Exact zeros among them.
    """

    end: float
    counts: npt.NDArray[np.int32]
    values: int
    zeros: int

    def on(self, end: float) -> npt.NDArray[np.int64]:
        """Counts in 64 bins from ``-end`` to ``end``, a power of two; what is beyond is added to the outermost bins.

        For an ``end`` smaller than its own, each bin's count is spread evenly over the narrower bins.
        """
        counts = self.counts.astype(np.int64)
        if not self.end or not end:
            at_zero = np.zeros(BINS, np.int64)
            at_zero[BINS // 2] = counts.sum()
            return at_zero
        times = round(math.log2(end / self.end))
        if times >= 0:
            return merged(counts, times)
        return cut(counts, -times)


def merged(counts: npt.NDArray[np.int64], times: int) -> npt.NDArray[np.int64]:
    """Counts on a range ``2**times`` as wide."""
    for _ in range(min(times, 7)):
        wide = np.zeros_like(counts)
        wide[BINS // 4 : -BINS // 4] = counts.reshape(-1, 2).sum(axis=1)
        counts = wide
    return counts


def cut(counts: npt.NDArray[np.int64], times: int) -> npt.NDArray[np.int64]:
    """Counts on a range ``2**-times`` as wide."""
    for _ in range(min(times, 7)):
        middle = counts[BINS // 4 : -BINS // 4]
        first = middle // 2
        narrow = np.stack([first, middle - first], axis=1).reshape(-1)
        narrow[0] += counts[: BINS // 4].sum()
        narrow[-1] += counts[-BINS // 4 :].sum()
        counts = narrow
    return counts


def count_values(array: Array) -> ValueCounts:
    """Count the finite values of an array; of a large one, at most 65,536 that are evenly spread over it."""
    row = array.reshape(-1)
    if row.size > MOST_VALUES:
        row = row[:: -(-row.size // MOST_VALUES)]
    row = row[np.isfinite(row)].astype(np.float64)
    largest = float(np.abs(row).max(initial=0.0))
    zeros = row.size - int(np.count_nonzero(row))
    if not largest:
        counts = np.zeros(BINS, np.int32)
        counts[BINS // 2] = row.size
        return ValueCounts(0.0, counts, row.size, zeros)
    end = power_above(largest)
    places = ((row / end + 1.0) * (BINS / 2)).astype(np.intp)
    np.minimum(places, BINS - 1, out=places)
    return ValueCounts(end, np.bincount(places, minlength=BINS).astype(np.int32), row.size, zeros)


def power_above(value: float) -> float:
    """The smallest power of two that is not below a positive number; not below the smallest normal float32."""
    mantissa, exponent = math.frexp(max(value, 2.0**-126))
    return math.ldexp(1.0, exponent - (mantissa == 0.5))
