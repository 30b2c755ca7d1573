"""Peaks of the loss: minibatches whose loss stands out from those before them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.present.history import SMOOTHING

TIMES = 3.0
"""Least height of a peak: standard deviations above the mean of the minibatches before it."""
AROUND = 12
"""Minibatches on each side of a peak that must have no larger loss."""
FEWEST = 10
"""Fewest minibatches before a peak whose standard deviation is meaningful."""


def loss_peaks(steps: npt.NDArray[np.float64], losses: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Steps of the peaks, ascending.

    A peak is 3 standard deviations above the mean of the 50 minibatches before it, and the largest among 12 on each
    side. NaN and infinity are peaks where they arise.

    Parameters
    ----------
    steps, losses : ndarray, ``(n,)``
        Of every minibatch; steps ascending.
    """
    count = len(losses)
    if not count:
        return np.empty(0, np.int64)
    finite = np.isfinite(losses)
    values = np.where(finite, losses, 0.0)
    sums, squares, known = (np.concatenate([[0.0], np.cumsum(one)]) for one in (values, values * values, finite))
    ends = np.arange(count)
    starts = np.maximum(ends - SMOOTHING, 0)
    number = np.maximum(known[ends] - known[starts], 1)
    mean = (sums[ends] - sums[starts]) / number
    spread = np.sqrt(np.maximum((squares[ends] - squares[starts]) / number - mean * mean, 0.0))
    stands_out = (number >= FEWEST) & finite & (losses > mean + TIMES * spread)
    found = []
    for at in np.flatnonzero(stands_out).tolist():
        near = values[max(at - AROUND, 0) : at + AROUND + 1]
        if losses[at] >= near.max():
            found.append(at)
    arises = np.flatnonzero(~finite & np.concatenate([[True], finite[:-1]]))
    return steps[np.union1d(np.array(found, np.int64), arises)].astype(np.int64)
