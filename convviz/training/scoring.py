"""Loss and accuracy over many images, of which some may count more than others, or not at all."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design

__all__ = ["ScoreTally", "accuracy_of", "counting"]


class ScoreTally:
    """Adds up batches of images.

    Parameters
    ----------
    design : Design
        Its training says what images count.
    """

    def __init__(self, design: Design) -> None:
        self._ignored = design.training.ignored_label
        weights = design.training.image_weights(design.classes)
        self._weights = None if weights is None else np.asarray(weights)
        self._loss = self._weight = 0.0
        self._right = self._count = 0

    def add(self, answers: Array, labels: Array, losses: Array) -> None:
        """Add a batch: probabilities or scores ``(n, classes)``, labels ``(n,)`` and losses ``(n,)``."""
        if self._weights is None:
            self._loss += float(losses.sum(dtype=np.float64))
            self._weight += len(labels)
        else:
            weights = self._weights[labels]
            self._loss += float(np.dot(weights, losses))
            self._weight += float(weights.sum())
        right = answers.argmax(axis=1) == labels
        counts = counting(labels, self._ignored)
        self._right += int(np.count_nonzero(right if counts is None else right & counts))
        self._count += len(labels) if counts is None else int(np.count_nonzero(counts))

    @property
    def loss(self) -> float:
        """Mean loss, with each image weighted as it counts."""
        return self._loss / (self._weight or 1.0)

    @property
    def accuracy(self) -> float:
        """Share of right answers among the images that count."""
        return self._right / max(self._count, 1)


def counting(labels: Array, ignored: int | None) -> npt.NDArray[np.bool_] | None:
    """Which images count; None if all do."""
    return None if ignored is None else np.asarray(labels != ignored)


def accuracy_of(answers: Array, labels: Array, ignored: int | None) -> float:
    """Share of right answers ``(n, classes)`` among the images that count; 0 where none does."""
    right = answers.argmax(axis=1) == labels
    counts = counting(labels, ignored)
    if counts is None:
        return int(np.count_nonzero(right)) / len(labels)
    return int(np.count_nonzero(right & counts)) / max(int(np.count_nonzero(counts)), 1)
