"""How far people's habits reach when they write a digit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Habits:
    """Draws habits of a character that reach further, both ways, than its functions say.

    The functions in :mod:`convviz.data.digits.glyphs` say how a digit is usually written; people differ more than that.
    How frequent a habit is stays as it is.

    Attributes
    ----------
    rng
        Source of the numbers.
    reach
        1 is as the functions say; 1.25 widens ranges and deviations by a quarter.
    """

    rng: np.random.Generator
    reach: float = 1.25

    def uniform(self, low: float, high: float) -> float:
        """A number from a range that is widened around its middle."""
        middle, half = (low + high) / 2, (high - low) / 2 * self.reach
        return float(self.rng.uniform(middle - half, middle + half))

    def normal(self, mean: float, deviation: float) -> float:
        """A number around a mean."""
        return float(self.rng.normal(mean, deviation * self.reach))

    def random(self) -> float:
        """A number in 0…1, to choose one habit or another."""
        return float(self.rng.random())
