"""Limits how often pictures are drawn, so that watching slows training little."""

from __future__ import annotations

SHARE = 0.15
"""Share of a processor core that the window may use during training.

Python runs one thread at a time: the trainer's threads wait while the window works, and switching costs as much again.
Without a budget, on two cores, the window took 0.36 of a core and left 0.43 of the training speed. With this share a
picture of 5 ms, as Watch's are there, still comes 30 times a second.
"""
SHORTEST, LONGEST = 1 / 30, 1 / 12
"""Limits of the seconds between two pictures: shorter is invisible, and longer no longer looks live."""
MEMORY = 0.8
"""Share of the estimate kept per picture: it adapts within ten pictures, and a single slow one hardly counts."""


class PictureBudget:
    """Chooses the pause between two pictures from the costs of the last ones.

    Parameters
    ----------
    share : float
        Share of a core that drawing may use.

    Notes
    -----
    If a picture costs c seconds of processor time, a pause of c / share uses exactly that share: at 0.15, a picture of
    5 ms may be drawn 30 times a second, one of 9 ms 17 times. One of 15 ms is drawn 12 times, and uses more.
    """

    def __init__(self, share: float = SHARE) -> None:
        if not 0 < share <= 1:
            raise ValueError(f"share: expected a part of a core, above 0 and at most 1, got {share}")
        self._share = share
        self._cost: float | None = None

    def spent(self, seconds: float) -> None:
        """Add the processor time that the window's thread used since the previous picture."""
        self._cost = seconds if self._cost is None else MEMORY * self._cost + (1 - MEMORY) * seconds

    def forget(self) -> None:
        """Forget the costs so far."""
        self._cost = None

    @property
    def pause(self) -> float:
        """Seconds until the next picture."""
        wanted = 0.0 if self._cost is None else self._cost / self._share
        return min(max(wanted, SHORTEST), LONGEST)
