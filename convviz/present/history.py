"""The curves of a run, as growing arrays."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]


EPOCH_NUMBERS = ("loss", "train_loss", "train_accuracy", "test_loss", "test_accuracy")
"""What is shown of an epoch: mean loss of its images, each before its update; the others after the epoch."""


class Track:
    """A growing row of points."""

    def __init__(self, columns: int) -> None:
        self._room = np.empty((1024, columns))
        self._count = 0

    def add(self, *values: float) -> None:
        """Append a point."""
        if self._count == len(self._room):
            self._room = np.concatenate([self._room, np.empty_like(self._room)])
        self._room[self._count] = values
        self._count += 1

    def clear(self) -> None:
        """Drop all points."""
        self._count = 0

    def column(self, number: int) -> Values:
        """All values of a column so far: a view."""
        return self._room[: self._count, number]

    def __len__(self) -> int:
        return self._count


class History:
    """Loss of every minibatch, loss and accuracy after every epoch."""

    def __init__(self) -> None:
        self.minibatches = Track(3)
        """step, loss, accuracy."""
        self.epochs = Track(1 + len(EPOCH_NUMBERS))
        """step, and then EPOCH_NUMBERS."""
        self.runs = 0
        """How often a run began."""

    def add_epoch(self, step: int, measures: object) -> None:
        """Append an epoch that ended after so many minibatches; ``measures`` has the numbers by their names."""
        self.epochs.add(step, *(getattr(measures, name) for name in EPOCH_NUMBERS))

    def clear(self) -> None:
        """A new run begins."""
        self.runs += 1
        self.minibatches.clear()
        self.epochs.clear()
