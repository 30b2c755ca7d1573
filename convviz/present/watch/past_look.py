"""The moment of a run that is on show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convviz.present.watch.family import Relative

__all__ = ["PastLook"]


@dataclass(frozen=True, slots=True)
class PastLook:
    """Whether a past moment is on show, and which.

    Parameters
    ----------
    step : int or None
        The moment that was asked for; None for the live network.
    is_loading : bool
        Its pictures are not there yet.
    problem : str
        Why it can't be shown: one sentence; empty if it can.
    nearest : int or None
        A nearby moment that can be shown instead.
    key_points : tuple of int
        Steps whose arrays are in the recording, as far as known.
    live : int
        Step of the live network.
    epoch_length : int
        Minibatches of an epoch; 0 if not known.
    can_replay : bool
        Whether the run is recorded.
    only_key_points : bool
        Whether other moments can't be shown, because the data set is not there.
    family : tuple of Relative
        The run that this one branched from, and those that branched from it.
    live_loss : float or None
        Loss of the newest minibatch; None if not known.
    live_state : str
        What the live run does: ``training``, ``paused``, ``stopped`` before its last epoch, or ``ended``.
    """

    step: int | None = None
    is_loading: bool = False
    problem: str = ""
    nearest: int | None = None
    key_points: tuple[int, ...] = ()
    live: int = 0
    epoch_length: int = 0
    can_replay: bool = False
    only_key_points: bool = False
    family: tuple[Relative, ...] = ()
    live_loss: float | None = None
    live_state: Literal["training", "paused", "stopped", "ended"] = "training"

    def place(self, step: int) -> str:
        """``epoch 4, step 2,826``."""
        if not self.epoch_length:
            return f"step {step:,}"
        return f"epoch {max(step - 1, 0) // self.epoch_length + 1}, step {step:,}"
