"""Limits how often pictures are drawn, so that training keeps its speed while it is watched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Smoothness(StrEnum):
    """What matters more to the user: training's speed (calm) or frequent pictures (smooth)."""

    CALM = "calm"
    SMOOTH = "smooth"


SHARES = {Smoothness.CALM: 0.035, Smoothness.SMOOTH: 0.1}
"""Share of training's time that pictures and measuring may take. The window itself takes one per cent more."""
SHORTEST = 1 / 30
"""Shortest time from one picture to the next, in seconds; the eye would not notice shorter ones."""
LONGEST = {Smoothness.CALM: 3.0, Smoothness.SMOOTH: 1.0}
"""Longest time from one picture to the next, in seconds; longer ones look as if training had stopped."""
LEAST, MOST = 0.25, 2.5
"""Limits of the time that drawing a picture costs training, in multiples of the processor time of drawing it."""
LEAST_WITHOUT_SPARE = 0.8
"""The lower limit if training uses all cores: it then also waits for views drawn later. It does not lose all of that
time, because its threads wait for each other: of 2 cores they use 1.7 to 1.9."""
MEMORY = 0.85
"""Factor by which the weight of earlier pictures shrinks with each new one: the budget adapts within about ten."""
FIRST = 3
"""Number of pictures at the start of which only the latest counts: they include work done once, such as layouts."""
FEWEST = 8.0
"""Number of recent minibatches without a picture from which their usual time is known."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one picture cost, as far as it is known.

    Parameters
    ----------
    making : float
        Seconds that training spent on making it and measuring its layers.
    drawing : float
        Seconds of processor time that the window has used since the previous picture.
    drawn, other : float
        Number of minibatches that began while it was drawn, and of those that began before.
    drawn_seconds, other_seconds : float
        How long these minibatches took, in seconds.
    """

    making: float
    drawing: float
    drawn: float = 0.0
    other: float = 0.0
    drawn_seconds: float = 0.0
    other_seconds: float = 0.0


class PictureBudget:
    """Chooses the time between two pictures from what recent pictures cost training.

    A picture costs the time to make it and to measure layers for it, plus the extra time of minibatches while it was
    drawn: little with a core to spare, about as much as the drawing itself or more without one. If there are too few
    minibatches to compare, the processor time of drawing counts instead. The interval is the mean cost divided by the
    share of :data:`SHARES`, within :data:`SHORTEST` and :data:`LONGEST`.

    Parameters
    ----------
    smoothness : Smoothness
    spare : bool
        Whether training leaves a core to the window.
    """

    def __init__(self, smoothness: Smoothness = Smoothness.SMOOTH, *, spare: bool = True) -> None:
        self.smoothness = smoothness
        self._least = LEAST if spare else LEAST_WITHOUT_SPARE
        self.forget()

    def forget(self) -> None:
        """Forget the costs so far: another network is trained, or something else is drawn."""
        self._pictures = 0
        self._other = self._other_seconds = 0.0
        self._begin()

    def _begin(self) -> None:
        """Reset the weighted sums over pictures, in which newer ones count more, and the sum of their weights."""
        self._making = self._drawing = self._lost = self._weight = 0.0

    def add(self, spent: Spent) -> None:
        """Add the cost of a picture."""
        self._pictures += 1
        if self._pictures <= FIRST:
            self._begin()
        self._other = MEMORY * self._other + spent.other
        self._other_seconds = MEMORY * self._other_seconds + spent.other_seconds
        lost = spent.drawing
        if self._other >= FEWEST:
            usual = self._other_seconds / self._other
            # Other programs make some pictures look free and others expensive; over several, that cancels out.
            most = MOST * spent.drawing
            lost = min(max(spent.drawn_seconds - spent.drawn * usual, -most), most)
        self._making = MEMORY * self._making + spent.making
        self._drawing = MEMORY * self._drawing + spent.drawing
        self._lost = MEMORY * self._lost + lost
        self._weight = MEMORY * self._weight + 1.0

    @property
    def cost(self) -> float:
        """Seconds of training that a picture costs; 0 before the first."""
        if not self._weight:
            return 0.0
        return (self._making + max(self._lost, self._least * self._drawing)) / self._weight

    @property
    def interval(self) -> float:
        """Seconds from one picture to the next."""
        return min(max(self.cost / SHARES[self.smoothness], SHORTEST), LONGEST[self.smoothness])
