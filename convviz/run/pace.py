"""How fast a run is, and when it will be finished."""

from __future__ import annotations

from collections import deque

from convviz.training.events import Position


class Pace:
    """Images per second over the last moments, and the time left.

    Parameters
    ----------
    window : float
        Seconds over which the rate is averaged.
    """

    def __init__(self, window: float = 2.0) -> None:
        self._window = window
        self._recent: deque[tuple[float, int]] = deque()
        self._active = 0.0
        self._steps = 0
        self._epoch_began = 0.0
        self._epoch_steps = 0
        self._last: float | None = None

    def resume(self, now: float) -> None:
        """The run continues after a pause, whose time does not count."""
        self._last = now
        self._recent.clear()

    def add(self, images: int, now: float) -> None:
        """A minibatch was done."""
        if self._last is not None:
            self._active += now - self._last
            self._steps += 1
            self._epoch_steps += 1
        self._last = now
        self._recent.append((now, images))
        while self._recent and now - self._recent[0][0] > self._window:
            self._recent.popleft()

    def end_epoch(self, minibatches: int, now: float) -> float | None:
        """An epoch was evaluated. Returns its seconds without pauses; None unless all of its minibatches were seen."""
        if self._last is not None:
            self._active += now - self._last
            self._last = now
        seconds, whole = self._active - self._epoch_began, self._epoch_steps == minibatches
        self._epoch_began, self._epoch_steps = self._active, 0
        return seconds if whole else None

    def rate(self) -> float:
        """Images per second; 0 if not known yet."""
        if len(self._recent) < 2:
            return 0.0
        span = self._recent[-1][0] - self._recent[0][0]
        return sum(images for _, images in list(self._recent)[1:]) / span if span > 0 else 0.0

    def left(self, position: Position) -> float:
        """Seconds to the end, including evaluations once one has been seen; NaN if not known yet."""
        if self._steps < 3:
            return float("nan")
        return (position.steps - position.step) * self._active / self._steps
