"""The recordings of a run: its own, and the one that contains its past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from convviz.run.messages import Origin, RecordingStarted
from convviz.run.recorded_run import RecordedPart, RecordedRun

__all__ = ["RunRecordings"]


@dataclass(frozen=True, slots=True)
class RunRecordings:
    """The files with the moments of a run.

    Parameters
    ----------
    own : Path or None
        The file in which the run is recorded; None until there is one.
    begin : int
        The first step in this file.
    past : RecordedRun or None
        The recording that the run was opened from, or that it branches from.
    """

    own: Path | None = None
    begin: int = 0
    past: RecordedRun | None = None

    @staticmethod
    def of(origin: Origin | None) -> RunRecordings:
        """The recordings of a network that was made (None) or opened."""
        past = None if origin is None else origin.recorded
        if past is None or past.branch_step is not None:
            return RunRecordings(past=past)
        return RunRecordings(past.path, past.parts[-1].begin, past)

    def started(self, message: RecordingStarted) -> RunRecordings:
        """These files and the run's own recording, which begins now."""
        return replace(self, own=message.path, begin=message.step)

    @property
    def parts(self) -> tuple[RecordedPart, ...]:
        """All files, the run's own last."""
        found = () if self.past is None else self.past.parts
        if self.own is None or (found and found[-1].path == self.own):
            return found
        return (*found, RecordedPart(self.own, self.begin))

    def file_of(self, step: int) -> Path | None:
        """The file that contains a moment; None if none does."""
        parts = self.parts
        return next((one.path for one in reversed(parts) if one.begin <= step), parts[0].path if parts else None)

    @property
    def first(self) -> int:
        """The first step contained in one of the files."""
        return self.parts[0].begin if self.parts else 0

    @property
    def missing(self) -> str:
        """Why the run can't be replayed; empty if it can."""
        return "" if self.past is None else self.past.missing
