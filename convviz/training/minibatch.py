"""A minibatch of a training run, as a value: with it a pass can be stepped that is the trainer's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.training.events import Position


@dataclass(frozen=True, slots=True, eq=False)
class Minibatch:
    """Which images a minibatch has, and the network as it is just before.

    Parameters
    ----------
    design : Design
        As it was then: learning rate, momentum and the like may be others by now.
    rows : ndarray of int64, ``(n,)``
        Rows of the training images, in the order of the minibatch.
    position : Position
        Where the run is once the minibatch is done: its epoch, its number and its step, from 1.
    arrays : mapping of str to ndarray
        The network's arrays before it: weights, running statistics, optimiser state; and the learning rate and the
        number of the pass that it is trained with.
    after : mapping of str to ndarray, optional
        The network's arrays that training had after it; None where it has not been trained, or they are not known.
    """

    design: Design
    rows: Array
    position: Position
    arrays: Mapping[str, Array]
    after: Mapping[str, Array] | None = None
