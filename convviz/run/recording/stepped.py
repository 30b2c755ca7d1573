"""How much the numbers of a stepped pass differ from those that training computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.files.cancel import Cancelled, go_on
from convviz.training.pass_source import PassSource

__all__ = ["SteppedDifference", "stepped_difference"]

BURST = 0.02
"""Seconds of stepping between two questions whether the result is still wanted."""


@dataclass(frozen=True, slots=True)
class SteppedDifference:
    """The largest difference of a parameter after the update.

    Parameters
    ----------
    largest : float
        0 if all are equal bit for bit.
    name : str
        The array with it.
    """

    largest: float
    name: str


def stepped_difference(source: PassSource, cancelled: Cancelled | None = None) -> SteppedDifference | None:
    """Step through a pass and compare; None where training's own result is unknown.

    Raises
    ------
    LoadCancelledError
    """
    if source.after is None:
        return None
    go_on(cancelled)
    run = source.make()
    while not run.advance(run.last, BURST):
        go_on(cancelled)
    found = SteppedDifference(0.0, "")
    for old, new in run.program.updates.items():
        if old not in source.after:
            continue
        made, there = (np.asarray(array, np.float64) for array in (run.stored(new), source.after[old]))
        with np.errstate(invalid="ignore"):
            differences = np.abs(made - there)
        largest = float(differences[np.isfinite(differences)].max(initial=0.0))
        if largest > found.largest:
            found = SteppedDifference(largest, old)
    return found
