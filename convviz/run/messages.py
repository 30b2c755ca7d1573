"""The messages of a session, as plain values, in order; none may be lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.data.sources import DataSource
from convviz.run.breakpoints.condition import Hit
from convviz.run.pins.pin import PinsMeasured
from convviz.run.recorded_run import RecordedRun
from convviz.run.state import State
from convviz.storage.network_state import EpochMeasures
from convviz.storage.weights.matching import WeightTable
from convviz.training.events import Compiling, EpochDone, Evaluating, MinibatchDone, Position
from convviz.training.images import Split
from convviz.training.layers_measured import LayersMeasured
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
        Position of the file's training.
    goes_on : bool
        Whether training can be resumed there; otherwise a new run begins with the file's weights.
    epochs : tuple of EpochMeasures
        Measures of the epochs that were evaluated.
    losses : tuple of float
        Losses of the minibatches of the last epoch.
    is_trace : bool
        Whether it was a pass that was written to a file, with its images.
    recorded : RecordedRun, optional
        The recording that has its past, where there is one.
    is_branch : bool
        Whether it is a moment of a recorded run, and no file.
    taken, anew : tuple of str
        For a branch with another design: layers with the weights of that moment, and layers with initial ones.
    """

    name: str
    position: Position
    goes_on: bool
    epochs: tuple[EpochMeasures, ...] = ()
    losses: tuple[float, ...] = ()
    is_trace: bool = False
    recorded: RecordedRun | None = None
    is_branch: bool = False
    taken: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()

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
        Every layer named.
    data_name : str
    train, test : Split
        The data that it is trained and tested on.
    origin : Origin, optional
        The file that it came from.
    class_names : tuple of str
        Names of the network's classes.
    source : DataSource, optional
        What the data were opened from.
    stands_in : bool
        No open data set fits the network: a black image stands in.
    """

    design: Design
    data_name: str
    train: Split
    test: Split
    origin: Origin | None = None
    class_names: tuple[str, ...] = ()
    source: DataSource | None = None
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class OtherData:
    """A model was not opened, because the data is not what it was trained on.

    Parameters
    ----------
    name : str
        Name of the model's file.
    design : Design
    trained_on : str
        ``mnist with 60,000 training and 10,000 test images``; empty if it is untrained.
    data_name : str
        The open data set; empty if there is none.
    misfit : str
        Why its weights can't be used with that data either; empty if they can.
    """

    name: str
    design: Design
    trained_on: str
    data_name: str
    misfit: str


@dataclass(frozen=True, slots=True)
class Saved:
    """The network was saved to the file, as it was at ``position``."""

    name: str
    position: Position


@dataclass(frozen=True, slots=True)
class NotSaved:
    """A file was not written, for this reason; an older file is still there."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Another network took the place of one that had been trained, and that is kept in a file.

    Parameters
    ----------
    path : Path
    name : str
        Of its design.
    data_name : str
    position : Position
    accuracy : float or None
        On the test images, after its last whole epoch.
    """

    path: Path
    name: str
    data_name: str
    position: Position
    accuracy: float | None = None


@dataclass(frozen=True, slots=True)
class NotKept:
    """The trained network could not be kept automatically, for this reason.

    Parameters
    ----------
    reason : str
    stays : bool
        A command that would have replaced it was not carried out, and nothing is lost.
    """

    reason: str
    stays: bool


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    """The run is recorded in the file ``path``, which has all of it from ``step`` on."""

    path: Path
    step: int


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """The recording is complete up to ``step``, and closed: another run takes its place."""

    path: Path
    step: int


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """Nothing more is recorded, for this reason; training goes on, and what was recorded can be opened."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class RecordingKept:
    """The recording of a run was copied to the file ``path``; or it was not, for this reason."""

    path: Path
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Identified:
    """Whether a file is marked as a trained model, as a recording, or has weights without a design."""

    path: Path
    is_model: bool
    as_model: bool = False
    is_recording: bool = False
    is_weights: bool = False


@dataclass(frozen=True, slots=True)
class PreprocessAsked:
    """A model of another program was not opened, because the preprocessing of its images is unknown.

    Parameters
    ----------
    path : Path
    checksum : str
        Of the file, by which an answer is remembered.
    design : Design
    """

    path: Path
    checksum: str
    design: Design


@dataclass(frozen=True, slots=True)
class WeightsMatched:
    """What a file has for each parameter of a design."""

    path: Path
    design: Design
    table: WeightTable


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run begins from initial weights, so the curves start again."""

    position: Position


@dataclass(frozen=True, slots=True)
class Adopted:
    """Training goes on with a design that has other live settings.

    Parameters
    ----------
    position : Position
        Position of the training when it changed; the next minibatch is the first with the new design.
    before, after : Design
    """

    position: Position
    before: Design
    after: Design


@dataclass(frozen=True, slots=True)
class WeightsChanged:
    """Training goes on with parameters that were edited, from ``position`` on."""

    position: Position
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last epoch is done (``finished``) or the run was stopped."""

    finished: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Failed:
    """A command or the run failed, for this reason; everything loaded before is kept.

    ``fits`` is what the images of a data set are like that was refused for this alone: (C, H, W). ``diverged`` says
    that a number of the run became NaN or infinite: going on would fail again at the same minibatch. ``classes`` says
    how many the data set has, where these are more than the network takes. ``step`` is the minibatch in which the run
    failed.
    """

    reason: str
    fits: tuple[int, int, int] | None = None
    diverged: bool = False
    classes: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class WorstImages:
    """The test images with the largest losses after an epoch, the worst first.

    Parameters
    ----------
    step : int
    rows : tuple of int
    losses : tuple of float
    """

    step: int
    rows: tuple[int, ...]
    losses: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Busy:
    """A long action has begun (``what``), has come so far, or has ended (empty).

    ``done`` of ``total`` minibatches were replayed for it; 0 of 0 while that is not known. ``replays``: it is a run.
    """

    what: str
    done: int = 0
    total: int = 0
    replays: bool = False


@dataclass(frozen=True, slots=True)
class CompilingAhead:
    """Progress of compiling in the background: kernels of the design or, after them, presets; 0 of 0 after the last."""

    done: int
    total: int
    of_presets: bool = False


@dataclass(frozen=True, slots=True)
class Inspected:
    """A copy of the network, and the minibatches before and after this moment.

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
    | Hit
    | PinsMeasured
    | Adopted
    | WeightsChanged
    | RunEnded
    | Failed
    | Busy
    | Inspected
    | Saved
    | NotSaved
    | LetGo
    | NotKept
    | Identified
    | WeightsMatched
    | PreprocessAsked
    | RecordingStarted
    | RecordingEnded
    | RecordingFailed
    | RecordingKept
    | CompilingAhead
    | Compiling
    | MinibatchDone
    | LayersMeasured
    | WorstImages
    | Evaluating
    | EpochDone
)
