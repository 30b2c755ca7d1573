"""Counts the training that has not been saved."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

ASK_FROM = 120.0
"""From this many seconds of unsaved training on, the user is asked before losing it."""


class Unsaved:
    """Counts the time and the minibatches trained since the network was last saved.

    Parameters
    ----------
    clock : callable
        Returns monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.forget()

    def forget(self) -> None:
        """Start counting for another network, which has no unsaved training."""
        self._total = 0.0
        self._since: float | None = None
        self._kept = 0.0
        self._asked: deque[float] = deque()
        self.steps = 0
        """Minibatches since the last save."""

    def go(self) -> None:
        """Training continues."""
        if self._since is None:
            self._since = self.clock()

    def hold(self) -> None:
        """Training has paused."""
        self._total, self._since = self._trained(), None

    def ask(self) -> None:
        """Saving the network as it is now was requested."""
        self._asked.append(self._trained())

    def saved(self, steps: int) -> None:
        """The oldest request is done; ``steps`` minibatches were trained since it was made."""
        self._kept = self._asked.popleft() if self._asked else self._trained()
        self.steps = steps

    def not_saved(self) -> None:
        """The oldest request failed."""
        if self._asked:
            self._asked.popleft()

    @property
    def seconds(self) -> float:
        """Seconds of training since the last save."""
        return self._trained() - self._kept if self.steps else 0.0

    @property
    def is_much(self) -> bool:
        """Whether so much is unsaved that the user should be asked before losing it."""
        return self.seconds >= ASK_FROM

    def _trained(self) -> float:
        return self._total + (self.clock() - self._since if self._since is not None else 0.0)
