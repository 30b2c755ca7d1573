"""What the window asks of a session, as plain values: whoever obeys may be in another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.data.sources import DataSource


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make an untrained network for a design; ``data`` replaces the data set, None keeps it.

    Nothing is lost if it fails: the session keeps what it had and reports the reason.
    """

    design: Design
    data: DataSource | None = None


@dataclass(frozen=True, slots=True)
class Train:
    """Train from the first epoch; from initial weights."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold after this minibatch, or one more: the network before the last minibatch is kept then."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on: with a run that holds, or one that was stopped or given more epochs since its end."""


@dataclass(frozen=True, slots=True)
class StepMinibatch:
    """Exactly one minibatch, then hold."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run; the weights stay as they are until the next :class:`Train`."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Which image the snapshots show."""

    split: str
    sample: int


@dataclass(frozen=True, slots=True)
class SetLearningRate:
    """Takes effect with the next minibatch."""

    rate: float


@dataclass(frozen=True, slots=True)
class Adopt:
    """Go on with a design that differs in what applies live: learning rate, schedule, momentum and the like."""

    design: Design


@dataclass(frozen=True, slots=True)
class SetWeights:
    """Replace some parameters: training goes on from what was edited in a pass."""

    weights: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Inspect:
    """Send a copy of the network, and its last and next minibatch: :class:`~convviz.run.messages.Inspected`."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the network, and where its training is, in a file; training goes on meanwhile.

    It is answered by a :class:`~convviz.run.messages.Saved` or ``NotSaved``.
    """

    path: Path


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Open a trained model: on the data that it was trained on, its training can be resumed where it was.

    Where that data is not found, nothing changes, and :class:`~convviz.run.messages.OtherData` says so. Nothing is
    lost if the model can't be opened.

    Parameters
    ----------
    path : Path
    data : DataSource, optional
        The data that it was trained on, as somebody says. Unless given, it is looked for: the data at hand, what
        convviz ships, and ``known_files``.
    known_files : tuple of Path
        Data files among which there may be the one that it was trained on.
    anyway : bool
        On other data take its weights alone, for a new run.
    """

    path: Path
    data: DataSource | None = None
    known_files: tuple[Path, ...] = ()
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Identify:
    """Say what kind of file it is: :class:`~convviz.run.messages.Identified`."""

    path: Path
    as_model: bool = False
    """Whether it was chosen as a trained model; comes back with the answer."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the thread."""


Command = (
    Prepare
    | Train
    | Pause
    | Resume
    | StepMinibatch
    | Stop
    | Watch
    | SetLearningRate
    | Adopt
    | SetWeights
    | Inspect
    | Keep
    | OpenModel
    | Identify
    | Quit
)
