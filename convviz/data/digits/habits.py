"""How widely people's habits vary when they write a digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Habits:
    """A source of random numbers that widens the ranges and deviations it is asked for.

    The functions in :mod:`convviz.data.digits.glyphs` say how a digit is usually written; people differ more than that.
    How often a habit occurs (:meth:`random`) is left unchanged.

    Attributes
    ----------
    rng
        Source of the random numbers.
    reach
        Factor by which ranges and deviations are widened; 1 leaves them unchanged.
    """

    rng: np.random.Generator
    reach: float = 1.25

    def uniform(self, low: float, high: float) -> float:
        """A uniform number from the range, widened around its middle."""
        middle, half = (low + high) / 2, (high - low) / 2 * self.reach
        return float(self.rng.uniform(middle - half, middle + half))

    def normal(self, mean: float, deviation: float) -> float:
        """A normal number with this mean and the widened deviation."""
        return float(self.rng.normal(mean, deviation * self.reach))

    def random(self) -> float:
        """A number in 0…1, to choose between habits."""
        return float(self.rng.random())
