"""What the window asks of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.run.model import Model, OpenData
from convviz.training.images import Split


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make an untrained network for a design; ``data`` replaces the data set, None keeps it.

    Nothing is lost if it fails: the session keeps what it had and reports the reason.
    """

    design: Design
    data: DataChoice | None = None


@dataclass(frozen=True, slots=True)
class DataChoice:
    """A data set to load: ``load`` runs in the session's thread.

    Parameters
    ----------
    name : str
    load : callable
        Gives (training split, test split); raises a ``ConvvizError`` or ``ValueError`` with one clear sentence.
    """

    name: str
    load: Callable[[], tuple[Split, Split]]


@dataclass(frozen=True, slots=True)
class Train:
    """Train from the first epoch; from initial weights."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold after this minibatch."""


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
    """Send a copy of the network's arrays: :class:`~convviz.run.messages.Inspected`."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep the network, and where its training stands, in a file; training goes on meanwhile.

    It is answered by a :class:`~convviz.run.messages.Saved` or ``NotSaved``.

    Parameters
    ----------
    name : str
        Of the file, for messages.
    write : callable
        Writes it; gets a copy of the model, and the images that it is trained on. Runs in a thread of its own. Raises a
        ``ConvvizError``, ``ValueError`` or ``OSError`` with one clear sentence.
    """

    name: str
    write: Callable[[Model, OpenData], None]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A trained model to open; what is called runs in the session's thread.

    Parameters
    ----------
    name : str
    load : callable
        Gives the model; raises a ``ConvvizError``, ``ValueError`` or ``OSError`` with one clear sentence.
    elsewhere : callable
        Data sets that may be the one it was trained on, where the data at hand is not.
    """

    name: str
    load: Callable[[], Model]
    elsewhere: Callable[[Model], Iterable[DataChoice]]


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Take up a trained model: on the data that it was trained on, its training can be resumed where it stood.

    Where that data is not found, nothing changes, and :class:`~convviz.run.messages.OtherData` says so. Nothing is
    lost if the model can't be opened.

    Parameters
    ----------
    model : ModelChoice
    data : DataChoice, optional
        The data that it was trained on, as somebody says; the data at hand unless given, or what ``elsewhere`` finds.
    anyway : bool
        On other data take its weights alone, for a new run.
    """

    model: ModelChoice
    data: DataChoice | None = None
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Identify:
    """Say what kind of file it is: :class:`~convviz.run.messages.Identified`."""

    path: Path
    is_model: Callable[[Path], bool]
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
