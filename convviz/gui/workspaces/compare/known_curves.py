"""The curves of runs that have been read, and which are to be read again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from convviz.present.compare.curves import RunCurves
from convviz.present.compare.pair import Parting, parting
from convviz.storage.recording.catalogue import ListedRun

__all__ = ["KnownCurves"]


class KnownCurves:
    """Curves by the files of their runs."""

    def __init__(self) -> None:
        self.by_path: dict[Path, RunCurves] = {}
        self._asked: dict[Path, tuple[int, int]] = {}
        """Step and epoch of runs when their curves were asked for."""
        self._parting = lru_cache(maxsize=1)(parting)

    def lacking(self, runs: Iterable[ListedRun]) -> list[ListedRun]:
        """Those of some runs whose curves were never asked for, or which have grown since."""
        return [run for run in runs if not run.problem and self._asked.get(run.path) != (run.step, run.epoch)]

    def note_asked(self, runs: Iterable[ListedRun]) -> None:
        """The curves of runs are being read, as far as the runs are listed."""
        self._asked |= {run.path: (run.step, run.epoch) for run in runs}

    def take(self, found: Iterable[RunCurves]) -> None:
        """Keep what has been read."""
        self.by_path |= {one.path: one for one in found}

    def parting(self, a: Path | None, b: Path | None) -> Parting | None:
        """Where two runs part, None until the curves of both have been read; looked for once."""
        if a is None or b is None or a not in self.by_path or b not in self.by_path:
            return None
        return self._parting(self.by_path[a], self.by_path[b])
