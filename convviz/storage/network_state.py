"""The state of a network and its training: everything that is saved, and enough to continue exactly.

No random state is needed: every random draw is determined by the design's seed, the epoch and the step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, astuple, dataclass, field, fields
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec
from convviz.core.design import Design
from convviz.core.lower import lower
from convviz.storage.fingerprint import DataFingerprint

__all__ = ["EpochMeasures", "NetworkState", "RunProgress", "array_specs"]


def array_specs(design: Design) -> dict[str, ArraySpec]:
    """Specifications of all arrays of a network that are saved: parameters, optimiser state, statistics, scalars."""
    program = lower(design, 1)
    return {name: program.arrays[name] for name in program.sources if not program.arrays[name].batched}


@dataclass(frozen=True, slots=True)
class EpochMeasures:
    """The measurements of one epoch.

    Parameters
    ----------
    loss : float
        Mean loss of the epoch's images, each taken before the update by its minibatch.
    train_loss, train_accuracy, test_loss, test_accuracy : float
        Measured after the epoch; accuracies are shares in 0…1.
    seconds : float
        Time of training from the start of the run to the end of the epoch.

    A field's default is its value in files that were written before the field existed.
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

    @classmethod
    def absent(cls) -> dict[str, float]:
        """Numbers that older files may lack, by name, and the values to assume for them."""
        return {field.name: field.default for field in fields(cls) if field.default is not MISSING}

    def problem(self) -> tuple[str, str]:
        """Name of the first impossible number, and ``expected …, got …``; both empty if there is none."""
        for name, value in zip(self.columns(), astuple(self), strict=True):
            if not math.isfinite(value):
                return name, "expected finite numbers, got NaN or infinity"
            if name.endswith("accuracy") and not 0 <= value <= 1:
                return name, f"expected shares from 0 to 1, got {value:g}"
        return ("", "") if self.seconds >= 0 else ("seconds", f"expected 0 or more, got {self.seconds:g}")


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The position of a run.

    Parameters
    ----------
    epoch : int
        The current epoch, counted from 1; 0 before the first minibatch.
    minibatch : int
        Minibatches done in this epoch.
    step : int
        Minibatches done in all.
    evaluated : int
        Epochs that were trained and evaluated: ``epoch``, or one less while an epoch is open.
    losses : tuple of float
        Loss of every minibatch of this epoch so far.
    learning_rate : float
        The learning rate before the schedule's factor.
    """

    epoch: int = 0
    minibatch: int = 0
    step: int = 0
    evaluated: int = 0
    losses: tuple[float, ...] = ()
    learning_rate: float = 0.01

    def problem(self, minibatches: int, epochs: int) -> tuple[str, str]:
        """Why no run with these numbers of minibatches and epochs can reach this position.

        Parameters
        ----------
        minibatches : int
            Number of minibatches in an epoch, at least 1.
        epochs : int

        Returns
        -------
        field : str
            Name of the first impossible field; empty if all are possible.
        sentence : str
            ``expected …, got …``
        """
        if not 0 <= self.epoch <= epochs:
            return "epoch", f"expected 0 to {epochs:,}, got {self.epoch:,}"
        most = minibatches if self.epoch else 0
        if not 0 <= self.minibatch <= most:
            return "minibatch", f"expected 0 to {most:,}, got {self.minibatch:,}"
        before = max(self.epoch - 1, 0)
        step = before * minibatches + self.minibatch
        if self.step != step:
            return "step", f"expected {step:,}, got {self.step:,}"
        # After its last minibatch, the epoch may or may not have been evaluated yet.
        either = sorted({self.epoch, before} if self.minibatch == most else {before})
        if self.evaluated not in either:
            return "evaluated", f"expected {' or '.join(map(str, either))} of them, got {self.evaluated:,}"
        if len(self.losses) != self.minibatch:
            return "losses", f"expected {self.minibatch:,} of them, got {len(self.losses):,}"
        if not all(map(math.isfinite, self.losses)):
            return "losses", "expected finite numbers, got NaN or infinity"
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            return "learning_rate", f"expected a number greater than 0, got {self.learning_rate:g}"
        return "", ""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkState:
    """A network and the position of its training.

    Parameters
    ----------
    design : Design
        With a name for every layer.
    arrays : mapping of str to ndarray
        ``Network.arrays``: weights, optimiser state, running statistics, scalars.
    place : RunProgress
    epochs : tuple of EpochMeasures
        One for every epoch that was evaluated.
    seconds : float
        Time of training so far.
    data : DataFingerprint or None
        The data set that it was trained on; None if it was not trained.
    weights_only : bool
        Whether the file contained only the weights: the position of their training is unknown, and a new run begins.
    is_foreign : bool
        Whether another program made the network, so that nothing says how its images were preprocessed.
    """

    design: Design
    arrays: Mapping[str, Array]
    place: RunProgress = field(default_factory=RunProgress)
    epochs: tuple[EpochMeasures, ...] = ()
    seconds: float = 0.0
    data: DataFingerprint | None = None
    weights_only: bool = False
    is_foreign: bool = False

    @property
    def precision(self) -> np.dtype[Any]:
        """Type of the network's numbers."""
        return next(iter(self.arrays.values())).dtype

    @property
    def is_finished(self) -> bool:
        """Whether all epochs of the design are done."""
        return self.place.step > 0 and self.place.evaluated >= self.design.training.epochs

    def problem(self) -> tuple[str, str]:
        """Why no training of the design can reach this state.

        Returns
        -------
        field : str
            The first impossible field: ``place.step``, ``epochs.loss``, ``seconds``, ``data`` …; else empty.
        sentence : str
            ``expected …, got …``
        """
        for number, measures in enumerate(self.epochs, 1):
            name, sentence = measures.problem()
            if name:
                return f"epochs.{name}", f"{sentence} in epoch {number:,}"
        if not self.seconds >= 0:
            return "seconds", f"expected 0 or more, got {self.seconds:g}"
        place, data, training = self.place, self.data, self.design.training
        minibatches = 1
        if data is not None:
            for name, count in (("train_images", data.train_images), ("test_images", data.test_images)):
                if count < 1:
                    return f"data.{name}", f"expected at least 1, got {count}"
            minibatches = -(-data.train_images // min(training.batch_size, data.train_images))
        elif place.epoch or place.minibatch or place.step or self.epochs:
            return "data", "expected what the network was trained on, got a trained one without it"
        name, sentence = place.problem(minibatches, training.epochs)
        if name:
            return f"place.{name}", sentence
        if len(self.epochs) != place.evaluated:
            return "epochs", f"expected {place.evaluated:,} of them, got {len(self.epochs):,}"
        return "", ""
