"""Rows of a recording as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from convviz.storage.network_state import RunProgress

__all__ = ["KeyPoint", "RunEvent", "place_at"]


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """A moment whose arrays are all in the recording.

    Its place in the epoch's order follows from its step: :func:`place_at`.

    Parameters
    ----------
    step : int
        Minibatches that were done.
    design : int
        Number of the design that it was trained with.
    learning_rate : float
        Before the schedule's factor.
    seconds : float
        Time of training so far.
    essential : bool
        Whether it has to stay, because no replay leads over it: the beginning, or weights that were edited.
    """

    step: int
    design: int
    learning_rate: float
    seconds: float
    essential: bool = False


def place_at(
    step: int, minibatches: int, evaluated: int, losses: tuple[float, ...] = (), learning_rate: float = 0.01
) -> RunProgress:
    """The place of a run after ``step`` minibatches.

    Parameters
    ----------
    step : int
    minibatches : int
        Of an epoch.
    evaluated : int
        Epochs that were evaluated in all; those after the step don't count.
    losses : tuple of float
        Of the minibatches of the epoch that the step is in, up to it.
    learning_rate : float
        Before the schedule's factor.
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
        Minibatches that were done: the next one is the first that feels it.
    kind : str
        ``learning_rate``: the base rate was set to ``value``. ``design``: live settings changed, to the design number
        ``design``. ``weights``: the parameters in ``names`` were edited. ``hit``: a breakpoint held the run. ``mark``:
        a logpoint marked it. ``held``: it was paused. ``ended``: it ended.
    text : str
        A sentence for the user: of a breakpoint, why; of the end, what went wrong.
    """

    step: int
    kind: Literal["learning_rate", "design", "weights", "hit", "mark", "held", "ended"]
    text: str = ""
    value: float | None = None
    design: int | None = None
    names: tuple[str, ...] = ()
