"""How fast a pass is played."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlayPace:
    """How fast Play moves.

    Parameters
    ----------
    pause : int
        Milliseconds before each move.
    at_once : int
        Micro-steps in each move.
    """

    pause: int
    at_once: int

    def words(self, unit: str) -> str:
        """Return the name of the pace on screen; ``unit`` is what a micro-step makes."""
        a_second = 1000 / self.pause
        if self.at_once == 1:
            return f"{a_second:g} a second" if a_second >= 1 else f"one every {self.pause / 1000:g} s"
        return f"{self.at_once} {unit}s at once, {a_second:g} times a second"


PACES = (
    PlayPace(2000, 1),
    PlayPace(1000, 1),
    PlayPace(500, 1),
    PlayPace(250, 1),
    PlayPace(100, 1),
    PlayPace(40, 1),
    PlayPace(40, 4),
    PlayPace(40, 16),
    PlayPace(40, 64),
)
