"""How fast a pass is played."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast playing goes: the pause before every move, and micro-steps a move."""

    pause: int
    at_once: int

    def words(self, unit: str) -> str:
        """Return how it is named on screen."""
        a_second = 1000 / self.pause
        if self.at_once == 1:
            return f"{a_second:g} a second" if a_second >= 1 else f"one every {self.pause / 1000:g} s"
        return f"{self.at_once} {unit}s at once, {a_second:g} times a second"


PACES = (
    Pace(2000, 1),
    Pace(1000, 1),
    Pace(500, 1),
    Pace(250, 1),
    Pace(100, 1),
    Pace(40, 1),
    Pace(40, 4),
    Pace(40, 16),
    Pace(40, 64),
)
