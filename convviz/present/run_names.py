"""The names of runs in a list: short ones, with when a run began where several would have the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.folder import begun_at, is_named_by_us
from convviz.storage.recording.names import full_name, short_name
from convviz.storage.recording.notes import RunRemarks

__all__ = ["names_in_list", "unique_names"]


def names_in_list(
    runs: Sequence[ListedRun],
    marks: Mapping[str, RunRemarks] | None = None,
    *,
    by_file: bool = True,
    now: datetime | None = None,
) -> dict[Path, str]:
    """A name for each run.

    Parameters
    ----------
    runs : sequence of ListedRun
    marks : mapping of str to RunRemarks, optional
        The user's remarks, by the runs' ids.
    by_file : bool
        Whether a file that convviz did not name was named by the user, and names its run.
    now : datetime, optional
    """
    given = {run.path: marks[run.id].name for run in runs if run.id in marks} if marks else {}

    def short(run: ListedRun) -> str:
        if by_file or is_named_by_us(run.path):
            return short_name(run.path, run.name, given.get(run.path, ""))
        return given.get(run.path) or run.name

    # The oldest is the first: which run was written last changes while one is trained.
    ordered = sorted(runs, key=lambda run: (run.created, run.path.name))
    taken = Counter(short(run) for run in ordered)
    names = [
        full_name(run.path, run.name, run.created, given.get(run.path, ""), now)
        if taken[short(run)] > 1 and is_named_by_us(run.path)
        else short(run)
        for run in ordered
    ]
    full = Counter(names)
    names = [to_the_second(name, run) if full[name] > 1 else name for name, run in zip(names, ordered, strict=True)]
    return {run.path: name or run.path.stem for run, name in zip(ordered, unique_names(names), strict=True)}


def to_the_second(name: str, run: ListedRun) -> str:
    """``course-7×7 of 14:02:31``; the name as it is, if it has no time."""
    began = begun_at(run.path) or run.created
    minute, second = began[11:16], began[17:19]
    if not second or not is_named_by_us(run.path) or " of " not in name:
        return name
    return f"{name}:{second}" if name.endswith(minute) else f"{name}, {minute}:{second}"


def unique_names(names: Sequence[str]) -> list[str]:
    """Names with a number where several are the same."""
    total = Counter(names)
    count: Counter[str] = Counter()
    found = []
    for name in names:
        count[name] += 1
        found.append(f"{name} #{count[name]}" if total[name] > 1 and name else name)
    return found
