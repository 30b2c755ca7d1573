"""A minibatch between backward and update: its gradients are complete, the weights are still those before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convviz.core.arrays import Array
from convviz.core.errors import NonFiniteError
from convviz.core.plan import Plan
from convviz.training.events import Position


@dataclass(frozen=True, slots=True, eq=False)
class PassDone:
    """Forward, loss and backward of a minibatch, before its update.

    It is only valid until the trainer's next pass, which writes into the same memory: copy what should last.

    Parameters
    ----------
    position : Position
        Position of the run after this minibatch: its epoch, its number and its step, from 1.
    rows : ndarray of int64, ``(n,)``
        Rows of the training images.
    loss : float
        Mean loss; NaN or infinity where ``error`` says where it arose.
    accuracy : float
        Share of the minibatch that is classified correctly.
    plan : Plan
        Holds the gradients and the probabilities.
    error : NonFiniteError, optional
        NaN or infinity arose: there will be no update.
    is_updated : bool
        The update has been made already, because no one asked to see the pass before it, unless there was an error.
    """

    position: Position
    rows: Array
    loss: float
    accuracy: float
    plan: Plan
    error: NonFiniteError | None = None
    is_updated: bool = False

    def gradients(self) -> dict[str, Array]:
        """Parameter → its gradient in stored form, of the whole minibatch; not copied."""
        return {name: self.plan[gradient] for name, gradient in self.plan.program.gradients.items()}


HoldsHere = Callable[[PassDone], bool]
"""Asked between backward and update; True holds training there."""
