"""A minibatch of a training run, as a value: enough to step through exactly the trainer's own pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.network import Network
from convviz.core.optim import LEARNING_RATE, PASS_NUMBER
from convviz.core.schedule import TrainingProgress
from convviz.core.seeds import image_order
from convviz.training.events import Position


@dataclass(frozen=True, slots=True, eq=False)
class Minibatch:
    """The images of a minibatch, and the network just before it.

    Parameters
    ----------
    design : Design
        The design at that time: learning rate, momentum and the like may have changed since.
    rows : ndarray of int64, ``(n,)``
        Rows of the training images, in the order of the minibatch.
    position : Position
        Position of the run after the minibatch: its epoch, its number and its step, from 1.
    arrays : mapping of str to ndarray
        The network's arrays before it: weights, running statistics, optimiser state; and the learning rate and the
        number of the pass that it is trained with. They are read-only from now on, so that a pass needs no copy.
    after : mapping of str to ndarray, optional
        The network's arrays after it; None if it has not been trained, or if they are not known.
    """

    design: Design
    rows: Array
    position: Position
    arrays: Mapping[str, Array]
    after: Mapping[str, Array] | None = None

    def __post_init__(self) -> None:
        for array in self.arrays.values():
            array.flags.writeable = False


def first_minibatch(network: Network, images: int) -> Minibatch:
    """The minibatch that a new run of an untrained network begins with.

    Parameters
    ----------
    network : Network
    images : int
        Training images that there are; the design's ``train_size`` takes the first of them.
    """
    design, settings = network.design, network.design.training
    images = min(settings.train_size or images, images)
    size = min(settings.batch_size, images)
    minibatches = -(-images // size)
    arrays = {name: array.copy() for name, array in network.arrays.items()}
    factor = settings.schedule.factor(TrainingProgress(0, minibatches, settings.epochs))
    arrays[LEARNING_RATE] = np.asarray(settings.optimiser.lr * factor, arrays[LEARNING_RATE].dtype)
    if PASS_NUMBER in arrays:
        arrays[PASS_NUMBER] = np.ones_like(arrays[PASS_NUMBER])
    position = Position(1, 1, 1, settings.epochs, minibatches)
    return Minibatch(design, image_order(settings.seed, 1, images)[:size], position, arrays)
