"""The recordings of a session: every run is recorded, without being asked, from its first minibatch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.core.errors import ConvvizError
from convviz.data import builtin
from convviz.data.dataset import Dataset
from convviz.data.sources import BuiltinDigits, DataFile, ToyImages
from convviz.run.keeping import Keeper
from convviz.run.messages import Message, NotSaved, RecordingEnded, RecordingFailed, RecordingStarted, Saved
from convviz.run.opening import OpenData
from convviz.run.reasons import sentence
from convviz.run.recording.recorder import Recorder
from convviz.storage.fingerprint import DataFingerprint
from convviz.storage.network_state import EpochMeasures
from convviz.storage.recording.copying import copy_recording
from convviz.storage.recording.folder import RecordingsFolder
from convviz.storage.recording.head import DataRecord, Parent
from convviz.training.images import Split
from convviz.training.trainer import Trainer

if TYPE_CHECKING:
    from convviz.run.training_run import TrainingRun

__all__ = ["Recordings", "keep_recording", "record_of"]

LEAST_FREE = 500_000_000
"""Bytes that have to be free: what nobody asked for must not fill the disk."""
Tell = Callable[[RecordingStarted | RecordingEnded | RecordingFailed], object]


class Recordings:
    """Makes a recording for each run.

    Parameters
    ----------
    folder : RecordingsFolder
    tell : callable
        Takes a message, from any thread.
    threads : int
        Of the trainers.
    """

    def __init__(self, folder: RecordingsFolder, tell: Tell, threads: int) -> None:
        self._folder, self._tell, self._threads = folder, tell, threads
        self._printed: tuple[Split, Split, DataFingerprint] | None = None
        """The images of the last run that were read, and their fingerprint."""

    def begin(
        self, trainer: Trainer, data: OpenData, parent: Parent | None, epochs: tuple[EpochMeasures, ...], seconds: float
    ) -> Recorder | None:
        """Record a run from where its trainer is; None if that is impossible, which has then been told."""
        try:
            path = self._folder.place_for(trainer.design.name)
            self._folder.prune()
            free = shutil.disk_usage(path.parent).free
            if free < LEAST_FREE:
                reason = f"{path.parent}: expected {LEAST_FREE / 1e6:,.0f} MB of free space, got {free / 1e6:,.0f} MB"
                self._tell(RecordingFailed(path, reason))
                return None
            recorder = Recorder(
                path,
                trainer,
                self._record(data, trainer),
                threads=self._threads,
                parent=parent,
                epochs=epochs,
                seconds=seconds,
                failed=lambda reason: self._tell(RecordingFailed(path, reason)),
                printed=lambda found: self._remember(data, found),
            )
        except OSError as error:
            where = self._folder.path
            self._tell(RecordingFailed(where, f"{where}: can't be written: {error.strerror or error}"))
            return None
        self._tell(RecordingStarted(path, trainer.position.step))
        return recorder

    def _remember(self, data: OpenData, found: DataFingerprint) -> None:
        """From the recorder's thread."""
        self._printed = data.train, data.test, found

    def _record(self, data: OpenData, trainer: Trainer) -> DataRecord:
        """What is said of the data set, with its fingerprint if that is known: reading all images takes a while."""
        record, known = record_of(data), self._printed
        sizes = len(trainer.train), len(trainer.test)
        if known is None or known[0] is not data.train or known[1] is not data.test:
            return record
        is_same = (known[2].train_images, known[2].test_images) == sizes
        return record.with_print(known[2]) if is_same else record

    def end(self, recorder: Recorder, trainer: Trainer) -> None:
        """Close a recording."""
        recorder.close()
        if not recorder.failure:
            self._tell(RecordingEnded(recorder.path, trainer.position.step))


def record_of(data: OpenData) -> DataRecord:
    """What a recording says of a data set."""
    match data.source:
        case BuiltinDigits() | Dataset(source=builtin.SOURCE, name="built-in digits"):
            return DataRecord(data.name, "builtin", class_names=data.class_names)
        case ToyImages() | Dataset(source=builtin.SOURCE):
            return DataRecord(data.name, "toy", class_names=data.class_names)
        case DataFile(path=path):
            return DataRecord(data.name, "file", str(path.resolve()), data.class_names)
        case Dataset(source=source) if source and Path(source).exists():
            return DataRecord(data.name, "file", str(Path(source).resolve()), data.class_names)
        case _:
            return DataRecord(data.name, "other", class_names=data.class_names)


def keep_recording(path: Path, run: TrainingRun | None, keeper: Keeper, tell: Callable[[Message], object]) -> None:
    """Copy the recording of a run to a file of the user's, in the background."""
    source = None if run is None else run.recording.path
    if run is None or source is None:
        tell(NotSaved(path.name, f"{path.name}: there is no recorded run to keep yet"))
        return
    recording, position = run.recording, run.trainer.position

    def copy() -> None:
        try:
            recording.flush()
            copy_recording(source, path)
            tell(Saved(path.name, position))
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            tell(NotSaved(path.name, sentence(error)))

    keeper.work(copy)
