"""The recordings of a session: every run is recorded automatically, from its first minibatch."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace as msgspec_replace

from convviz.core.errors import ConvvizError
from convviz.data import builtin
from convviz.data.dataset import Dataset
from convviz.data.sources import BuiltinDigits, DataFile, ToyImages
from convviz.files.claim import is_claimed
from convviz.run.messages import RecordingEnded, RecordingFailed, RecordingStarted
from convviz.run.opening import OpenData
from convviz.run.recording.earlier import Earlier, earlier_recording
from convviz.run.recording.recorder import Recorder
from convviz.storage.network_state import EpochMeasures, NetworkState
from convviz.storage.recording.copying import copy_recording
from convviz.storage.recording.folder import RecordingsFolder
from convviz.storage.recording.head import DataRecord, Parent
from convviz.storage.recording.read import Recording
from convviz.training.known_fingerprint import KnownFingerprint
from convviz.training.trainer import Trainer

__all__ = ["Past", "Recordings", "record_of"]

LEAST_FREE = 500_000_000
"""Bytes of disk that must be free: automatic recordings must not fill the disk."""
Tell = Callable[[RecordingStarted | RecordingEnded | RecordingFailed], object]


@dataclass(frozen=True, slots=True)
class Past:
    """The past of a run that begins to be recorded.

    Parameters
    ----------
    parent : Parent or None
        Where it branched from.
    epochs : tuple of EpochMeasures
    seconds : float
        Time of training.
    opened : Path or None
        The recording that it was opened from.
    stays : tuple of Path
        Recordings that have its past: they are not removed.
    """

    parent: Parent | None = None
    epochs: tuple[EpochMeasures, ...] = ()
    seconds: float = 0.0
    opened: Path | None = None
    stays: tuple[Path, ...] = ()


class Recordings:
    """Makes a recording for each run.

    Parameters
    ----------
    folder : RecordingsFolder
    tell : callable
        Takes a message, from any thread.
    threads : int
        Of the trainers.
    prints : KnownFingerprint
        Of the images that were read last, by whomever.
    """

    def __init__(self, folder: RecordingsFolder, tell: Tell, threads: int, prints: KnownFingerprint) -> None:
        self._folder, self._tell, self._threads = folder, tell, threads
        self._prints = prints

    def begin(self, trainer: Trainer, data: OpenData, past: Past) -> Recorder | None:
        """Record a run from its trainer's step on; None if that is impossible, which has then been reported."""
        try:
            path = self._folder.place_for(trainer.design.name)
            self._folder.prune(past.stays)
            free = shutil.disk_usage(path.parent).free
            if free < LEAST_FREE:
                reason = f"{path.parent}: expected {LEAST_FREE / 1e6:,.0f} MB of free space, got {free / 1e6:,.0f} MB"
                self._tell(RecordingFailed(path, reason))
                return None
            path, earlier, parent = going_on(path, trainer, past)
            recorder = Recorder(
                path,
                trainer,
                self._record(data, trainer),
                threads=self._threads,
                parent=parent,
                epochs=past.epochs,
                seconds=past.seconds,
                earlier=earlier,
                failed=lambda reason: self._tell(RecordingFailed(path, reason)),
                printed=partial(self._prints.remember, trainer.train, trainer.test),
            )
        except OSError as error:
            where = self._folder.path
            self._tell(RecordingFailed(where, f"{where}: can't be written: {error.strerror or error}"))
            return None
        if past.parent is not None:
            recorder.wait_open()  # whatever happens to this run, the recording that it branched from is kept
        self._tell(RecordingStarted(path, recorder.head.begin))
        return recorder

    def has(self, path: Path) -> bool:
        """Whether a recording lies in the folder: only such recordings are ever removed."""
        return path.parent == self._folder.path

    def _record(self, data: OpenData, trainer: Trainer) -> DataRecord:
        """The record of the data set, with its fingerprint if known: reading all images takes a while."""
        record, known = record_of(data), self._prints.known(data.name, trainer.train, trainer.test)
        return record if known is None else record.with_print(known)

    def end(self, recorder: Recorder, trainer: Trainer) -> None:
        """Close a recording."""
        recorder.close()
        if not recorder.failure:
            self._tell(RecordingEnded(recorder.path, trainer.position.step))


def record_of(data: OpenData) -> DataRecord:
    """The record of a data set."""
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


def going_on(path: Path, trainer: Trainer, past: Past) -> tuple[Path, Earlier | None, Parent | None]:
    """Where to record a run that was opened from a recording: path, earlier recording, and parent.

    A recording in our own folder is continued. A file of the user's, one that another process writes, and one that has
    grown since are left alone: the run goes on in a copy, as a branch. Without room for a copy, it is recorded from
    here on.
    """
    opened, step = past.opened, trainer.position.step
    if opened is None:
        return path, None, past.parent
    state = NetworkState(trainer.design, {}, trainer.place(), past.epochs, past.seconds)
    parent = past.parent
    try:
        with Recording(opened) as recording:
            head, last = recording.head, recording.last_step
        parent = Parent(head.id, opened.name, step)
        is_ours = opened.parent == path.parent and os.access(opened, os.W_OK) and not is_claimed(opened)
        if is_ours and last == step:
            return opened, earlier_recording(opened, state), head.parent
        copy_recording(opened, path)
        earlier = earlier_recording(path, state)
        created = datetime.now().astimezone().isoformat(timespec="seconds")
        return (
            path,
            replace(earlier, head=msgspec_replace(head, id=uuid4().hex, created=created, parent=parent)),
            parent,
        )
    except (ConvvizError, OSError):
        return path, None, parent
