"""Two ways of doing the same, measured in turns: what one costs more than the other, with its spread.

Both should work in the same memory: that of another trainer lies elsewhere, and is up to a tenth quicker or slower.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from convviz.training.events import Event
from convviz.training.trainer import Trainer

__all__ = ["Spell", "Spread", "in_turns", "measured", "skip_evaluation"]


@dataclass(frozen=True, slots=True)
class Spell:
    """What a minibatch of one spell took.

    Parameters
    ----------
    wall, cpu : float
        Seconds, and seconds of processor time of the whole process.
    """

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Quartiles of what one costs more than the other, as shares."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, ratios: list[float]) -> Spread:
        """Of ratios, one a pair."""
        low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75)) - 1.0
        return cls(float(low), float(middle), float(high))

    def __str__(self) -> str:
        return f"{100 * self.median:+.1f} % ({100 * self.low:+.1f} to {100 * self.high:+.1f})"


def skip_evaluation(trainer: Trainer, events: Iterator[Event], steps: int) -> None:
    """Train on until so many minibatches come in a row, without the evaluation that ends an epoch."""
    while trainer.position.minibatches - trainer.position.minibatch < steps or trainer.position.minibatch == 0:
        next(events)


def measured(work: Callable[[], int]) -> Spell:
    """Time a spell; ``work`` says how many minibatches it trained."""
    began, cpu = time.perf_counter(), time.process_time()
    steps = max(work(), 1)
    return Spell((time.perf_counter() - began) / steps, (time.process_time() - cpu) / steps)


def in_turns(
    plain: Callable[[], int], more: Callable[[], int], pairs: int, ready: Callable[[], object]
) -> tuple[Spread, Spread]:
    """What ``more`` costs more than ``plain``: in time, and in processor time.

    Who is first is drawn for each pair; ``ready`` is called before each spell, untimed.
    """
    walls, cpus = [], []
    for _ in range(pairs):
        found = {}
        for way in random.sample([plain, more], 2):
            ready()
            found[way] = measured(way)
        walls.append(found[more].wall / found[plain].wall)
        cpus.append(found[more].cpu / found[plain].cpu)
    return Spread.of(walls), Spread.of(cpus)
