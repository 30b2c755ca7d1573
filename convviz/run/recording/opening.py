"""Opening a recording with the data set that its run was trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from convviz.core.errors import ConvvizError
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec, ToyImages
from convviz.files.cancel import Cancelled, LoadCancelledError
from convviz.plurals import counted
from convviz.run.opening import OpenData, misfit, open_data
from convviz.storage.recording.read import Recording
from convviz.training.known_fingerprint import fingerprint_of

__all__ = ["OpenedRecording", "open_recording", "recorded_data"]


@dataclass(frozen=True, slots=True, eq=False)
class OpenedRecording:
    """An open recording.

    Parameters
    ----------
    recording : Recording
    data : OpenData or None
        Its data set; None if that is not found: then everything but replay works.
    missing : str
        Why there is no data: one sentence.
    """

    recording: Recording
    data: OpenData | None
    missing: str = ""


def open_recording(
    path: Path,
    current: OpenData | None = None,
    known_files: tuple[Path, ...] = (),
    cancelled: Cancelled | None = None,
) -> OpenedRecording:
    """Open a recording, and its data set wherever that is found.

    Parameters
    ----------
    path : Path
    current : OpenData, optional
        The data set that is open: it is tried first.
    known_files : tuple of Path
        Data files that may contain it.
    cancelled : callable, optional

    Raises
    ------
    RecordingError
    LoadCancelledError
    """
    recording = Recording(path)
    try:
        data, missing = recorded_data(recording, current, known_files, cancelled)
    except BaseException:
        recording.close()
        raise
    return OpenedRecording(recording, data, missing)


def recorded_data(
    recording: Recording,
    current: OpenData | None = None,
    known_files: tuple[Path, ...] = (),
    cancelled: Cancelled | None = None,
) -> tuple[OpenData | None, str]:
    """The data set of a recording; None and the reason if it is not found, or is another one now.

    Raises
    ------
    LoadCancelledError
    """
    reason = ""
    for found in candidates(recording, current, known_files, cancelled):
        if isinstance(found, str):
            reason = found
            continue
        fitting = fitted(recording, found)
        reason = difference(recording, fitting, cancelled)
        if not reason:
            return fitting, ""
    name = recording.head.data.name
    return None, f"{recording.path.name}: its data set is needed to replay: {reason or f'{name} came from no file'}"


def candidates(
    recording: Recording, current: OpenData | None, known_files: tuple[Path, ...], cancelled: Cancelled | None
) -> Iterator[OpenData | str]:
    """Data sets that may be the right one, opened one by one as needed; or the reason why one can't be opened."""
    if current is not None:
        yield current
    for source in sources(recording, known_files):
        try:
            yield open_data(source, cancelled)
        except LoadCancelledError:
            raise
        except (ConvvizError, ValueError, OSError) as error:
            yield str(error)


def fitted(recording: Recording, data: OpenData) -> OpenData:
    """The data set, cut to its first images if the run used only those."""
    record, (train, test) = recording.head.data, data.taken_by(recording.design(1))
    if len(train) <= record.train_images and len(test) <= record.test_images:
        return data
    return replace(data, train=data.train.first(record.train_images), test=data.test.first(record.test_images))


def sources(recording: Recording, known_files: tuple[Path, ...]) -> Iterator[DataSource]:
    """Places where the data set may be."""
    record, like = recording.head.data, ImageSpec.of(recording.design(1))
    if record.kind == "builtin":
        yield BuiltinDigits()
    elif record.kind == "toy":
        yield ToyImages()
    if record.path:
        yield DataFile(Path(record.path), like)
    for file in known_files:
        if record.name in (file.name, file.stem):
            yield DataFile(file, like)


def difference(recording: Recording, data: OpenData, cancelled: Cancelled | None = None) -> str:
    """How a data set differs from the one that the run was trained on; empty if it doesn't."""
    design, record = recording.design(1), recording.head.data
    problem = misfit(design, data)
    if problem:
        return problem
    train, test = data.taken_by(design)
    known = record.fingerprint
    if known is None:
        if (len(train), len(test)) == (record.train_images, record.test_images):
            return ""
        return f"expected {counted(record.train_images, 'training image')}, got {len(train):,}"
    return known.difference(fingerprint_of(data.name, train, test, cancelled))
