"""What a checkpoint holds: a network, and where its training stands.

Random state needs no place of its own: every draw is named by the design's seed, the epoch and the step.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design

__all__ = ["Checkpoint", "DataPrint", "EpochRow", "Place", "data_print", "problem_of"]


@dataclass(frozen=True, slots=True)
class EpochRow:
    """What was measured of one epoch.

    Parameters
    ----------
    loss : float
        Mean loss of the epoch's images, each before its update.
    train_loss, train_accuracy, test_loss, test_accuracy : float
        After the epoch.
    seconds : float
        Time of training from the start of the run to the end of the epoch.
    """

    loss: float
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Names of the numbers, in order."""
        return tuple(field.name for field in fields(cls))

    def problem(self) -> str:
        """What is impossible in it; empty if nothing is."""
        for name, value in zip(self.columns(), astuple(self), strict=True):
            if not math.isfinite(value):
                return f"{name}: expected finite numbers, got NaN or infinity"
            if name.endswith("accuracy") and not 0 <= value <= 1:
                return f"{name}: expected shares from 0 to 1, got {value:g}"
        return "" if self.seconds >= 0 else f"seconds: expected 0 or more, got {self.seconds:g}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands; the words are those of :class:`convviz.training.standing.Standing`.

    Parameters
    ----------
    epoch, minibatch, step : int
    losses : tuple of float
        Of the epoch's minibatches so far.
    learning_rate : float
        What the schedule multiplies.
    seconds : float
        Time of training so far.
    """

    epoch: int = 0
    minibatch: int = 0
    step: int = 0
    losses: tuple[float, ...] = ()
    learning_rate: float = 0.01
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class DataPrint:
    """By what a data set is known again.

    Parameters
    ----------
    name : str
        What the user calls it; another name is no other data set.
    train_images, test_images : int
        How many of each were used.
    train_sha256, test_sha256 : str
        Checksums of their pixels and labels.
    """

    name: str
    train_images: int
    test_images: int
    train_sha256: str
    test_sha256: str

    def difference(self, other: DataPrint) -> str:
        """What another data set has that this one does not; empty if they are the same.

        Returns
        -------
        str
            The sentence from “expected” on.
        """
        wanted = f"expected the data that the network was trained on, {self.words}"
        if (self.train_images, self.test_images) != (other.train_images, other.test_images):
            return f"{wanted}, got {other.words}"
        changed = [
            part
            for part, mine, its in (
                ("training", self.train_sha256, other.train_sha256),
                ("test", self.test_sha256, other.test_sha256),
            )
            if mine != its
        ]
        if not changed:
            return ""
        return f"{wanted}, got {other.name} with other {' and other '.join(changed)} images or labels"

    @property
    def words(self) -> str:
        """``mnist with 60,000 training and 10,000 test images``."""
        return f"{self.name} with {self.train_images:,} training and {self.test_images:,} test images"


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A network, and where its training stands.

    Parameters
    ----------
    design : Design
        Every layer named.
    arrays : mapping of str to ndarray
        ``Network.arrays``: weights, optimiser state, running statistics, scalars.
    place : Place
    curves : tuple of EpochRow
        One for every epoch that is done.
    data : DataPrint or None
        None for a network that was not trained.
    """

    design: Design
    arrays: Mapping[str, Array]
    place: Place = Place()
    curves: tuple[EpochRow, ...] = ()
    data: DataPrint | None = None


def problem_of(checkpoint: Checkpoint) -> tuple[str, str]:
    """What in a checkpoint no run of its design comes to.

    Returns
    -------
    field : str
        Place in the file; empty if everything makes sense.
    sentence : str
        ``expected …, got …``
    """
    place, curves, data = checkpoint.place, checkpoint.curves, checkpoint.data
    for number, row in enumerate(curves, 1):
        if problem := row.problem():
            column, _, rest = problem.partition(": ")
            return f"curves/{column}", f"{rest} in epoch {number:,}"
    if place.seconds < 0:
        return "run/seconds", f"expected 0 or more, got {place.seconds:g}"
    if not place.learning_rate > 0:
        return "run/learning_rate", f"expected a number greater than 0, got {place.learning_rate:g}"
    if data is None:
        trained = place.epoch or place.minibatch or place.step or curves
        return (
            ("data", "expected what the network was trained on, got a trained one without it") if trained else ("", "")
        )
    for name, count in (("train_images", data.train_images), ("test_images", data.test_images)):
        if count < 1:
            return f"data/{name}", f"expected at least 1, got {count}"
    training = checkpoint.design.training
    minibatches = -(-data.train_images // min(training.batch_size, data.train_images))
    most = minibatches if place.epoch else 0
    before = max(place.epoch - 1, 0)
    step = before * minibatches + place.minibatch
    # At the end of an epoch it may or may not have been evaluated.
    rows = place.epoch if place.minibatch == most else before
    for field, value, low, high in (
        ("run/epoch", place.epoch, 0, training.epochs),
        ("run/minibatch", place.minibatch, 0, most),
        ("run/step", place.step, step, step),
        ("run/losses", len(place.losses), place.minibatch, place.minibatch),
        ("curves/loss", len(curves), before, rows),
    ):
        if not low <= value <= high:
            expected = f"{low:,}" if low == high else f"{low:,} to {high:,}"
            return field, f"expected {expected}{' of them' if field in COUNTED else ''}, got {value:,}"
    return "", ""


COUNTED = ("run/losses", "curves/loss")
"""Fields of which the number is checked."""


def data_print(name: str, train: tuple[Array, Array], test: tuple[Array, Array]) -> DataPrint:
    """Print of the images and labels that are used.

    Parameters
    ----------
    name : str
    train, test : (ndarray, ndarray)
        Images ``(n, C, H, W)`` and labels ``(n,)``.
    """
    return DataPrint(name, len(train[1]), len(test[1]), digest(train), digest(test))


def digest(arrays: Iterable[Array]) -> str:
    """SHA-256 of arrays with their types and shapes, the same on every machine."""
    made = hashlib.sha256()
    for array in arrays:
        kind = array.dtype.newbyteorder("<")
        made.update(f"{kind.str}{array.shape}".encode())
        made.update(np.ascontiguousarray(array, kind).reshape(-1).view(np.uint8).data)
    return made.hexdigest()
