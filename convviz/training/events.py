"""The events of a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from convviz.storage.network_state import EpochMeasures


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a run.

    Parameters
    ----------
    epoch : int
        From 1; 0 before the first minibatch.
    minibatch : int
        Minibatches done in this epoch.
    step : int
        Minibatches done in all.
    epochs, minibatches : int
        Epochs of the run, minibatches of an epoch.
    """

    epoch: int
    minibatch: int
    step: int
    epochs: int
    minibatches: int

    @property
    def steps(self) -> int:
        """Minibatches of the whole run."""
        return self.epochs * self.minibatches


@dataclass(frozen=True, slots=True)
class Compiling:
    """Before the first minibatch: ``done`` of the ``total`` kernels that the run needs are compiled.

    Comes only where one has to be: the first time that anything like it is trained on this machine.
    """

    position: Position
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class MinibatchDone:
    """One update was made.

    Parameters
    ----------
    position : Position
    loss : float
        Mean loss of the minibatch, before the update.
    accuracy : float
        Share of the minibatch that was classified correctly, before the update.
    images : int
    learning_rate : float
        Of the update; NaN if it is not known.
    at : float, optional
        Seconds of the monotonic clock when it happened: it may be heard of later, with many others.
    """

    position: Position
    loss: float
    accuracy: float
    images: int
    learning_rate: float = math.nan
    at: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Held:
    """Training holds before the update of a minibatch: its gradients are complete, nothing has changed yet.

    Parameters
    ----------
    position : Position
        Still the one before the minibatch.
    loss : float
        Mean loss of the minibatch; may be NaN or infinite.
    accuracy : float
    images : int
    """

    position: Position
    loss: float
    accuracy: float
    images: int


@dataclass(frozen=True, slots=True)
class Evaluating:
    """Progress of an evaluation: ``done`` of ``total`` images of ``split``."""

    position: Position
    split: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EpochDone:
    """An epoch was trained and evaluated.

    Parameters
    ----------
    position : Position
    loss : float
        Mean loss of the epoch's images, each before its update.
    train_loss, test_loss : float
        Mean loss after the epoch.
    train_accuracy, test_accuracy : float
        Share of the training and test images that are classified correctly after the epoch.
    at : float, optional
        Seconds of the monotonic clock when it happened: it may be heard of later, with many others.
    """

    position: Position
    loss: float
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    at: float | None = field(default=None, compare=False)

    @classmethod
    def of(cls, position: Position, measures: EpochMeasures) -> EpochDone:
        """The event of an epoch whose measures were kept."""
        numbers = {name: getattr(measures, name) for name in EpochMeasures.columns() if name != "seconds"}
        return cls(position, **numbers)

    def measures(self, seconds: float) -> EpochMeasures:
        """The measures to keep of the epoch, which ended ``seconds`` after the start of the run."""
        numbers = {name: getattr(self, name) for name in EpochMeasures.columns() if name != "seconds"}
        return EpochMeasures(**numbers, seconds=seconds)


Event = Compiling | Held | MinibatchDone | Evaluating | EpochDone
