"""A minibatch of a training run, as a value: enough to step through exactly the trainer's own pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from convviz.core.arrays import Array
from convviz.core.design import Design
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
        number of the pass that it is trained with.
    after : mapping of str to ndarray, optional
        The network's arrays after it; None if it has not been trained, or if they are not known.
    """

    design: Design
    rows: Array
    position: Position
    arrays: Mapping[str, Array]
    after: Mapping[str, Array] | None = None
