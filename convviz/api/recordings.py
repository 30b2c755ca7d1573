"""Recorded runs: their curves, and the network at any step."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, SupportsIndex, cast

import msgspec

from convviz.api.run import Run
from convviz.api.steps import PassStep, made
from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.data.dataset import Dataset
from convviz.plurals import counted
from convviz.run.opening import OpenData, split_of
from convviz.run.recording.branching import branched, parent_of
from convviz.run.recording.opening import recorded_data
from convviz.run.recording.replay import Agreement, Replayer
from convviz.storage.designs import read_design, write_design
from convviz.storage.network_state import EpochMeasures
from convviz.storage.recording.copying import copy_recording
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.export import export_recording
from convviz.storage.recording.head import DataRecord, Head, Machine, Parent
from convviz.storage.recording.read import Curve, Recording
from convviz.storage.recording.rows import RunEvent
from convviz.training.events import Position
from convviz.training.pass_source import PassKind, PassSource

__all__ = ["RecordedRun", "ReplayedPass", "RunMeasures", "open_run"]


@dataclass(frozen=True, slots=True, eq=False)
class RunMeasures:
    """Measures of the layers over a run.

    Parameters
    ----------
    steps : ndarray of int64, ``(n,)``
    layers, columns : tuple of str
    values : ndarray of float32, ``(n, layers, columns)``
        NaN where a number does not exist, or was not measured at that step.
    """

    steps: Array
    layers: tuple[str, ...]
    columns: tuple[str, ...]
    values: Array

    def __getitem__(self, which: tuple[str, str]) -> Array:
        """One number of a layer over the run, ``(n,)``: ``measures["conv1", "weight_norm"]``."""
        layer, column = which
        found: Array = self.values[:, self.layers.index(layer), self.columns.index(column)]
        return found


class ReplayedPass(Iterator[PassStep]):
    """The steps of a replayed minibatch's pass, as :func:`convviz.step_through` yields them, and facts about it.

    Attributes
    ----------
    agreement : Agreement
        How closely the replayed losses agree with the recorded ones; ``agreement.words`` puts it in words.
    position : Position
        Position of the run after the minibatch.
    rows : tuple of int
        Rows of its images in the training set.
    images, labels : ndarray
        Its images ``(n, C, H, W)`` and labels ``(n,)``.
    """

    def __init__(self, source: PassSource, agreement: Agreement, precision: Any) -> None:
        self.agreement = agreement
        self.position: Position = source.position
        self.rows = source.rows
        self.images, self.labels = source.images, source.labels
        self._pass = source.make(precision)
        self._next = 0

    def __next__(self) -> PassStep:
        if self._next >= len(self._pass.program.steps):
            raise StopIteration
        self._next += 1
        return made(self._pass, self._next - 1)


def whole(step: object) -> int:
    """The requested step as an int.

    Raises
    ------
    RecordingError
        It is not a whole number.
    """
    try:
        return operator.index(cast(SupportsIndex, step))
    except TypeError:
        raise RecordingError(f"step: expected a whole number, got {step!r}") from None


class RecordedRun:
    """A recorded run. Close it, or use it in a ``with`` statement.

    Curves, measures and key points need only the file. Replaying needs the data set too. Unless given, it is looked for
    where it was during training; its checksum tells whether it is still the same.

    Parameters
    ----------
    path : Path
    data : Dataset, optional
        The data set that it was trained on.
    threads : int
        Threads for replaying; the result is the same with any number.
    """

    def __init__(self, path: Path, data: Dataset | None = None, threads: int = 2) -> None:
        self._recording = Recording(path)
        self._given, self._threads = data, threads
        self._data: OpenData | None = None
        self._replayer: Replayer | None = None

    def __enter__(self) -> RecordedRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and end the threads."""
        if self._replayer is not None:
            self._replayer.close()
        self._recording.close()

    def __repr__(self) -> str:
        return f"<{self.design.name}, {counted(self.last_step, 'step')}, {self.ended}: {self.path}>"

    # --- what needs only the file ----------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        """The file."""
        return self._recording.path

    @property
    def design(self) -> Design:
        """The design as it was trained last, after any live edits."""
        return self._recording.last_design

    @property
    def head(self) -> Head:
        """Facts about the run as a whole: versions, threads, when it began."""
        return self._recording.head

    @property
    def data(self) -> DataRecord:
        """The data set: its name, place and checksums."""
        return self.head.data

    @property
    def machine(self) -> Machine:
        """The machine that trained the run, and the versions of its software."""
        return self.head.machine

    @property
    def parent(self) -> Parent | None:
        """The run and step that this one branched from; None if it did not."""
        return self.head.parent

    @property
    def ended(self) -> str:
        """``finished``, ``stopped``, ``failed``, ``running``, or ``ended unexpectedly`` after a crash."""
        return self._recording.ended

    @property
    def first_step(self) -> int:
        """The step at which recording began."""
        return self.head.begin

    @property
    def last_step(self) -> int:
        """The newest step."""
        return self._recording.last_step

    @property
    def minibatches(self) -> Curve:
        """Loss and accuracy of every minibatch, as arrays: ``steps``, ``loss``, ``accuracy``."""
        return self._recording.minibatches()

    @property
    def history(self) -> tuple[EpochMeasures, ...]:
        """Losses, accuracies and seconds of every epoch."""
        return self._recording.epochs()

    @property
    def measures(self) -> RunMeasures:
        """Measures of the layers: norms of weight, gradient and update, silent units."""
        steps, values = self._recording.measures()
        return RunMeasures(steps, self.head.layers, self.head.columns, values)

    @property
    def filters(self) -> tuple[Array, Array]:
        """The first layer's weights over the run: steps ``(n,)``, and ``(n, F, C, KH, KW)``; n = 0 if it is large."""
        return self._recording.filters()

    @property
    def events(self) -> tuple[RunEvent, ...]:
        """Live edits, breakpoints and the end, each with its step."""
        return self._recording.events()

    @property
    def key_points(self) -> tuple[int, ...]:
        """Steps whose network is stored in the file, so that it needs neither replay nor data set."""
        return tuple(point.step for point in self._recording.key_points())

    def export(self, path: str | Path) -> None:
        """Write everything as plain HDF5.

        Raises
        ------
        RecordingError, OutputError
            The recording is damaged; a file of another kind is there, or it can't be written.
        """
        export_recording(self._recording, Path(path))

    def copy(self, path: str | Path) -> None:
        """Copy the recording, even while it is being written.

        Raises
        ------
        RecordingError, OutputError
            The path is the recording itself or is being recorded, is a file of another kind, or can't be written.
        """
        copy_recording(self.path, Path(path))

    # --- what replays ------------------------------------------------------------------------------------------------

    def at(self, step: int) -> Run:
        """The run as it was after ``step`` minibatches: its network, position and history.

        Raises
        ------
        RecordingError
            There is no such step; or it has to be replayed, and the data set is missing or has changed.
        """
        step, recording = whole(step), self._recording
        with recording.steady():
            points = {point.step: point for point in recording.key_points()}
            state = recording.state(points[step]) if step in points else None
        if state is None:
            replayer = self._replaying()
            replayer.go_to(step)
            state = replayer.state()
        return Run.of(state)

    def replay(self, step: int) -> ReplayedPass:
        """The pass of the minibatch that led to ``step`` (1 is the first), step by step.

        The pass runs with the NumPy kernels, as in the Step workspace; the run up to it is replayed with the kernels
        that train.

        Raises
        ------
        RecordingError
            As for :meth:`at`.
        """
        replayer = self._replaying()
        minibatch = replayer.minibatch(whole(step))
        names = self._data.class_names if self._data is not None else ()
        source = PassSource.of_minibatch(PassKind.PAST, minibatch, replayer.trainer.train, names)
        return ReplayedPass(source, replayer.agreement, replayer.trainer.network.precision)

    def branch(self, step: int, design: Design | None = None, **settings: Any) -> Run:
        """A run that starts from this one after ``step`` minibatches, to be continued with :func:`convviz.train`.

        Parameters
        ----------
        step : int
        design : Design, optional
            With only other settings, the branch goes on at ``step``. With another network, optimiser or minibatch size,
            it takes over the parameters that fit, and begins at its first epoch.
        **settings
            Fields of :class:`~convviz.core.design.Training` to change: ``epochs=20``; and ``learning_rate``.

        Raises
        ------
        RecordingError
            As for :meth:`at`.
        DesignError
            No parameter fits the design, or a setting is impossible.

        Examples
        --------
        >>> import convviz, tempfile, pathlib
        >>> data = convviz.load_data().take(train_size=128, test_size=32)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "run.cvz"
        ...     run = convviz.train(convviz.preset("course-7x7"), data, epochs=2, record=path)
        ...     with convviz.open_run(path, data) as recorded:
        ...         branch = recorded.branch(3, learning_rate=0.001)
        >>> branch.place.step, branch.parent.step
        (3, 3)
        """
        step, replayer = whole(step), self._replaying()
        wanted = design
        if settings:
            replayer.go_to(step)
            wanted = changed(design or replayer.trainer.design, settings)
        state = branched(replayer, step, wanted)
        if wanted is not None:
            # Branching may have changed the replayer's settings: the next request gets a new one.
            replayer.close()
            self._replayer = None
        return replace(Run.of(state), parent=parent_of(self._recording, step))

    def _replaying(self) -> Replayer:
        if self._replayer is None:
            given = self._given
            current = None
            if given is not None:
                names = given.class_names
                current = OpenData(given.name, split_of(given, "training"), split_of(given, "test"), names, given)
            self._data, missing = recorded_data(self._recording, current)
            if self._data is None:
                raise RecordingError(missing)
            self._replayer = Replayer(self._recording, self._data.train, self._data.test, threads=self._threads)
        return self._replayer


def open_run(path: str | Path, data: Dataset | None = None, *, threads: int = 2) -> RecordedRun:
    """Open a recorded run, even while it is being recorded, or after a crash.

    Parameters
    ----------
    path : str or Path
        Written by ``convviz train --record``, :func:`convviz.train` or the window.
    data : Dataset, optional
        The data set that it was trained on. Unless given, it is looked for where it was.
    threads : int
        Threads for replaying; the result is the same with any number.

    Raises
    ------
    RecordingError
        One sentence: the file, what was expected and what came.

    Examples
    --------
    >>> import convviz, tempfile, pathlib
    >>> data = convviz.load_data().take(train_size=128, test_size=32)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "run.cvz"
    ...     trained = convviz.train(convviz.preset("course-7x7"), data, epochs=2, record=path)
    ...     with convviz.open_run(path, data) as run:
    ...         losses = run.minibatches.loss
    ...         third = run.at(3).network
    ...         replayed = run.replay(3)
    ...         names = [step.name for step in replayed]
    >>> losses.shape, third.arrays["conv1.weight"].shape, names[0]
    ((4,), (32, 1, 7, 7), 'conv1.x_pad')
    >>> replayed.agreement.words
    'replayed bit for bit'
    """
    return RecordedRun(Path(path), data, threads)


def changed(design: Design, settings: Mapping[str, Any]) -> Design:
    """The design with changed training settings.

    Raises
    ------
    DesignError
        There is no such setting, or its value is impossible.
    """
    settings = dict(settings)
    training = design.training
    if "learning_rate" in settings:
        rate = settings.pop("learning_rate")
        settings["optimiser"] = msgspec.structs.replace(settings.get("optimiser", training.optimiser), lr=rate)
    known = training.__struct_fields__
    unknown = sorted(set(settings) - set(known))
    if unknown:
        raise DesignError(f"branch: expected settings out of learning_rate, {', '.join(known)}, got {unknown[0]}")
    found = msgspec.structs.replace(design, training=msgspec.structs.replace(training, **settings))
    return read_design(write_design(found), "branch")  # which checks every value
