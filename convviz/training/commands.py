"""What the window asks of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from convviz.core.arrays import Array
from convviz.core.design import Design
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
    """Go on."""


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
    """Send a copy of the network's arrays: :class:`~convviz.training.messages.Inspected`."""


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
    | Quit
)
