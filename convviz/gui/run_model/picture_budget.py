"""Limits how often pictures are drawn, so that training keeps its speed while it is watched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Smoothness(StrEnum):
    """What matters more to the user: training's speed, or many pictures."""

    CALM = "calm"
    SMOOTH = "smooth"


SHARES = {Smoothness.CALM: 0.035, Smoothness.SMOOTH: 0.12}
"""Share of training's time that pictures and measuring may take. A window without pictures takes one per cent more."""
SHORTEST = 1 / 30
"""Least seconds from one picture to the next: shorter intervals are invisible."""
LONGEST = {Smoothness.CALM: 3.0, Smoothness.SMOOTH: 1.0}
"""Most seconds: longer intervals look as if training had stopped."""
LEAST, MOST = 0.25, 2.5
"""Limits of what a picture costs training, in parts of its drawing."""
LEAST_WITHOUT_SPARE = 1.0
"""The same where training uses all cores: training waits for all drawing, including what is drawn later."""
MEMORY = 0.85
"""Weight of earlier pictures, per further one: the budget adapts within about ten."""
FIRST = 3
"""Pictures of which only the newest counts: they also make what stays, as programs and layouts."""
FEWEST = 8.0
"""Recent minibatches without a picture that are needed to know their usual time."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one picture cost, as far as it is known.

    Parameters
    ----------
    making : float
        Seconds in which training made it, and measured its layers.
    drawing : float
        Seconds of processor time that the window used since the last one.
    drawn, other : float
        Minibatches that began while it was drawn, and those that began before.
    drawn_seconds, other_seconds : float
        How long they took.
    """

    making: float
    drawing: float
    drawn: float = 0.0
    other: float = 0.0
    drawn_seconds: float = 0.0
    other_seconds: float = 0.0


class PictureBudget:
    """Chooses the time between two pictures from what the last ones cost training.

    A picture costs the time to make it and to measure the layers for it, and what minibatches took longer while it was
    drawn: with a core to spare that is little, and with none more than the drawing itself. Where minibatches are too
    slow to tell, the processor time of drawing counts.

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
        """Sums over the pictures, the newest of which counts most, and how many there are, counted alike."""
        self._making = self._drawing = self._lost = self._weight = 0.0

    def add(self, spent: Spent) -> None:
        """Add what a picture took."""
        self._pictures += 1
        if self._pictures <= FIRST:
            self._begin()
        self._other = MEMORY * self._other + spent.other
        self._other_seconds = MEMORY * self._other_seconds + spent.other_seconds
        lost = spent.drawing
        if self._other >= FEWEST:
            usual = self._other_seconds / self._other
            # Other programs make some pictures look free and others expensive: over several that cancels out.
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
