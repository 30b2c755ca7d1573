"""Which key points of a run stay: evenly over all of it, and closer together where it is now.

A jump to a step replays the minibatches from the key point before it, so the gap between two of them decides how long a
jump takes. Nobody knows beforehand how long a run will be. So the even ones are the multiples of a power of two, which
doubles whenever there are too many: half of them go, and the rest is still even. The latest ones, which are looked at
most, stay as close together as they were taken.
"""

from __future__ import annotations

import math
from collections.abc import Collection

__all__ = ["Thinning", "spacing_for"]

RECENT = 8
"""One in so many key points is a recent one."""


def spacing_for(step_seconds: float, cpu_seconds: float, nbytes: int, gap: float, rate: float) -> int:
    """Steps between two key points: a power of two.

    Parameters
    ----------
    step_seconds : float
        Time of a minibatch.
    cpu_seconds : float
        Processor time of one: less where others have the processor too.
    nbytes : int
        Size of a key point.
    gap : float
        Seconds that the minibatches between two of them should take at the most.
    rate : float
        Bytes per second of processor time that may be written at the most: it outweighs the gap.
    """
    step, used = (max(seconds, 1e-6) for seconds in (step_seconds, cpu_seconds))
    fitting = 1 << math.floor(math.log2(max(gap / step, 1.0)))
    affordable = 1 << math.ceil(math.log2(max(nbytes / rate / used, 1.0)))
    return max(fitting, affordable)


class Thinning:
    """Decides which key points stay.

    Parameters
    ----------
    fine : int
        Steps between two key points when they are taken: a power of two.
    most : int
        So many may there be at the most, without the essential ones; at least 4.

    Attributes
    ----------
    coarse : int
        Steps between two of the older ones.
    """

    def __init__(self, fine: int, most: int) -> None:
        self.fine = self.coarse = fine
        self._recent = max(most // RECENT, 1)
        self._even = max(most - self._recent, 2)

    def dropped(self, steps: Collection[int], essential: Collection[int] = ()) -> list[int]:
        """The key points that have to go.

        Parameters
        ----------
        steps : collection of int
            Steps of all key points.
        essential : collection of int
            Those that must stay, because no replay leads over them.
        """
        if not steps:
            return []
        newest = max(steps)
        horizon = newest - self._recent * self.fine
        older = [step for step in steps if step <= horizon and step not in essential]
        while sum(step % self.coarse == 0 for step in older) > self._even:
            self.coarse *= 2
        return sorted(step for step in older if step % self.coarse)
