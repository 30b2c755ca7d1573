"""A recorded run as plain values: the file, and the curves of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.training.layers_measured import LayersMeasured

__all__ = ["RecordedCurves", "RecordedPart", "RecordedRun", "SettingsEdit"]


@dataclass(frozen=True, slots=True)
class SettingsEdit:
    """Live settings changed after ``step`` minibatches."""

    step: int
    before: Design
    after: Design


@dataclass(frozen=True, slots=True, eq=False)
class RecordedCurves:
    """All curves of a run as drawn while it trained, except those of its epochs.

    Parameters
    ----------
    steps : ndarray of int64, ``(n,)``
    loss, accuracy, rates : ndarray of float64, ``(n,)``
        Of every minibatch; the rate is that of its update.
    settings : tuple of SettingsEdit
    weights : tuple of (int, tuple of str)
        Steps at which parameters were edited, and which.
    marks : tuple of (int, str, str)
        Step, sentence and kind of what else happened: ``hit``, ``mark``, ``fork``.
    layers : tuple of LayersMeasured
        Without histograms, which are not recorded.
    """

    steps: Array
    loss: Array
    accuracy: Array
    rates: Array
    settings: tuple[SettingsEdit, ...] = ()
    weights: tuple[tuple[int, tuple[str, ...]], ...] = ()
    marks: tuple[tuple[int, str, str], ...] = ()
    layers: tuple[LayersMeasured, ...] = ()

    @staticmethod
    def none() -> RecordedCurves:
        """The curves of a run that has not begun."""
        return RecordedCurves(np.empty(0, np.int64), np.empty(0), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True)
class RecordedPart:
    """A recording that has moments of a run.

    Parameters
    ----------
    path : Path
    begin : int
        First step that is in it.
    key_points : tuple of int
        Steps whose arrays are in it.
    """

    path: Path
    begin: int
    key_points: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class RecordedRun:
    """The recording with the past of a run.

    Parameters
    ----------
    path : Path
    id : str
        Of the recorded run.
    created, ended : str
        When recording began (ISO 8601), and how it ended.
    parts : tuple of RecordedPart
        Where its moments are: in the recordings of the runs that it branched from, oldest first, and in its own.
    branch_step : int or None
        The run that is opened is a branch that begins at this step; None if it is the recorded run itself.
    missing : str
        Why its data set is not there: one sentence. Then it can't be replayed, and can't go on. Empty if it is there.
    has_images : bool
        Whether there are any images that the network takes.
    differs : str
        How the replay up to its end differs from what was recorded; empty if it is the same bit for bit.
    curves : RecordedCurves
    """

    path: Path
    id: str
    created: str
    ended: str
    parts: tuple[RecordedPart, ...]
    branch_step: int | None = None
    missing: str = ""
    has_images: bool = True
    differs: str = ""
    curves: RecordedCurves = field(default_factory=RecordedCurves.none)
