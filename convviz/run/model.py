"""A trained model on its way between a session and a file: a network, and where its training stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.training.images import Split
from convviz.training.standing import Standing


@dataclass(frozen=True, slots=True)
class PastEpoch:
    """What was measured of an epoch.

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


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """The data that a model was trained on.

    Parameters
    ----------
    name : str
    words : str
        ``built-in digits with 17,000 training and 2,000 test images``.
    is_this : callable
        Whether it is these training and test images; the images are those that the design takes of a data set.
    """

    name: str
    words: str
    is_this: Callable[[Split, Split], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network, and where its training stands.

    Parameters
    ----------
    design : Design
        Every layer named.
    arrays : mapping of str to ndarray
        ``Network.arrays``: weights, optimiser state, running statistics, scalars. Nobody writes into them.
    standing : Standing
    epochs : tuple of PastEpoch
    seconds : float
        Time of training so far.
    trained_on : TrainedOn or None
        None where nothing was trained.
    """

    design: Design
    arrays: Mapping[str, Array]
    standing: Standing
    epochs: tuple[PastEpoch, ...] = ()
    seconds: float = 0.0
    trained_on: TrainedOn | None = None

    @property
    def is_finished(self) -> bool:
        """Whether all epochs of the design are done."""
        return self.standing.step > 0 and self.standing.evaluated >= self.design.training.epochs


@dataclass(frozen=True, slots=True)
class OpenData:
    """The data set that is open.

    Parameters
    ----------
    name : str
    train, test : Split
        All images that there are.
    """

    name: str
    train: Split
    test: Split

    def taken_by(self, design: Design) -> tuple[Split, Split]:
        """The images that a design takes, or all where there are not so many."""
        sizes = design.training
        return self.train.first(sizes.train_size), self.test.first(sizes.test_size)
