"""The commands that the window sends to a session, as plain values, so that the session could be another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.data.sources import DataSource
from convviz.run.breakpoints.condition import Breakpoint
from convviz.run.pins.pin import Pin
from convviz.storage.last_session import LastSession
from convviz.storage.preprocess import Preprocess


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make an untrained network for a design; ``data`` replaces the data set, None keeps it.

    If it fails, nothing is lost: the session keeps its network and reports the reason.
    """

    design: Design
    data: DataSource | None = None


@dataclass(frozen=True, slots=True)
class Train:
    """Train from the first epoch; from initial weights."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause after this minibatch or the next one, so that the network before the last minibatch is kept.

    Parameters
    ----------
    spares_one : bool
        Whether a run that will hold after one minibatch anyway is left alone.
    """

    spares_one: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """Continue a run that is paused, was stopped, or was given more epochs after its end."""


@dataclass(frozen=True, slots=True)
class StepMinibatch:
    """Train exactly one minibatch, then pause.

    Where no run is active, a new one begins, unless that which was stopped ``goes_on``.
    """

    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """End the run; the weights stay as they are until the next :class:`Train`."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Set the image that the snapshots show, and the layer whose last change they contain.

    ``others`` are split and row of further images, of which only the answers are wanted.
    """

    split: str
    sample: int
    layer: str = ""
    others: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Drawings:
    """Images drawn by the user, which can be watched as the split ``drawings``.

    Parameters
    ----------
    images : ndarray of float32, ``(n, C, H, W)``
    labels : ndarray of int64, ``(n,)``
    """

    images: Array
    labels: Array


@dataclass(frozen=True, slots=True)
class SetLearningRate:
    """Set the learning rate, from the next minibatch on."""

    rate: float


@dataclass(frozen=True, slots=True)
class Adopt:
    """Continue with a design that differs only in live settings: learning rate, schedule, momentum and the like."""

    design: Design


@dataclass(frozen=True, slots=True)
class SetBreakpoints:
    """Watch for these breakpoints and no others. :class:`~convviz.run.breakpoints.condition.Hit` announces a hit."""

    points: tuple[Breakpoint, ...]


@dataclass(frozen=True, slots=True)
class SetPins:
    """Measure these pinned numbers and no others; :class:`~convviz.run.pins.pin.PinsMeasured` has the values."""

    pins: tuple[Pin, ...]


@dataclass(frozen=True, slots=True)
class HoldAfterEpoch:
    """Hold once this epoch is evaluated, or cancel that. Holding for any reason cancels it, too."""

    is_on: bool = True


@dataclass(frozen=True, slots=True)
class SetWeights:
    """Replace some parameters: training continues from the weights that were edited in a pass."""

    weights: Mapping[str, Array]


@dataclass(frozen=True, slots=True)
class Inspect:
    """Send a copy of the network, and its last and next minibatch: :class:`~convviz.run.messages.Inspected`."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Save the network and its position in training to a file, while training continues.

    The answer is a :class:`~convviz.run.messages.Saved` or ``NotSaved``.
    """

    path: Path


@dataclass(frozen=True, slots=True)
class KeepRecording:
    """Copy the recording of the run, or the one at ``source``, to a file, as it is now, while training continues.

    The answer is a :class:`~convviz.run.messages.RecordingKept`.
    """

    path: Path
    source: Path | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """Make a past moment of a recorded run the beginning of a new one.

    The answers are those of :class:`OpenModel`.

    Parameters
    ----------
    path : Path
        Of the recording; it may be the one that is written now.
    step : int
    design : Design, optional
        Other settings to go on with, or another network or optimiser: then the run begins at the first epoch, with the
        parameters that fit.
    data : DataSource, optional
        The data that it was trained on. Unless given, it is searched for as for a model.
    known_files : tuple of Path
        Data files that may contain it.
    """

    path: Path
    step: int
    design: Design | None = None
    data: DataSource | None = None
    known_files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenModel:
    """Open a trained model. With the data that it was trained on, its training can be resumed at its position.

    If that data is not found, nothing changes, and the answer is :class:`~convviz.run.messages.OtherData`; weights of
    another program are opened on a black image. If the model can't be opened, nothing is lost.

    Parameters
    ----------
    path : Path
    data : DataSource, optional
        The data that it was trained on, chosen by the user. Unless given, it is searched for: the open data set, the
        sets that convviz ships, and ``known_files``.
    known_files : tuple of Path
        Data files that may contain the data it was trained on.
    anyway : bool
        With other data, use only its weights, for a new run; without any that fit, on a black image.
    into : Design, optional
        Takes only the file's weights, for this design, as far as they fit it; the file may have no design then.
    preprocess : Preprocess, optional
        What a network of another program wants done to its images. Unless given, such a network isn't opened, and the
        answer is :class:`~convviz.run.messages.PreprocessAsked`.
    """

    path: Path
    data: DataSource | None = None
    known_files: tuple[Path, ...] = ()
    anyway: bool = False
    into: Design | None = None
    preprocess: Preprocess | None = None


@dataclass(frozen=True, slots=True)
class MatchWeights:
    """Find out which arrays of a file are which parameters of a design.

    The answer is :class:`~convviz.run.messages.WeightsMatched`.
    """

    path: Path
    design: Design


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """Open a recorded run as if it had just been stopped: all its curves, and its training goes on from its end.

    The answers are those of :class:`OpenModel`, but where its data is not found, it is opened all the same.

    Parameters
    ----------
    path : Path
    data : DataSource, optional
        The data that it was trained on, chosen by the user. Unless given, it is searched for as for a model.
    known_files : tuple of Path
        Data files that may contain it.
    known_runs : tuple of Path
        Recordings that may be of the runs that it branched from, beside those in the same folder.
    """

    path: Path
    data: DataSource | None = None
    known_files: tuple[Path, ...] = ()
    known_runs: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Identify:
    """Find out what kind of file it is; the answer is :class:`~convviz.run.messages.Identified`."""

    path: Path
    as_model: bool = False
    """Whether the user chose it as a trained model; repeated in the answer."""


@dataclass(frozen=True, slots=True)
class Remember:
    """Remember what is open, for the next start; the session adds its network."""

    record: LastSession


@dataclass(frozen=True, slots=True)
class LetItGo:
    """Allow the trained network to be lost: it could not be kept, and the user agrees."""


@dataclass(frozen=True, slots=True)
class CompileAhead:
    """Compile the kernels of the network, then those of all presets, in the background: Train need not wait for it."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Keep the trained network and end the thread; the answer is in :attr:`~convviz.run.session.Session.answers`.

    Parameters
    ----------
    anyway : bool
        End it even if the trained network can't be kept.
    """

    anyway: bool = False


Command = (
    Prepare
    | Train
    | Pause
    | Resume
    | StepMinibatch
    | Stop
    | Watch
    | Drawings
    | SetLearningRate
    | Adopt
    | SetBreakpoints
    | SetPins
    | HoldAfterEpoch
    | SetWeights
    | Inspect
    | Keep
    | KeepRecording
    | Branch
    | OpenModel
    | OpenRecording
    | Identify
    | MatchWeights
    | Remember
    | LetItGo
    | CompileAhead
    | Quit
)
