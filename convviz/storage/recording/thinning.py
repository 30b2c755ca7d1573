"""Decides which key points of a run are kept: evenly spaced ones over the whole run, and closer ones near its end.

A jump to a step replays the minibatches since the key point before it, so the gap between key points decides how long a
jump takes. Nobody knows beforehand how long a run will be. So the evenly spaced key points are at multiples of a power
of two, which doubles whenever there are too many: half of them are dropped, and the rest are still evenly spaced. The
most recent ones, to which users jump most, are kept as close together as they were taken.
"""

from __future__ import annotations

import math
from collections.abc import Collection

__all__ = ["Thinning", "spacing_for"]

RECENT = 8
"""One in this many key points is kept for being recent."""


def spacing_for(step_seconds: float, cpu_seconds: float, nbytes: int, gap: float, rate: float) -> int:
    """Steps between two key points: a power of two.

    Parameters
    ----------
    step_seconds : float
        Time that a minibatch takes.
    cpu_seconds : float
        Processor time that a minibatch takes, which is less if other programs use the processor too.
    nbytes : int
        Size of a key point in bytes.
    gap : float
        Most seconds that the minibatches between two key points should take.
    rate : float
        Most bytes to write per second of processor time; this limit takes precedence over ``gap``.
    """
    step, used = (max(seconds, 1e-6) for seconds in (step_seconds, cpu_seconds))
    fitting = 1 << math.floor(math.log2(max(gap / step, 1.0)))
    affordable = 1 << math.ceil(math.log2(max(nbytes / rate / used, 1.0)))
    return max(fitting, affordable)


class Thinning:
    """Decides which key points are kept.

    Parameters
    ----------
    fine : int
        Steps between two key points when they are taken: a power of two.
    most : int
        Most key points to keep besides the essential ones; at least 4.

    Attributes
    ----------
    coarse : int
        Steps between two of the older key points.
    """

    def __init__(self, fine: int, most: int) -> None:
        self.fine = self.coarse = fine
        self._recent = max(most // RECENT, 1)
        self._even = max(most - self._recent, 2)

    def dropped(self, steps: Collection[int], essential: Collection[int] = ()) -> list[int]:
        """Steps of the key points to drop.

        Parameters
        ----------
        steps : collection of int
            Steps of all key points.
        essential : collection of int
            Steps of those that must be kept because replay can't reproduce them.
        """
        if not steps:
            return []
        newest = max(steps)
        horizon = newest - self._recent * self.fine
        older = [step for step in steps if step <= horizon and step not in essential]
        while sum(step % self.coarse == 0 for step in older) > self._even:
            self.coarse *= 2
        return sorted(step for step in older if step % self.coarse)
