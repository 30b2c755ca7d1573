"""What a session tells, as plain values and in order: nothing of it may be lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.run.state import State
from convviz.storage.network_state import EpochMeasures
from convviz.training.events import EpochDone, Evaluating, MinibatchDone, Position
from convviz.training.images import Split
from convviz.training.minibatch import Minibatch


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The session is now in ``state``."""

    state: State


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a network came from.

    Parameters
    ----------
    name : str
    position : Position
        Where the training in the file is.
    goes_on : bool
        The training can be resumed there; otherwise a new run begins with the file's weights.
    epochs : tuple of EpochMeasures
        Of the epochs that were evaluated.
    losses : tuple of float
        Of the minibatches of the last epoch.
    """

    name: str
    position: Position
    goes_on: bool
    epochs: tuple[EpochMeasures, ...] = ()
    losses: tuple[float, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether all epochs are done."""
        return self.position.step > 0 and len(self.epochs) >= self.position.epochs


@dataclass(frozen=True, slots=True)
class Prepared:
    """A network is ready.

    Parameters
    ----------
    design : Design
        With names.
    data_name : str
    train, test : Split
        The data that it is for.
    origin : Origin, optional
        The file that it came from.
    class_names : tuple of str
        What the network's classes are called.
    """

    design: Design
    data_name: str
    train: Split
    test: Split
    origin: Origin | None = None
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OtherData:
    """A model was not opened, because the data is not what it was trained on.

    Parameters
    ----------
    name : str
        Of the model's file.
    design : Design
    trained_on : str
        ``mnist with 60,000 training and 10,000 test images``; empty if it is untrained.
    data_name : str
        The data that there is; empty if there is none.
    misfit : str
        Why its weights can't be used on that data either; empty if they can.
    """

    name: str
    design: Design
    trained_on: str
    data_name: str
    misfit: str


@dataclass(frozen=True, slots=True)
class Saved:
    """The network as it was at ``position`` is in the file."""

    name: str
    position: Position


@dataclass(frozen=True, slots=True)
class NotSaved:
    """A file was not written, for this reason; what was there before still is."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Whether a file says of itself that it is a trained model."""

    path: Path
    is_model: bool
    as_model: bool = False


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins from initial weights: curves start anew."""

    position: Position


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last epoch is done (``finished``) or the run was stopped."""

    finished: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Failed:
    """A command or the run failed, for this reason; nothing that was loaded before is lost."""

    reason: str


@dataclass(frozen=True, slots=True)
class Busy:
    """A long action has begun (``what``) or ended (empty)."""

    what: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """A copy of the network, and the minibatches that it is between.

    Parameters
    ----------
    design : Design
    arrays : mapping of str to ndarray
        Weights, optimiser state, scalars, by name.
    position : Position
    last : Minibatch, optional
        The one trained last; None before the first one, and where the network before it was not kept: in a run that
        was opened from a file, and in one that goes on.
    next : Minibatch, optional
        The one that is trained next; None at the end of a run.
    """

    design: Design
    arrays: Mapping[str, Array]
    position: Position
    last: Minibatch | None = None
    next: Minibatch | None = None


Message = (
    StateChanged
    | Prepared
    | OtherData
    | RunStarted
    | RunEnded
    | Failed
    | Busy
    | Inspected
    | Saved
    | NotSaved
    | Identified
    | MinibatchDone
    | Evaluating
    | EpochDone
)
