"""Rows of the list of runs: their facts, sorting and filtering."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from convviz.core.design import Design
from convviz.present.compare.differences import Difference, differences
from convviz.present.run_names import names_in_list
from convviz.present.words import counted, duration
from convviz.storage.recording.catalogue import ListedRun
from convviz.storage.recording.names import parent_name
from convviz.storage.recording.notes import RunRemarks

__all__ = ["RunRow", "csv_lines", "first_pair", "rows_of", "sorted_rows", "summary"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in the list.

    Parameters
    ----------
    path : Path
        Of its recording; identifies it.
    id : str
    name : str
        The user's, or the design's.
    chips : tuple of Difference
        What differs from A.
    accuracy, best : float or None
        On the test images, after the last epoch and the highest.
    gain : float or None
        Accuracy above that of A.
    epoch, epochs : int
    seconds : float
    seed : int
    nbytes : int
    created : str
    ended : str
    starred : bool
    note : str
    parent : str
        ``branch of lenet at step 120``; empty for a run of its own.
    problem : str
        Why it can't be opened.
    design : Design or None
    """

    path: Path
    id: str
    name: str
    chips: tuple[Difference, ...]
    accuracy: float | None
    best: float | None
    gain: float | None
    epoch: int
    epochs: int
    seconds: float
    seed: int
    nbytes: int
    created: str
    ended: str
    starred: bool = False
    note: str = ""
    parent: str = ""
    problem: str = ""
    design: Design | None = None

    @property
    def tip(self) -> str:
        """All known facts about it, line by line."""
        if self.problem:
            return self.problem
        lines = [
            f"{self.name}, seed {self.seed}, {self.ended}",
            *([self.parent] if self.parent else []),
            *(chip.words for chip in self.chips),
            f"{self._when}, {self.nbytes / 1e6:,.1f} MB, {duration(self.seconds)} of training",
            str(self.path),
            *([self.note] if self.note else []),
        ]
        return "\n".join(lines)

    @property
    def about(self) -> str:
        """The facts for which the list has no room, in a few sentences."""
        if self.problem:
            return self.problem
        best = "" if self.best is None else f", at best {self.best:.2%} right".replace("%", " %")
        epochs = f"{self.epoch:,} of {counted(self.epochs, 'epoch')}"
        parts = [
            f"{self.name}: seed {self.seed}, {self.ended} after {epochs}{best}",
            f"{self._when}, {self.nbytes / 1e6:,.1f} MB, {duration(self.seconds)} of training",
            *([self.parent] if self.parent else []),
            *([f"differs from A in {', '.join(chip.words for chip in self.chips)}"] if self.chips else []),
            *([self.note] if self.note else []),
        ]
        return " · ".join(parts)

    @property
    def _when(self) -> str:
        return self.created[:16].replace("T", " ")


def rows_of(
    runs: Sequence[ListedRun], marks: dict[str, RunRemarks], a: Path | None, *, by_file: bool = False
) -> list[RunRow]:
    """The rows of runs, which come the newest first, each compared with the run at ``a``.

    ``by_file`` says whether a file that convviz did not name was named by the user, and names its run.
    """
    first = next((run for run in runs if run.path == a), None)
    base = None if first is None else first.design
    by_id = {run.id: run for run in runs if run.id}
    names = names_in_list(runs, marks, by_file=by_file)
    found = []
    for run in runs:
        mark = marks.get(run.id, RunRemarks())
        chips = () if base is None or run.design is None else differences(base, run.design)
        gain = None
        is_other = first is not None and run is not first and run.epoch == first.epoch
        if is_other and first is not None and run.accuracy is not None and first.accuracy is not None:
            gain = run.accuracy - first.accuracy
        parent = ""
        if run.parent is not None:
            of = by_id.get(run.parent.id)
            name = names[of.path] if of is not None else parent_name(run.parent)
            parent = f"branch of {name} at step {run.parent.step:,}"
        found.append(
            RunRow(
                run.path,
                run.id,
                names[run.path],
                chips,
                run.accuracy,
                run.best_accuracy,
                gain,
                run.epoch,
                run.epochs,
                run.seconds,
                run.seed,
                run.nbytes,
                run.created,
                run.ended,
                mark.starred,
                mark.note,
                parent,
                run.problem,
                run.design,
            )
        )
    return found


def first_pair(runs: Sequence[ListedRun], best: Path | None = None) -> tuple[Path | None, Path | None]:
    """A and B until the user chooses them.

    The best run is A, if it is known. Otherwise, if the newest run, which comes first, is a branch of a listed run, its
    parent is A and it is B; if not, it is A.
    """
    whole = [run for run in runs if not run.problem]
    if any(run.path == best for run in whole):
        return best, None
    if not whole:
        return None, None
    newest = whole[0]
    parent = next((run.path for run in whole if newest.parent is not None and run.id == newest.parent.id), None)
    return (newest.path, None) if parent is None else (parent, newest.path)


KEYS: dict[int, Callable[[RunRow], object]] = {
    0: lambda row: (not row.starred, row.name.casefold()),
    1: lambda row: (len(row.chips), [chip.words for chip in row.chips]),
    2: lambda row: _number(row.accuracy),
    3: lambda row: _number(row.best),
    4: lambda row: row.created,
    5: lambda row: row.epoch,
    6: lambda row: row.seconds,
}


def sorted_rows(rows: Iterable[RunRow], column: int, *, descending: bool, words: str = "") -> list[RunRow]:
    """The rows whose name, differences or notes contain all words, in the order of a column; broken ones last.

    Columns are those of the list: name, differences, accuracy, best, when, epochs, time. ``*`` keeps the starred ones.
    """
    asked = words.casefold().split()
    kept = [row for row in rows if all(matches(row, word) for word in asked)]
    kept.sort(key=KEYS[column], reverse=descending)  # type: ignore[arg-type]
    return sorted(kept, key=lambda row: bool(row.problem))


def matches(row: RunRow, word: str) -> bool:
    """Whether a row matches a word."""
    if word == "*":
        return row.starred
    text = " ".join(
        [row.name, row.note, row.ended, f"seed {row.seed}", row.parent, *(chip.words for chip in row.chips)]
    )
    return word in text.casefold()


CSV_COLUMNS = (
    *("name", "file", "seed", "ended", "epochs", "test_accuracy", "best_test_accuracy", "seconds", "bytes", "note"),
)
"""Columns of the runs' CSV file, before the fields that differ."""


def csv_lines(rows: Sequence[RunRow]) -> list[list[str]]:
    """A table of runs for other programs: one row each, with a column for every field that differs."""
    paths = list(dict.fromkeys(chip.path for row in rows for chip in row.chips))
    lines = [[*CSV_COLUMNS, *paths]]
    for row in rows:
        values = {chip.path: chip.new for chip in row.chips}
        numbers = [row.accuracy, row.best]
        lines.append(
            [
                row.name,
                str(row.path),
                str(row.seed),
                row.ended or row.problem,
                str(row.epoch),
                *("" if one is None else repr(one) for one in numbers),
                f"{row.seconds:.3f}",
                str(row.nbytes),
                row.note,
                *(values.get(path, "") for path in paths),
            ]
        )
    return lines


def summary(rows: Sequence[RunRow], shown: Sequence[RunRow]) -> str:
    """``7 of 9 runs, 120.3 MB``."""
    some = f"{len(shown):,} of " if len(shown) != len(rows) else ""
    return f"{some}{counted(len(rows), 'run')}, {sum(row.nbytes for row in rows) / 1e6:,.1f} MB"


def _number(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else -math.inf
