"""How often pictures are drawn, so that looking costs the training little."""

from __future__ import annotations

SHARE = 0.15
"""Part of a processor core that the window may take while it trains.

Python runs one thread at a time: what the window takes, the trainer's threads wait for, and handing over costs as much
again. Without a budget, on two cores, the window took 0.36 of a core and left 0.43 of the training speed. With this
share a picture of 5 ms, as Watch's are there, still comes 30 times a second.
"""
SHORTEST, LONGEST = 1 / 30, 1 / 12
"""Seconds from one picture to the next: more often nobody sees, and less often it no longer looks live."""
MEMORY = 0.8
"""Part of the estimate that stays at every picture: it follows a change within ten, and one slow one hardly counts."""


class PictureBudget:
    """Chooses the pause between two pictures from what the last ones cost.

    Parameters
    ----------
    share : float
        Part of a core that drawing may take.

    Notes
    -----
    With a cost of c seconds of processor time a picture, a pause of c / share spends just that share: at 0.15 a picture
    of 5 ms may be drawn 30 times a second, one of 9 ms 17 times. One of 15 ms is drawn 12 times, and takes more.
    """

    def __init__(self, share: float = SHARE) -> None:
        if not 0 < share <= 1:
            raise ValueError(f"share: expected a part of a core, above 0 and at most 1, got {share}")
        self._share = share
        self._cost: float | None = None

    def spent(self, seconds: float) -> None:
        """The window's thread has worked so long since the picture before, in processor time."""
        self._cost = seconds if self._cost is None else MEMORY * self._cost + (1 - MEMORY) * seconds

    def forget(self) -> None:
        """What comes next has nothing to do with what was before."""
        self._cost = None

    @property
    def pause(self) -> float:
        """Seconds until the next picture."""
        wanted = 0.0 if self._cost is None else self._cost / self._share
        return min(max(wanted, SHORTEST), LONGEST)
