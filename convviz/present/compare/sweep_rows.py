"""The table of a sweep: a row a run, its fields as columns; in a window and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convviz.present.compare.sweep_table import Cell, SweepRun, swept_fields
from convviz.present.words import duration

__all__ = ["SweepColumn", "columns_of", "csv_rows", "sort_key", "words_of"]


@dataclass(frozen=True, slots=True)
class SweepColumn:
    """A column of the table.

    Parameters
    ----------
    name : str
        Its title.
    kind : str
        ``field`` for a field of the design, else the name of what is measured.
    """

    name: str
    kind: str = "field"


MEASURES = (
    SweepColumn("state", "state"),
    SweepColumn("best", "best"),
    SweepColumn("loss", "loss"),
    SweepColumn("epochs", "epochs"),
    SweepColumn("time", "seconds"),
)
SENTENCE = SweepColumn("what is said of it", "sentence")


def columns_of(runs: Sequence[SweepRun]) -> tuple[SweepColumn, ...]:
    """The columns of a sweep: number, test accuracy, the fields that differ, seed, and what else was measured."""
    fields = tuple(map(SweepColumn, swept_fields(runs)))
    said = (SENTENCE,) if any(run.sentence for run in runs) else ()
    return (
        SweepColumn("#", "number"),
        SweepColumn("test acc.", "accuracy"),
        *fields,
        SweepColumn("seed", "seed"),
        *MEASURES,
        *said,
    )


def value_of(run: SweepRun, column: SweepColumn) -> Cell | None:
    """A run's value in a column; None if it has none."""
    found: Cell | None = run.values.get(column.name) if column.kind == "field" else getattr(run, column.kind)
    return found


def words_of(run: SweepRun, column: SweepColumn) -> str:
    """A run's text in a column."""
    value = value_of(run, column)
    if value is None:
        return "–"
    if column.kind in ("accuracy", "best"):
        return f"{100 * float(value):.2f} %"
    if column.kind == "loss":
        return f"{value:.4g}"
    if column.kind == "seconds":
        return duration(float(value)) if value else "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def sort_key(run: SweepRun, column: SweepColumn) -> tuple[bool, bool, float, str]:
    """The key for sorting rows: numbers by size, then words, then missing values."""
    value = value_of(run, column)
    words = isinstance(value, str)
    return value is None, words, 0.0 if value is None or words else float(value), str(value) if words else ""


def csv_rows(runs: Sequence[SweepRun]) -> list[list[str]]:
    """The table as lines of a CSV file, numbers with all their digits."""
    columns = columns_of(runs)
    names = [column.name if column.kind == "field" else NAMES.get(column.kind, column.kind) for column in columns]
    lines = [[*names, "file"]]
    for run in runs:
        values = [value_of(run, column) for column in columns]
        lines.append([*("" if value is None else str(value) for value in values), run.file])
    return lines


CSV_COLUMNS = ("run", "test_accuracy", "seed", "file")
"""Columns of every sweep's CSV file."""
NAMES = {"number": "run", "accuracy": "test_accuracy", "best": "best_test_accuracy", "loss": "training_loss"}
"""Titles in a CSV file that differ from those in the window."""
