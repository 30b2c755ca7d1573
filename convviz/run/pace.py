"""How fast a run is, and when it will be finished."""

from __future__ import annotations

from collections import deque

from convviz.training.events import Position


class Pace:
    """Images per second over the last moments, and the time left if it goes on at that pace.

    Both numbers stand beside each other, so both come from the last minibatches. Times are those at which something
    happened: it may be reported much later, and many at once.

    Parameters
    ----------
    window : float
        Seconds of training over which the rate is averaged; holds and evaluations do not count.
    least : float
        Least seconds of training before there is a rate.
    """

    def __init__(self, window: float = 5.0, least: float = 0.25) -> None:
        self._window, self._least = window, least
        self._recent: deque[tuple[float, int]] = deque()
        """Seconds and images of the last minibatches."""
        self._spent = 0.0
        """Sum of these seconds."""
        self._active = 0.0
        self._steps = 0
        self._epoch_began = 0.0
        self._epoch_steps = 0
        self._evaluation = 0.0
        """Seconds of the last evaluation."""
        self._is_evaluated = False
        """Whether the last minibatch's epoch was evaluated, as the last of an epoch is."""
        self._last: float | None = None

    def resume(self, now: float) -> None:
        """The run continues after a pause, whose time does not count."""
        self._last = now
        self._recent.clear()
        self._spent = 0.0

    def add(self, images: int, now: float) -> None:
        """A minibatch was done."""
        if self._last is not None:
            seconds = max(0.0, now - self._last)  # the first may be done before it is heard that the run goes on
            self._active += seconds
            self._spent += seconds
            self._steps += 1
            self._epoch_steps += 1
            self._recent.append((seconds, images))
        self._last, self._is_evaluated = now, False
        while len(self._recent) > 1 and self._spent - self._recent[0][0] > self._window:
            self._spent -= self._recent.popleft()[0]

    def end_epoch(self, minibatches: int, now: float) -> float | None:
        """An epoch was evaluated. Returns its seconds without pauses; None unless all of its minibatches were seen."""
        if self._last is not None:
            self._evaluation = max(0.0, now - self._last)
            self._active += self._evaluation
            self._last = now
        self._is_evaluated = True
        seconds, whole = self._active - self._epoch_began, self._epoch_steps == minibatches
        self._epoch_began, self._epoch_steps = self._active, 0
        return seconds if whole else None

    def rate(self) -> float:
        """Images per second; 0 if not known yet."""
        if self._spent < self._least:
            return 0.0
        return sum(images for _, images in self._recent) / self._spent

    def left(self, position: Position) -> float:
        """Seconds to the end, including evaluations once one has been seen; NaN if not known yet."""
        if self._steps < 3:
            return float("nan")
        if self._spent < self._least:  # just after a hold: nobody knows better than the run so far
            return (position.steps - position.step) * self._active / self._steps
        evaluations = position.epochs - position.epoch + (not self._is_evaluated)
        return (position.steps - position.step) * self._spent / len(self._recent) + evaluations * self._evaluation
