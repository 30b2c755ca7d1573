"""Key points and events of a recording, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from convviz.storage.network_state import RunProgress

__all__ = ["KeyPoint", "RunEvent", "place_at"]


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """A moment of a run at which all arrays are in the recording.

    Its position in the run follows from its step: :func:`place_at`.

    Parameters
    ----------
    step : int
        Minibatches that were done.
    design : int
        Number of the design that was being trained.
    learning_rate : float
        The learning rate before the schedule's factor.
    seconds : float
        Time of training so far.
    essential : bool
        Whether it must be kept because replay can't reproduce it: the beginning, or edited weights.
    """

    step: int
    design: int
    learning_rate: float
    seconds: float
    essential: bool = False


def place_at(
    step: int, minibatches: int, evaluated: int, losses: tuple[float, ...] = (), learning_rate: float = 0.01
) -> RunProgress:
    """The position of a run after ``step`` minibatches.

    Parameters
    ----------
    step : int
    minibatches : int
        Number of minibatches in an epoch.
    evaluated : int
        Epochs that the whole run has evaluated; those after ``step`` are ignored.
    losses : tuple of float
        Losses of the minibatches of its epoch, up to ``step``.
    learning_rate : float
        The learning rate before the schedule's factor.
    """
    if step == 0:
        return RunProgress(learning_rate=learning_rate)
    epoch = (step - 1) // minibatches + 1
    minibatch = step - (epoch - 1) * minibatches
    done = epoch if minibatch == minibatches and evaluated >= epoch else epoch - 1
    return RunProgress(epoch, minibatch, step, done, losses, learning_rate)


class RunEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened at a step, other than training.

    Parameters
    ----------
    step : int
        Minibatches that were done before it; the next minibatch is the first that it affects.
    kind : str
        ``learning_rate``: the base rate was set to ``value``. ``design``: live settings changed, to the design number
        ``design``. ``weights``: the parameters in ``names`` were edited. ``hit``: a breakpoint held the run. ``mark``:
        a logpoint marked it. ``held``: it was paused. ``ended``: it ended.
    text : str
        A sentence for the user: why a breakpoint held, or what went wrong at the end.
    """

    step: int
    kind: Literal["learning_rate", "design", "weights", "hit", "mark", "held", "ended"]
    text: str = ""
    value: float | None = None
    design: int | None = None
    names: tuple[str, ...] = ()
