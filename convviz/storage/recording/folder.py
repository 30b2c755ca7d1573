"""The folder of the runs that are recorded without being asked."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from convviz.files.claim import is_claimed
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.head import Parent
from convviz.storage.recording.read import Recording
from convviz.storage.recording.schema import ENDING, companions

__all__ = ["MOST_BYTES", "MOST_RUNS", "ListedRun", "RecordingsFolder", "listed_run"]

MOST_RUNS = 30
"""So many runs are kept at the most."""
MOST_BYTES = 2 << 30
"""So much they take in all at the most; the newest stays whatever it takes."""
OURS = re.compile(r"-\d{8}-\d{6}-\d+(-\d+)?\.cvz$")
"""Names that convviz gave. A file with any other name was named by the user, and is never removed."""


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A recorded run in a list.

    Parameters
    ----------
    path : Path
    nbytes : int
    name : str
        Of its design.
    created : str
        ISO 8601.
    ended : str
        As :attr:`~convviz.storage.recording.read.Recording.ended`.
    step, steps : int
        Minibatches that are done, and those of the whole run.
    accuracy : float or None
        On the test images, after the last whole epoch.
    data_name : str
    id : str
        Of the run, by which its branches name it.
    parent : Parent or None
        The run and step that it branched from.
    problem : str
        Why it can't be opened; empty if it can.
    """

    path: Path
    nbytes: int
    name: str = ""
    created: str = ""
    ended: str = ""
    step: int = 0
    steps: int = 0
    accuracy: float | None = None
    data_name: str = ""
    id: str = ""
    parent: Parent | None = None
    problem: str = ""


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
            found = [(path.stat().st_mtime, path) for path in self.path.glob(f"[!.]*{ENDING}")]
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

    def prune(self) -> None:
        """Let the oldest runs go where there are too many, or where they take too much.

        Those that are being recorded stay, and those that the user named.
        """
        taken = 0
        ours = [path for path in self.recordings() if OURS.search(path.name)]
        for number, path in enumerate(ours):
            with contextlib.suppress(OSError):
                taken += nbytes_of(path)
                if (number >= self._most_runs or (number and taken > self._most_bytes)) and not is_claimed(path):
                    for one in (path, *companions(path)):
                        one.unlink(missing_ok=True)


def nbytes_of(path: Path) -> int:
    """Bytes that a recording takes, with what is beside it."""
    return sum(one.stat().st_size for one in (path, *companions(path)) if one.exists())


def listed_run(path: Path) -> ListedRun:
    """What is known of a recorded run; why it can't be opened, if it can't."""
    size = 0
    with contextlib.suppress(OSError):
        size = nbytes_of(path)
    try:
        with Recording(path) as run:
            head, epochs, design = run.head, run.epochs(), run.last_design
            return ListedRun(
                path,
                size,
                head.name,
                head.created,
                run.ended,
                run.last_step,
                head.minibatches * design.training.epochs,
                epochs[-1].test_accuracy if epochs else None,
                head.data.name,
                head.id,
                head.parent,
            )
    except RecordingError as error:
        return ListedRun(path, size, problem=str(error))
