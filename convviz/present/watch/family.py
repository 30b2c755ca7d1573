"""The relatives of a run: the run that it branched from, and the runs that branched from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from convviz.present.recorded_runs import run_line
from convviz.present.words import count
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.head import Parent
from convviz.storage.recording.names import full_name, parent_name
from convviz.storage.recording.notes import RunRemarks

__all__ = ["Relative", "relatives"]


@dataclass(frozen=True, slots=True)
class Relative:
    """A run that this one is related to.

    Parameters
    ----------
    is_parent : bool
        Whether this run branched from it; else it branched from this one.
    step : int
        Where.
    words : str
        The run's name and result.
    path : Path or None
        Of its recording; None where that is gone.
    """

    is_parent: bool
    step: int
    words: str
    path: Path | None

    @property
    def says(self) -> str:
        """``Parent, at step 40: course-7×7, 89.60 %, finished``."""
        return f"{'Parent' if self.is_parent else 'Branch'}, at step {count(self.step)}: {self.words}"


def relatives(
    own: str, parent: Parent | None, runs: Sequence[ListedRun], marks: Mapping[str, RunRemarks] | None = None
) -> tuple[Relative, ...]:
    """The relatives of a run among those that are recorded: its parent first, then its branches by their step.

    Parameters
    ----------
    own : str
        The run's id; empty as long as it has none.
    parent : Parent or None
        What it branched from.
    runs : sequence of ListedRun
        All known runs.
    marks : mapping of str to RunRemarks, optional
        The user's remarks on runs, by their ids.
    """
    given = {id_: one.name for id_, one in (marks or {}).items()}
    found = []
    if parent is not None:
        files = [run for run in runs if run.id == parent.id and run.id != own]
        files.sort(key=lambda run: run.path.name != parent.name)  # copies have the same id
        words = f"{parent_name(parent)}, whose recording is gone"
        if files:
            words = words_of(files[0], given.get(parent.id, ""))
        found.append(Relative(True, parent.step, words, files[0].path if files else None))
    branches = [run for run in runs if own and run.parent is not None and run.parent.id == own and run.id != own]
    branches.sort(key=lambda run: (run.parent.step if run.parent is not None else 0, run.created))
    found += [
        Relative(False, run.parent.step, words_of(run, given.get(run.id, "")), run.path)
        for run in branches
        if run.parent is not None
    ]
    return tuple(found)


def words_of(run: ListedRun, given: str = "") -> str:
    """The run's full name and its result."""
    line = run_line(run)
    name = line.title if run.problem else full_name(run.path, run.name, run.created, given)
    return ", ".join(part for part in (name, line.outcome, line.ended) if part)
