"""Measures pinned numbers while a run is trained, as often as costs little."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from convviz.core.expressions.check import check_number
from convviz.core.expressions.evaluate import evaluate
from convviz.core.expressions.parse import parse
from convviz.run.pins.pin import Pin, PinsMeasured

if TYPE_CHECKING:
    from convviz.run.minibatch.facts import Facts

SHARE = 0.01
"""Share of the training time that measuring may take."""
MOST_EVERY = 4096


class Pinned:
    """One pin, and how often it is measured.

    Parameters
    ----------
    pin : Pin
        It was checked.
    """

    def __init__(self, pin: Pin) -> None:
        self.number = pin.number
        self.expression = parse(pin.text)
        self.every = 1

    def measure(self, facts: Facts) -> float:
        """Its value in a pass."""
        check_number(self.expression, facts.shape_of)
        return float(evaluate(self.expression, facts.find))

    def cost(self, seconds: float, usual: float) -> None:
        """Note that a measurement took ``seconds`` and a minibatch takes ``usual``, and choose how often to measure."""
        wanted = seconds / max(usual, 1e-9)
        self.every = 1 << min(max(math.ceil(math.log2(max(wanted, 1.0))), 0), int(math.log2(MOST_EVERY)))


class PinMeter:
    """Decides in which minibatches pins are measured, and measures them: cheap ones more often than dear ones.

    Parameters
    ----------
    told : callable
        Gets a :class:`PinsMeasured` each time.

    Attributes
    ----------
    pinned : tuple of Pinned
    """

    def __init__(self, told: Callable[[PinsMeasured], object] = lambda found: None) -> None:
        self._told = told
        self.pinned: tuple[Pinned, ...] = ()
        self._last: tuple[int, float] | None = None
        """Step and time of the last measurement."""
        self._usual = math.inf
        """Seconds of a minibatch, as far as known."""

    def set(self, pins: Iterable[Pin]) -> None:
        """Measure these from now on; they were checked."""
        self.pinned = tuple(map(Pinned, pins))
        self.begin()

    def begin(self) -> None:
        """Another run begins, or others are measured: what it costs is not known."""
        self._last, self._usual = None, math.inf
        for one in self.pinned:
            one.every = 1

    def is_due(self, step: int) -> bool:
        """Whether something is to be measured in the minibatch with this number."""
        return any(step % one.every == 0 for one in self.pinned)

    def measure(self, facts: Facts) -> None:
        """Measure the pins that are due in a pass."""
        step, began = facts.step, time.perf_counter()
        if self._last is not None and step > self._last[0]:
            # The least of all: between two there may have been a pause.
            self._usual = min(self._usual * 1.05, (began - self._last[1]) / (step - self._last[0]))
        due = [one for one in self.pinned if step % one.every == 0]
        values, share = [], SHARE / max(len(self.pinned), 1)
        for one in due:
            values.append(one.measure(facts))
            ended = time.perf_counter()
            if self._usual < math.inf:
                one.cost((ended - began) / share, self._usual)
            began = ended
        self._told(PinsMeasured(step, tuple(one.number for one in due), tuple(values)))
        self._last = step, began
