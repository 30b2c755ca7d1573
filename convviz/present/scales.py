"""Colour scales that hold still: they grow in round steps and never shrink by themselves."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def round_up(value: float) -> float:
    """The next round number: 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten; 1 for 0."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for step in _STEPS:
        if value <= step * power * (1 + 1e-9):
            return step * power
    return 10.0 * power


class HeldScales:
    """Upper ends of the scales by array name, locked over time.

    A picture whose scale followed every frame would hide growth, so an end only moves up, to a round number, when a
    value passes it.
    """

    def __init__(self) -> None:
        self._ends: dict[str, float] = {}

    def end(self, name: str, array: npt.ArrayLike) -> float:
        """Upper end for an array; grows if a finite value passes it."""
        values = np.abs(np.asarray(array, dtype=np.float64))
        finite = values[np.isfinite(values)]
        largest = float(finite.max()) if finite.size else 0.0
        held = self._ends.get(name)
        if held is None or largest > held:
            held = self._ends[name] = round_up(largest)
        return held

    def reset(self) -> None:
        """Forget all ends: a new run begins."""
        self._ends.clear()
