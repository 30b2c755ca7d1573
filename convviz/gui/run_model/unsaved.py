"""How much training is in no file yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

ASK_FROM = 120.0
"""Seconds of training that are worth a question before they are lost."""


class Unsaved:
    """Counts the time and the minibatches trained since the network was last kept.

    Parameters
    ----------
    clock : callable
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.forget()

    def forget(self) -> None:
        """There is another network, and nothing of it to lose."""
        self._total = 0.0
        self._since: float | None = None
        self._kept = 0.0
        self._asked: deque[float] = deque()
        self.steps = 0
        """Minibatches."""

    def go(self) -> None:
        """Training goes on."""
        if self._since is None:
            self._since = self.clock()

    def hold(self) -> None:
        """Training holds."""
        self._total, self._since = self._trained(), None

    def ask(self) -> None:
        """It was asked to keep the network as it is now."""
        self._asked.append(self._trained())

    def saved(self, steps: int) -> None:
        """What was asked first is kept; so many minibatches were trained since."""
        self._kept = self._asked.popleft() if self._asked else self._trained()
        self.steps = steps

    def not_saved(self) -> None:
        """What was asked first could not be done."""
        if self._asked:
            self._asked.popleft()

    @property
    def seconds(self) -> float:
        """Time of training."""
        return self._trained() - self._kept if self.steps else 0.0

    @property
    def is_much(self) -> bool:
        """Whether it would be a pity to lose it."""
        return self.seconds >= ASK_FROM

    def _trained(self) -> float:
        return self._total + (self.clock() - self._since if self._since is not None else 0.0)
