"""Copies a recording, even while it is being written."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec.structs import replace

from convviz.files.atomic import atomic_path
from convviz.files.claim import is_claimed
from convviz.files.outputs import Output, check_output
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.read import Recording
from convviz.storage.recording.schema import checksum, companions, is_recording

__all__ = ["copy_recording", "recording_output"]


def recording_output(path: Path, flag: str = "") -> Output:
    """The output for a recording, or for a copy of one."""
    return Output(path, "a recording", is_recording, flag)


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths lead to the same file."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def copy_recording(source: Path, target: Path) -> None:
    """Copy a recording as it is now, completely or not at all; an older one is replaced.

    In the copy, a run that is still being recorded ends at its present step.

    Raises
    ------
    RecordingError
        The source is not a recording, the target is the source or is being recorded, or the copy can't be written.
    OutputError
        The target is a file of another kind, or can't be written.
    """
    check_output(recording_output(target))
    if same_file(source, target):
        raise RecordingError(f"{target}: expected another file than the recording itself")
    if is_claimed(target):
        raise RecordingError(f"{target}: expected a file that nobody is writing, got one that a run is recorded in")
    with Recording(source) as recording:
        head = recording.head
        try:
            with atomic_path(target) as part, closing(sqlite3.connect(part)) as copy:
                recording.copy_into(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
                if head.ended == "running":
                    json = msgspec.json.encode(replace(head, ended="stopped"))
                    copy.execute("UPDATE head SET json = ?, crc = ?", (json, checksum(1, json)))
                copy.commit()
            for old in companions(target):
                old.unlink(missing_ok=True)
        except (OSError, sqlite3.Error) as error:
            words = "the disk is full" if "full" in str(error) else getattr(error, "strerror", None) or error
            raise RecordingError(f"{target}: can't be written: {words}") from None
