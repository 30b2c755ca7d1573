"""Writes tables as CSV, atomically, and never in place of a file of another kind."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from convviz.files.atomic import write_bytes_atomically
from convviz.files.errors import OutputError
from convviz.files.inputs import open_regular
from convviz.files.outputs import Output, check_output

__all__ = ["csv_path", "has_columns", "write_table"]

LONGEST_HEAD = 1 << 20
"""Most bytes that are read of a table's first line: each of 10,000 classes may have a column."""


def csv_path(name: str) -> Path:
    """The path of a table that was typed with or without its ending."""
    path = Path(name)
    return path if path.suffix else path.with_name(f"{path.name}.csv")


def has_columns(path: Path, columns: Sequence[str]) -> bool:
    """Whether a file is a table that begins with the first of these columns and has the others; raises nothing."""
    try:
        with open_regular(path) as file:
            head = next(csv.reader([file.readline(LONGEST_HEAD).decode()]), [])
    except (OSError, ValueError, csv.Error):
        return False
    return head[:1] == list(columns[:1]) and set(columns) <= set(head)


def write_table(path: Path, rows: Iterable[Sequence[object]], what: str, columns: Sequence[str]) -> None:
    """Write a table, completely or not at all.

    Parameters
    ----------
    path : Path
    rows : iterable of sequences
        The first one has the names of the columns.
    what : str
        The kind of table that it may replace, in messages: ``a list of runs``.
    columns : sequence of str
        Columns that every such table has; the first of them is also its first column.

    Raises
    ------
    OutputError
        There is a file of another kind, or it can't be written.
    """
    check_output(Output(path, what, partial(has_columns, columns=columns)))
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    try:
        write_bytes_atomically(path, text.getvalue().encode())
    except OSError as error:
        raise OutputError(f"{path}: can't be written: {error.strerror or error}") from None
