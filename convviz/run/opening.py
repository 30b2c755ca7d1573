"""Opening data sets and trained models, in the session's thread."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path
from typing import Literal

import numpy as np
from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.lower import IMAGES, LABELS, lower
from convviz.core.network import Network
from convviz.data.dataset import Dataset
from convviz.data.open import open_source
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec, ToyImages
from convviz.files.cancel import BLOCK, Cancelled, LoadCancelledError, go_on
from convviz.run.commands import Identify, MatchWeights, OpenModel
from convviz.run.messages import Identified, Origin, OtherData, Prepared, PreprocessAsked, WeightsMatched
from convviz.storage.model_files import is_model, load_model
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.preprocess import preprocessed
from convviz.storage.recording.head import Parent
from convviz.storage.recording.schema import ENDING, is_recording
from convviz.storage.trace_read import is_trace, load_trace
from convviz.storage.weights.open_file import is_weights
from convviz.storage.weights.taking import weight_table, with_weights
from convviz.training.events import Position
from convviz.training.fit import check_fit
from convviz.training.images import Split
from convviz.training.known_fingerprint import fingerprint_of
from convviz.training.minibatch import Minibatch
from convviz.training.trainer import Trainer

STAND_IN = "a black image"
"""Name of the data set that stands in where none fits."""


@dataclass(frozen=True, slots=True)
class OpenData:
    """The data set that is open.

    Parameters
    ----------
    name : str
    train, test : Split
        All images of the data set.
    class_names : tuple of str
    source : DataSource, optional
        What it was opened from.
    stands_in : bool
        It is no data set: a black image stands in, because no open data set fits the network.
    """

    name: str
    train: Split
    test: Split
    class_names: tuple[str, ...] = ()
    source: DataSource | None = None
    stands_in: bool = False

    def names_for(self, classes: int) -> tuple[str, ...]:
        """Names of ``classes`` classes; those without a name are called by their label."""
        return (*self.class_names, *(str(label) for label in range(len(self.class_names), classes)))[:classes]

    @property
    def is_unnamed(self) -> bool:
        """Whether its classes are called by their labels."""
        return all(name == str(label) for label, name in enumerate(self.class_names))

    def called(self, names: tuple[str, ...]) -> OpenData:
        """The data with other names of the classes, if any are given."""
        return replaced(self, class_names=names) if names else self

    def taken_by(self, design: Design) -> tuple[Split, Split]:
        """The images that a design uses, or all if there are fewer than it asks for."""
        sizes = design.training
        return self.train.first(sizes.train_size), self.test.first(sizes.test_size)


@dataclass(frozen=True, slots=True, eq=False)
class RecordedEnd:
    """What is known of the last minibatch of a run that has just stopped, or was recorded.

    Parameters
    ----------
    last : Minibatch or None
    gradients : mapping of str to ndarray
        Of that minibatch.
    starts : mapping of str to ndarray
        Main parameters when the run began, read-only; empty if recording began later.
    position : Position or None
        The network's position, if its trainer can't have it because the images are others.
    """

    last: Minibatch | None
    gradients: Mapping[str, Array]
    starts: Mapping[str, Array]
    position: Position | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OpenedModel:
    """A network to train: a trainer with it, the data, and the time it was trained before.

    ``origin`` is None for an untrained one; ``parent`` is the recorded moment that it comes from, if it is one, and
    ``end`` what a recording has of its last step.
    """

    trainer: Trainer
    data: OpenData
    origin: Origin | None = None
    seconds: float = 0.0
    parent: Parent | None = None
    end: RecordedEnd | None = None

    @property
    def goes_on(self) -> bool:
        """Whether its training goes on where it was."""
        return self.origin is not None and self.origin.goes_on and self.origin.position.step > 0

    @property
    def losses(self) -> tuple[float, ...] | None:
        """Losses of all recorded minibatches up to where training goes on; None where nothing is recorded."""
        recorded = None if self.origin is None else self.origin.recorded
        if recorded is None or not self.goes_on or self.trainer.position.step not in recorded.curves.steps[-1:]:
            return None
        return tuple(recorded.curves.loss.tolist())

    def prepared(self, names: tuple[str, ...]) -> Prepared:
        """The message to the window; ``names`` are those of the network's classes."""
        data = self.data
        return Prepared(
            self.trainer.design, data.name, data.train, data.test, self.origin, names, data.source, data.stands_in
        )


def split_of(data: Dataset, part: Literal["training", "test"]) -> Split:
    """Images and labels of one part of a data set."""
    return Split(data.x_train, data.y_train) if part == "training" else Split(data.x_test, data.y_test)


def open_data(source: DataSource, cancelled: Cancelled | None = None) -> OpenData:
    """Open a data set.

    Raises
    ------
    DataError
        It can't be opened.
    LoadCancelledError
        ``cancelled`` said yes.
    """
    found = open_source(source, cancelled=cancelled)
    return OpenData(source.name, split_of(found, "training"), split_of(found, "test"), found.class_names, source)


def open_model(
    command: OpenModel,
    current: OpenData | None,
    threads: int,
    cancelled: Cancelled | None = None,
    read: Callable[[Path, Cancelled | None], NetworkState] = load_model,
) -> OpenedModel | OtherData | PreprocessAsked:
    """Read a model and make a trainer for it.

    Parameters
    ----------
    command : OpenModel
    current : OpenData or None
        The data set that is open.
    threads : int
    cancelled : callable, optional
    read : callable
        Reads the file.

    Raises
    ------
    ConvvizError, ValueError, OSError
        The model or the data can't be opened, or don't fit each other.
    """
    name = command.path.name
    if command.into is not None:
        state = with_weights(command.path, command.into, partly=True, cancelled=cancelled)
    elif is_trace(command.path):
        return open_trace(command.path, threads)
    else:
        state = read(command.path, cancelled)
    if state.is_foreign:
        if command.preprocess is None:
            return PreprocessAsked(command.path, checksum(command.path, cancelled), state.design)
        state = preprocessed(state, command.preprocess)
    names = state.design.class_names
    if command.data is not None:
        current = open_data(command.data, cancelled)
    others = candidates(command, state) if command.data is None and not command.anyway else iter(())
    own = own_data(state, current, others, cancelled)
    place, epochs = state.place, state.design.training.epochs
    if own is not None and state.weights_only:
        trainer = trainer_with_weights(state, own, threads)
        return OpenedModel(trainer, own.called(names), Origin(name, trainer.position, goes_on=False))
    if own is not None:
        own = own.called(names) if own.is_unnamed else own
        trainer = resumed_trainer(state, own, threads)
        origin = Origin(name, trainer.position, goes_on=True, epochs=state.epochs, losses=place.losses)
        return OpenedModel(trainer, own, origin, state.seconds)
    unasked = state.weights_only and state.data is None and command.into is None  # another program's: no run is lost
    if command.anyway or (unasked and command.data is None):
        current, _ = stand_in(state.design, current)
        trainer = trainer_with_weights(state, current, threads)
        # Without its data, the number of minibatches in an epoch is unknown.
        origin = Origin(name, Position(place.epoch, place.minibatch, place.step, epochs, 0), goes_on=False)
        return OpenedModel(trainer, current.called(names), origin)
    return OtherData(
        name,
        state.design,
        state.data.words if state.data is not None else "",
        current.name if current is not None and not current.stands_in else "",
        misfit(state.design, current) if current is not None else "no data set is open",
    )


def stand_in(design: Design, current: OpenData | None) -> tuple[OpenData, bool]:
    """Images for a network whose own data set is missing, and whether they are real images.

    They are those of the open data set, the built-in digits, or a black image, whichever fits first.
    """
    if current is not None and not misfit(design, current):
        return current, True
    like = ImageSpec.of(design)
    digits = open_data(BuiltinDigits())
    if not misfit(design, digits):
        return digits, True
    black = Split(np.zeros((1, like.channels, like.height, like.width), np.float32), np.zeros(1, np.int64))
    return OpenData(STAND_IN, black, black, stands_in=True), False


def open_trace(path: Path, threads: int) -> OpenedModel:
    """Read a pass that was written to a file: its network, on its images.

    Raises
    ------
    ConvvizError
        It can't be read.
    """
    trace = load_trace(path)
    arrays = {name: array for name, array in trace.sources.items() if not trace.program.arrays[name].batched}
    place = RunProgress(learning_rate=trace.design.training.optimiser.lr)
    state = NetworkState(trace.design, arrays, place, weights_only=True)
    images = Split(trace.sources[IMAGES].astype(np.float32), trace.sources[LABELS])
    data = OpenData(f"the images of {path.name}", images, images)
    trainer = trainer_of(all_images(trace.design), state, data, threads, frozenset(arrays))
    return OpenedModel(trainer, data, Origin(path.name, trainer.position, goes_on=False, is_trace=True))


def checksum(path: Path, cancelled: Cancelled | None = None) -> str:
    """A checksum by which a file is recognised.

    Raises
    ------
    OSError
    """
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            go_on(cancelled)
            found.update(block)
    return found.hexdigest()


def candidates(command: OpenModel, state: NetworkState) -> Iterator[DataSource]:
    """Data sets that the model may have been trained on."""
    name = state.data.name if state.data is not None else ""
    like = ImageSpec.of(state.design)
    if ToyImages.fit(like):
        yield ToyImages()
    if name in ("", BuiltinDigits().name):
        yield BuiltinDigits()
    for file in command.known_files:
        if name in (file.name, file.stem):
            yield DataFile(file, like)


def looked_at(command: Identify | MatchWeights, cancelled: Cancelled | None = None) -> Identified | WeightsMatched:
    """The kind of a file, by its content; or the weights that it has for each parameter of a design.

    Raises
    ------
    ConvvizError
        Its weights can't be read, or the design is impossible.
    """
    path = command.path
    if isinstance(command, MatchWeights):
        return WeightsMatched(path, command.design, weight_table(path, command.design, cancelled))
    # By its name, too, so that a damaged recording is reported as a recording.
    is_run = is_recording(path) or path.suffix.lower() == ENDING
    known = is_model(path) or is_trace(path)
    return Identified(path, known, command.as_model, is_run, is_weights=not known and not is_run and is_weights(path))


def misfit(design: Design, data: OpenData) -> str:
    """Why a design can't be trained on a data set, however many of its images it uses; empty if it can."""
    try:
        check_fit(design, "training", data.train)
        check_fit(design, "test", data.test)
    except ConvvizError as error:
        return str(error)
    return ""


def is_own_data(state: NetworkState, data: OpenData, cancelled: Cancelled | None = None) -> bool:
    """Whether a model's training can continue exactly on this data set."""
    if misfit(state.design, data):
        return False
    if state.data is None:
        sizes = state.design.training
        return (sizes.train_size or 0) <= len(data.train) and (sizes.test_size or 0) <= len(data.test)
    train, test = data.taken_by(state.design)
    if (len(train), len(test)) != (state.data.train_images, state.data.test_images):
        return False  # without reading all images
    return not state.data.difference(fingerprint_of(state.data.name, train, test, cancelled))


def own_data(
    state: NetworkState, current: OpenData | None, others: Iterator[DataSource], cancelled: Cancelled | None
) -> OpenData | None:
    """The data that a model was trained on: the open data set or one of the others; None if it is none of them."""
    if current is not None and is_own_data(state, current, cancelled):
        return current
    for source in others:
        try:
            found = open_data(source, cancelled)
        except LoadCancelledError:
            raise
        except (ConvvizError, ValueError, OSError):
            continue  # only a guess, not something the user asked for
        if is_own_data(state, found, cancelled):
            return found
    return None


def resumed_trainer(state: NetworkState, data: OpenData, threads: int) -> Trainer:
    """A trainer that continues the model's training bit for bit.

    Raises
    ------
    DesignError
        Training on this data can't have reached the model's position.
    """
    trainer = trainer_of(state.design, state, data, threads, frozenset(state.arrays))
    try:
        trainer.go_on_from(state.place)
    except ConvvizError:
        trainer.close()
        raise
    return trainer


def trainer_with_weights(state: NetworkState, data: OpenData, threads: int) -> Trainer:
    """A trainer at the start of a new run, with a model's weights and running statistics, on all images.

    Raises
    ------
    DesignError
        The images don't fit.
    """
    design = all_images(state.design)
    kept = lower(design, 1, train=False)
    names = frozenset(name for name in kept.sources if not kept.arrays[name].batched)
    return trainer_of(design, state, data, threads, names)


def trainer_of(design: Design, state: NetworkState, data: OpenData, threads: int, names: frozenset[str]) -> Trainer:
    """A trainer whose network starts with the arrays of a model called ``names``."""
    arrays = {name: state.arrays[name] for name in names}
    network = Network(design, precision=state.precision, weights=arrays)
    return Trainer(design, data.train, data.test, network=network, threads=threads)


def all_images(design: Design) -> Design:
    """The design, trained on all images that there are."""
    return replace(design, training=replace(design.training, train_size=None, test_size=None))
