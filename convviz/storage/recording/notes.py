"""The user's remarks on recorded runs, a name, a star and a note, in one JSON file beside the recordings.

The recordings themselves are not changed. Runs are identified by their ids, so that their files may be renamed.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec.structs import replace

from convviz.files.atomic import write_bytes_atomically
from convviz.storage.recording.errors import RecordingError

__all__ = ["NAME", "RunNotes", "RunRemarks"]

NAME = "notes.json"
VERSION = 1
MAX_BYTES = 16 << 20
MAX_NAME, MAX_NOTE = 200, 10_000


class RunRemarks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The remarks on one run.

    Parameters
    ----------
    name : str
        Name to show in place of the design's.
    starred : bool
    note : str
    """

    name: str = ""
    starred: bool = False
    note: str = ""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The contents of the file of remarks."""

    version: int
    runs: dict[str, RunRemarks]


class RunNotes:
    """The remarks on the runs in a folder.

    Parameters
    ----------
    folder : Path
        The folder of the recordings.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.problem = ""
        """Why the existing file can't be read; as long as there is a reason, nothing is written over it."""
        self.marks: dict[str, RunRemarks] = {}
        """Id of a run → the remarks on it."""
        self._read()

    def set(self, run: str, **changes: object) -> None:
        """Change the remarks on a run.

        Raises
        ------
        RecordingError
            The file can't be written, or the existing one can't be read and would be lost.
        """
        if self.problem:
            raise RecordingError(self.problem)
        mark = replace(self.marks.get(run, RunRemarks()), **changes)
        mark = replace(mark, name=mark.name.strip()[:MAX_NAME], note=mark.note.strip()[:MAX_NOTE])
        marks = self.marks | {run: mark}
        if mark == RunRemarks():
            del marks[run]
        try:
            write_bytes_atomically(self.path, msgspec.json.encode(File(VERSION, marks)))
        except OSError as error:
            raise RecordingError(f"{self.path}: can't be written: {error.strerror or error}") from None
        self.marks = marks

    def _read(self) -> None:
        try:
            with self.path.open("rb") as file:
                contents = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return
        except OSError as error:
            self.problem = f"{self.path}: can't be read: {error.strerror or error}"
            return
        try:
            found = msgspec.json.decode(contents, type=File)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.problem = f"{self.path}: expected notes on runs, got something else"
            return
        if found.version != VERSION:
            self.problem = f"{self.path}: version: expected {VERSION}, got {found.version}"
            return
        self.marks = dict(found.runs)
