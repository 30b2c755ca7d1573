"""The folder in which runs are recorded without the user asking for it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from convviz.files.claim import is_claimed, is_kept_in_place
from convviz.storage.recording.catalogue import ListedRun, listed_run, nbytes_of
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.notes import RunNotes
from convviz.storage.recording.schema import ENDING, companions, settle

__all__ = ["MOST_BYTES", "MOST_RUNS", "RecordingsFolder", "begun_at", "is_named_by_us", "plain_name"]

MOST_RUNS = 30
"""Most runs that are kept."""
MOST_BYTES = 2 << 30
"""Most bytes that all of them may take; the newest is kept whatever its size."""
OURS = re.compile(r"-(\d{8}-\d{6})-\d+(-\d+)?\.cvz$")
"""Names that convviz gives, with the time when recording began. A file with any other name was named by the user, and
is never removed."""
TIME = "%Y%m%d-%H%M%S"
"""How that time is written."""


def is_named_by_us(path: Path) -> bool:
    """Whether convviz named a recording, which may then be removed when there are too many."""
    return OURS.search(path.name) is not None


def begun_at(path: Path) -> str:
    """When a recording that convviz named was begun, by its name: ISO 8601, local time; empty for any other."""
    found = OURS.search(path.name)
    try:
        return "" if found is None else datetime.strptime(found[1], TIME).isoformat()
    except ValueError:
        return ""


def changed_at(path: Path) -> float:
    """When a recording, or the log that a crash left beside it, was last written: seconds since the epoch."""
    times = [path.stat().st_mtime]
    with contextlib.suppress(OSError):
        times.append(companions(path)[0].stat().st_mtime)
    return max(times)


def plain_name(path: Path) -> str:
    """A recording's name for the user: its file's name, without the part that convviz adds."""
    return OURS.sub("", path.name) if is_named_by_us(path) else path.name


class RecordingsFolder:
    """The folder of recorded runs.

    Parameters
    ----------
    path : Path
        Created when a run is first recorded.
    most_runs, most_bytes : int
        Limits beyond which :meth:`prune` removes the oldest runs.
    """

    def __init__(self, path: Path, *, most_runs: int = MOST_RUNS, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self._most_runs, self._most_bytes = most_runs, most_bytes

    def recordings(self) -> list[Path]:
        """Paths of all recordings, the newest first."""
        found = []
        with contextlib.suppress(OSError):
            found = [(changed_at(path), path) for path in self.path.glob(f"[!.]*{ENDING}")]
        return [path for _, path in sorted(found, reverse=True)]

    def runs(self) -> list[ListedRun]:
        """Facts about all runs, the newest first."""
        return [listed_run(path) for path in self.recordings()]

    def place_for(self, name: str) -> Path:
        """A path for recording another run, which no other process uses.

        Raises
        ------
        OSError
            The folder can't be made.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        word = re.sub(r"[^\w×.-]+", "-", name).strip("-.")[:40] or "run"
        stem = f"{word}-{datetime.now():{TIME}}-{os.getpid()}"
        path, number = self.path / f"{stem}{ENDING}", 1
        while path.exists():
            number += 1
            path = self.path / f"{stem}-{number}{ENDING}"
        return path

    def prune(self, stays: Collection[Path] = ()) -> None:
        """Remove the oldest runs if there are too many, or if they take too much space.

        Runs that are being recorded, are open somewhere, were named by the user, or are in ``stays`` are kept.
        """
        taken = 0
        ours = [path for path in self.recordings() if is_named_by_us(path)]
        named = {run for run, remarks in RunNotes(self.path).marks.items() if remarks.name}
        for number, path in enumerate(ours):
            with contextlib.suppress(OSError):
                taken += nbytes_of(path)
                if (number >= self._most_runs or (number and taken > self._most_bytes)) and not (
                    path in stays
                    or is_claimed(path)
                    or is_kept_in_place(path)
                    or (named and listed_run(path).id in named)
                ):
                    for one in (path, *companions(path)):
                        one.unlink(missing_ok=True)

    def rename(self, path: Path, name: str) -> Path:
        """Give a run a name that the user chose, after which :meth:`prune` never removes it.

        Returns
        -------
        Path
            The renamed file.

        Raises
        ------
        RecordingError
            A file can't have that name, it is taken or looks like convviz's own, or the recording is in use.
        """
        words = name.strip().removesuffix(ENDING).strip()
        if not words or words.startswith(".") or any(one in words for one in '/\\\0:*?"<>|'):
            raise RecordingError(f"{name!r}: expected a name that a file can have, without / or a leading dot")
        target = path.with_name(f"{words}{ENDING}")
        if target == path:
            return path
        if is_named_by_us(target):
            raise RecordingError(f"{words}: expected a name of your own, got one that looks like convviz's")
        if target.exists():
            raise RecordingError(f"{target.name}: expected a name that is free, got that of another run")
        self._refuse_used(path)
        try:
            path.rename(target)
        except OSError as error:
            raise RecordingError(f"{path.name}: can't be renamed: {error.strerror or error}") from None
        return target

    def remove(self, path: Path) -> None:
        """Remove a run that the user no longer wants.

        Raises
        ------
        RecordingError
            It is in use, or can't be removed.
        """
        self._refuse_used(path, settled=False)
        try:
            for one in (path, *companions(path)):
                one.unlink(missing_ok=True)
        except OSError as error:
            raise RecordingError(f"{path.name}: can't be removed: {error.strerror or error}") from None

    @staticmethod
    def _refuse_used(path: Path, *, settled: bool = True) -> None:
        if is_claimed(path):
            raise RecordingError(f"{path.name}: expected a run that has ended, got one that is being recorded")
        if is_kept_in_place(path):
            raise RecordingError(f"{path.name}: expected a run that no window shows, got one that is open")
        if settled:
            settle(path)
            if companions(path)[0].exists():
                raise RecordingError(f"{path.name}: expected a run that nobody reads, got one that is in use")
