"""The folder of the runs that are recorded without being asked."""

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
from convviz.storage.recording.schema import ENDING, companions, settle

__all__ = ["MOST_BYTES", "MOST_RUNS", "RecordingsFolder", "is_named_by_us", "plain_name"]

MOST_RUNS = 30
"""So many runs are kept at the most."""
MOST_BYTES = 2 << 30
"""So much they take in all at the most; the newest stays whatever it takes."""
OURS = re.compile(r"-\d{8}-\d{6}-\d+(-\d+)?\.cvz$")
"""Names that convviz gave. A file with any other name was named by the user, and is never removed."""


def is_named_by_us(path: Path) -> bool:
    """Whether convviz gave a recording its name: then it may be removed when there are too many."""
    return OURS.search(path.name) is not None


def changed_at(path: Path) -> float:
    """When a recording was written last: in its file, or in the log beside it that a crash left."""
    times = [path.stat().st_mtime]
    with contextlib.suppress(OSError):
        times.append(companions(path)[0].stat().st_mtime)
    return max(times)


def plain_name(path: Path) -> str:
    """What a recording is called: its file's name, without what convviz added to it."""
    return OURS.sub("", path.name) if is_named_by_us(path) else path.name


class RecordingsFolder:
    """The folder.

    Parameters
    ----------
    path : Path
        Is made when something is recorded first.
    most_runs, most_bytes : int
        Beyond these the oldest runs go.
    """

    def __init__(self, path: Path, *, most_runs: int = MOST_RUNS, most_bytes: int = MOST_BYTES) -> None:
        self.path = path
        self._most_runs, self._most_bytes = most_runs, most_bytes

    def recordings(self) -> list[Path]:
        """All recordings, the newest first."""
        found = []
        with contextlib.suppress(OSError):
            found = [(changed_at(path), path) for path in self.path.glob(f"[!.]*{ENDING}")]
        return [path for _, path in sorted(found, reverse=True)]

    def runs(self) -> list[ListedRun]:
        """All runs with what is known of each, the newest first."""
        return [listed_run(path) for path in self.recordings()]

    def place_for(self, name: str) -> Path:
        """A file that nobody else writes, for another run.

        Raises
        ------
        OSError
            The folder can't be made.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        word = re.sub(r"[^\w×.-]+", "-", name).strip("-.")[:40] or "run"
        stem = f"{word}-{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}"
        path, number = self.path / f"{stem}{ENDING}", 1
        while path.exists():
            number += 1
            path = self.path / f"{stem}-{number}{ENDING}"
        return path

    def prune(self, stays: Collection[Path] = ()) -> None:
        """Let the oldest runs go where there are too many, or where they take too much.

        Those that are being recorded stay, those that are open somewhere, those that the user named, and ``stays``.
        """
        taken = 0
        ours = [path for path in self.recordings() if is_named_by_us(path)]
        for number, path in enumerate(ours):
            with contextlib.suppress(OSError):
                taken += nbytes_of(path)
                if (number >= self._most_runs or (number and taken > self._most_bytes)) and not (
                    path in stays or is_claimed(path) or is_kept_in_place(path)
                ):
                    for one in (path, *companions(path)):
                        one.unlink(missing_ok=True)

    def rename(self, path: Path, name: str) -> Path:
        """Give a run a name of the user's: it is never removed by itself any more.

        Returns
        -------
        Path
            Where it is now.

        Raises
        ------
        RecordingError
            The name can't be a file's or is taken, or the recording is in use.
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
        """Remove a run that the user wants no more.

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
