"""The curves of a run, as growing arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from convviz.present.edits import Edits
from convviz.present.layer_history import LayerHistory
from convviz.storage.network_state import EpochMeasures

Values = npt.NDArray[np.float64]

SMOOTHING = 50
"""Minibatches that the smoothed loss and accuracy are the mean of."""


EPOCH_NUMBERS = tuple(name for name in EpochMeasures.columns() if name != "seconds")
"""What is shown of an epoch: mean loss of its images, each before its update; the others after the epoch."""


class Track:
    """A growing row of points."""

    def __init__(self, columns: int) -> None:
        self._room = np.empty((columns, 1024))
        """A column lies in one piece, so that a search in it copies nothing."""
        self._count = 0

    def add(self, *values: float) -> None:
        """Append a point."""
        if self._count == self._room.shape[1]:
            self._room = np.concatenate([self._room, np.empty_like(self._room)], axis=1)
        self._room[:, self._count] = values
        self._count += 1

    def extend(self, *columns: npt.ArrayLike) -> None:
        """Append many points: a column each, all of one length."""
        added = np.stack([np.asarray(one, np.float64) for one in columns])
        end = self._count + added.shape[1]
        while end > self._room.shape[1]:
            self._room = np.concatenate([self._room, np.empty_like(self._room)], axis=1)
        self._room[:, self._count : end] = added
        self._count = end

    def clear(self) -> None:
        """Drop all points."""
        self._count = 0

    def column(self, number: int) -> Values:
        """All values of a column so far: a view."""
        return self._room[number, : self._count]

    def __len__(self) -> int:
        return self._count


def smooth(values: npt.ArrayLike, window: int) -> npt.NDArray[np.float64]:
    """Return the running mean of the last ``window`` values, of fewer at the start; NaN and infinities are left out.

    Where a window holds no finite value the mean is NaN.
    """
    array = np.asarray(values, dtype=np.float64)
    if window < 1:
        raise ValueError(f"window: expected 1 or more, got {window}")
    if not array.size:
        return array.copy()
    finite = np.isfinite(array)
    total = np.cumsum(np.where(finite, array, 0.0))
    count = np.cumsum(finite)
    total[window:] -= total[:-window].copy()
    count[window:] -= count[:-window].copy()
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def early_count(number: int, window: int) -> int:
    """How many values the mean at the ``number``-th one is of, where the window still grows: the newer half so far.

    A mean of all values so far would carry the first ones along, which are often the largest by far, and fall off a
    cliff where the window is full and begins to let go of them.
    """
    return min(window, (number + 1) // 2)


class TrailingMean:
    """The mean of the last values of a growing column, worked out once for each.

    Parameters
    ----------
    window : int
        How many values it is the mean of.
    grows : bool
        At the start, it is the mean of the newer half of the values so far; else of all of them.
    """

    def __init__(self, window: int, *, grows: bool = False) -> None:
        self._window = window
        self._early = 2 * window - 2 if grows else 0
        """Values from the start on whose means are of fewer."""
        self._means = Track(1)

    def of(self, values: Values) -> Values:
        """The mean at each value; values seen before are taken to be the same."""
        for end in range(len(self._means) + 1, min(len(values), self._early) + 1):
            count = early_count(end, self._window)
            self._means.add(smooth(values[end - count : end], count)[-1])
        done = len(self._means)
        if len(values) > done:
            first = max(0, done - self._window + 1)
            self._means.extend(smooth(values[first:], self._window)[done - first :])
        return self._means.column(0)

    def clear(self) -> None:
        """Other values come."""
        self._means.clear()


class History:
    """Loss of every minibatch, loss and accuracy after every epoch, and what was edited between them."""

    def __init__(self) -> None:
        self._means = {column: TrailingMean(SMOOTHING) for column in (1, 2)}
        self._curves = {column: TrailingMean(SMOOTHING, grows=True) for column in (1, 2)}
        self.minibatches = Track(3)
        """step, loss, accuracy."""
        self.rates = Track(2)
        """step, learning rate of its update."""
        self.epochs = Track(1 + len(EPOCH_NUMBERS))
        """step, and then EPOCH_NUMBERS."""
        self.edits = Edits()
        self.layers = LayerHistory()
        self.confidence = Track(2)
        """step, probability of the watched image's own class."""
        self.worst: tuple[int, ...] = ()
        """Rows of the test images with the largest losses after the last epoch."""
        self.marks: list[tuple[int, str, str]] = []
        """Step, sentence and kind of what happened beside edits: ``hit``, ``mark``, ``fork``."""
        self.runs = 0
        """How often a run began."""

    def add_past(
        self, name: str, step: int, minibatches: int, epochs: Sequence[EpochMeasures], losses: Sequence[float]
    ) -> None:
        """Curves of training before this run: its epochs, and the losses of the minibatches of the last one.

        Parameters
        ----------
        name : str
            Of what the run goes on from.
        step, minibatches : int
            Minibatches that were done in all, and that an epoch has.
        epochs : sequence of EpochMeasures
        losses : sequence of float
        """
        self.marks.append((step, f"goes on from {name}", "fork"))
        for number, measures in enumerate(epochs, 1):
            self.add_epoch(number * minibatches, measures)
        first = step - len(losses)
        for number, loss in enumerate(losses, 1):
            self.minibatches.add(first + number, loss, math.nan)  # files don't keep their accuracies

    def add_minibatch(self, step: int, measures: object) -> None:
        """Append a minibatch; ``measures`` has its loss, accuracy and learning rate by their names."""
        loss, accuracy, rate = (getattr(measures, name) for name in ("loss", "accuracy", "learning_rate"))
        self.minibatches.add(step, loss, accuracy)
        self.rates.add(step, rate)

    def add_epoch(self, step: int, measures: object) -> None:
        """Append an epoch that ended after ``step`` minibatches; ``measures`` has the numbers by their names."""
        self.epochs.add(step, *(getattr(measures, name) for name in EPOCH_NUMBERS))

    def clear(self) -> None:
        """A new run begins."""
        self.runs += 1
        for mean in (*self._means.values(), *self._curves.values()):
            mean.clear()
        self.minibatches.clear()
        self.rates.clear()
        self.epochs.clear()
        self.edits.clear()
        self.layers.clear()
        self.confidence.clear()
        self.worst = ()
        self.marks.clear()

    def mean(self, column: int) -> Values:
        """The running mean of the minibatches' loss (1) or accuracy (2), at each: a view."""
        return self._means[column].of(self.minibatches.column(column))

    def smoothed(self, column: int, end: int | None = None) -> tuple[str, Values]:
        """The running mean as a curve with its name: it follows the first minibatches closely, and grows smoother.

        Parameters
        ----------
        column : int
            1 for the loss, 2 for the accuracy.
        end : int, optional
            Minibatches that are shown; all of them by default.

        Returns
        -------
        (str, ndarray)
            ``mean of 50``, of as many as the last value that is shown; and the mean at each minibatch: a view.
        """
        steps = self.minibatches.column(0)
        if not len(steps) or steps[0] > 1:  # how the run began is unknown
            return f"mean of {SMOOTHING}", self.mean(column)
        count = early_count(max(len(steps) if end is None else end, 1), SMOOTHING)
        return f"mean of {count}", self._curves[column].of(self.minibatches.column(column))
