"""The events of a running sweep."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.sweeps.manifest import RunRecord

__all__ = ["RunChanged", "RunLive", "SweepEvent", "SweepProgress"]


@dataclass(frozen=True, slots=True)
class RunLive:
    """A run that is being trained.

    Parameters
    ----------
    number : int
    step, steps : int
        Minibatches that are done, and of the whole run; 0 of 0 while it begins.
    epoch : int
    loss : float or None
        Of the last minibatch.
    worker : str
        Host and process.
    """

    number: int
    step: int = 0
    steps: int = 0
    epoch: int = 0
    loss: float | None = None
    worker: str = ""


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A run has ended, or its state was read from the folder.

    Parameters
    ----------
    run : RunRecord
    """

    run: RunRecord


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """The sweep as a whole.

    Parameters
    ----------
    runs : int
        That can be trained.
    over : int
        Of these, those that are done: finished, failed or ended early.
    failed : int
    live : tuple of RunLive
        Those that are being trained.
    seconds : float
        Since the sweep began or went on.
    left : float or None
        Estimated seconds left; None while there is no estimate.
    """

    runs: int
    over: int
    failed: int
    live: tuple[RunLive, ...]
    seconds: float
    left: float | None


SweepEvent = RunLive | RunChanged | SweepProgress
