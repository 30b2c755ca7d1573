"""The part of a run that a timeline shows."""

from __future__ import annotations

import math
from dataclasses import dataclass

FEWEST = 40
"""Smallest number of steps that are shown."""
FACTOR = 1.25
"""How much a notch of the wheel, or a key, zooms."""
MARGIN = 0.05
"""Share of the view that is kept free beside the cursor when the view follows it."""


@dataclass(frozen=True, slots=True)
class StepRange:
    """Steps from ``low`` to ``high``; None shows the whole run as it grows.

    Parameters
    ----------
    low, high : float, optional
    """

    low: float | None = None
    high: float | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all is shown."""
        return self.low is None or self.high is None

    def ends(self, last: int) -> tuple[float, float]:
        """First and last visible step, in a run whose last step is ``last``."""
        if self.low is None or self.high is None:
            return 0.0, float(last)
        return self.low, self.high

    def zoomed(self, at: float, notches: float, last: int) -> StepRange:
        """Zoomed in (positive) or out by notches, with the step ``at`` where it is."""
        low, high = self.ends(last)
        wide = (high - low) * FACTOR**-notches
        if wide >= last or last <= FEWEST:
            return StepRange()
        wide = max(wide, float(FEWEST))
        share = (at - low) / max(high - low, 1e-9)
        return placed(at - share * wide, wide, last)

    def moved(self, share: float, last: int) -> StepRange:
        """Moved later (positive) or earlier by a share of the visible steps."""
        if self.is_whole:
            return self
        low, high = self.ends(last)
        return placed(low + share * (high - low), high - low, last)

    def with_step(self, step: int, last: int) -> StepRange:
        """Moved as little as needed to make a step visible."""
        if self.is_whole:
            return self
        low, high = self.ends(last)
        wide = high - low
        margin = MARGIN * wide
        if low + margin <= step <= high - margin:
            return placed(low, wide, last) if high > last else self
        return placed(step - margin if step < low + margin else step - wide + margin, wide, last)


def placed(low: float, wide: float, last: int) -> StepRange:
    """A range of ``wide`` steps from ``low`` on, moved so that it lies within the run."""
    low = min(max(low, 0.0), max(last - wide, 0.0))
    return StepRange(low, low + wide)


def ticks(low: float, high: float, length: int) -> list[tuple[int, str]]:
    """Steps that are named below the visible part, as (step, text): where epochs begin, and between them if few do.

    Parameters
    ----------
    low, high : float
    length : int
        Minibatches of an epoch.
    """
    found = [(number * length, f"epoch {number + 1}") for number in range(int(low // length), int(high // length) + 1)]
    if len(found) <= 3:
        wide = 10 ** math.floor(math.log10(max((high - low) / 4, 1)))
        wide *= next(times for times in (1, 2, 5, 10) if times * wide * 8 >= high - low)
        first = math.ceil(low / wide) * wide
        starts = {step for step, _ in found}
        found += [(step, f"{step:,}") for step in range(first, int(high) + 1, wide) if step not in starts]
    return sorted(one for one in found if low <= one[0] <= high)
