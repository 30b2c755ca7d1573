"""Measures pinned numbers while a run is trained, as often as costs little."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from convviz.core.expressions.check import check_number
from convviz.core.expressions.evaluate import evaluate
from convviz.core.expressions.parse import parse
from convviz.core.expressions.syntax import Expression
from convviz.run.pins.pin import Pin, PinsMeasured

if TYPE_CHECKING:
    from convviz.run.breakpoints.facts import Facts

SHARE = 0.01
"""Share of the training time that measuring may take."""
MOST_EVERY = 4096


class PinMeter:
    """Decides in which minibatches pins are measured, and measures them.

    Parameters
    ----------
    told : callable
        Gets a :class:`PinsMeasured` each time.
    """

    def __init__(self, told: Callable[[PinsMeasured], object] = lambda found: None) -> None:
        self._told = told
        self._expressions: dict[int, Expression] = {}
        self._every = 1
        self._last: tuple[int, float] | None = None
        """Step and time of the last measurement."""
        self._usual = math.inf
        """Seconds of a minibatch, as far as known."""

    def set(self, pins: Iterable[Pin]) -> None:
        """Measure these from now on; they were checked."""
        self._expressions = {pin.number: parse(pin.text) for pin in pins}
        self.begin()

    def begin(self) -> None:
        """Another run begins, or others are measured: what it costs is not known."""
        self._every, self._last, self._usual = 1, None, math.inf

    def is_due(self, step: int) -> bool:
        """Whether the minibatch with this number is to be measured."""
        return bool(self._expressions) and step % self._every == 0

    def measure(self, facts: Facts) -> None:
        """Measure all pins in a pass."""
        began = time.perf_counter()
        if self._last is not None and facts.step > self._last[0]:
            # The least of all: between two there may have been a pause.
            self._usual = min(self._usual * 1.05, (began - self._last[1]) / (facts.step - self._last[0]))
        values = []
        for expression in self._expressions.values():
            check_number(expression, facts.shape_of)
            values.append(float(evaluate(expression, facts.find)))
        self._told(PinsMeasured(facts.step, tuple(self._expressions), tuple(values)))
        ended = time.perf_counter()
        self._last = facts.step, ended
        if self._usual < math.inf:
            wanted = (ended - began) / (SHARE * max(self._usual, 1e-9))
            self._every = 1 << min(max(math.ceil(math.log2(max(wanted, 1.0))), 0), int(math.log2(MOST_EVERY)))
