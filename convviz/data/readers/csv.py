"""Reads tables of numbers with one image per row, as MNIST is often distributed: CSV with the label first or last.

A heading row is optional, values are separated by commas, semicolons, tabs or spaces, and the file may be compressed
by gzip or in a zip archive.
"""

from __future__ import annotations

import gzip
import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.checks import DENSEST, LARGEST_DATA
from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, Pair, in_memory
from convviz.data.importing.copies import end_to_end
from convviz.data.importing.names import words_of
from convviz.data.importing.siblings import joined
from convviz.data.readers.faults import explained
from convviz.data.readers.reader import Reader
from convviz.files.cancel import Cancelled, blocks, go_on, going_on
from convviz.files.inputs import open_regular
from convviz.plurals import counted

__all__ = ["READER"]

LONGEST_ROW = 2**22
"""Most characters in a row."""
ROWS = 1000
"""Most rows that are read at a time."""
NUMBERS = 2**16
"""Most numbers that are read at a time, unless a row has more: a hundredth of a second's work."""
FEWEST_COLUMNS = 5
LABELS = ("label", "labels", "class", "target", "y", "digit", "answer")
NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*[-+]?(nan|inf(inity)?)\s*", re.IGNORECASE)
PATTERNS = ("*.csv", "*.tsv", "*.csv.gz", "*.tsv.gz", "*.csv.zip", "*.txt", "*.data")


@dataclass(frozen=True, slots=True)
class TableLayout:
    """How a table is written.

    Parameters
    ----------
    separator : str or None
        None for any amount of white space.
    heading : tuple of str
        Names of the columns; empty without a heading row.
    columns : int
        Number of columns.
    label : int or None
        Index of the column of labels; None if there is none.
    words : str
        Why it is that column.
    """

    separator: str | None
    heading: tuple[str, ...]
    columns: int
    label: int | None
    words: str


def recognises(path: Path) -> bool:
    """Whether a file has a table's name and a first row with enough columns for a table of images."""
    if not any(Path(path.name.lower()).match(pattern) for pattern in (*PATTERNS, "*.zip", "*.gz")):
        return False
    try:
        with _text(path) as lines:
            first = [line for line in islice(lines, 2) if line.strip()]
        return bool(first) and len(_fields(first[-1], _separator(first[-1]))) >= FEWEST_COLUMNS
    except (DataError, OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError):
        return False


@contextmanager
def contents(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The images and labels of a table, and those of the table for testing beside it."""

    def one(file: Path) -> AbstractContextManager[Contents]:
        return _table(file, cancelled)

    with joined(path, one) as found:
        parts: dict[str, Pair] = {}
        for array in found.arrays:
            part = array.name.split("/")[0] if "/" in array.name else "train"
            images, labels = parts.get(part, ("", None))
            parts[part] = (images, array.name) if array.name.endswith("label") else (array.name, labels)
        yield Contents(found.form, found.arrays, parts, found.class_names, found.axes, found.notes)


@contextmanager
def _table(path: Path, cancelled: Cancelled | None) -> Iterator[Contents]:
    with explained(path, "a readable table"):
        with _text(path) as lines:
            layout = _layout(path, list(islice(lines, ROWS)), cancelled)
        with _text(path) as lines:
            pixels, labels = _read(path, lines, layout, cancelled)
    form = f"CSV, {'a heading row' if layout.heading else 'no heading row'}"
    arrays = [in_memory("images", pixels, path.stat().st_size)]
    if labels is not None:
        arrays.append(in_memory("label", labels))
    yield Contents(form, tuple(arrays), notes=(layout.words,) if layout.words else ())


def _layout(path: Path, sample: list[str], cancelled: Cancelled | None) -> TableLayout:
    """Find out how a table is written from its first rows."""
    sample = [line for line in sample if line.strip()]
    if not sample:
        raise DataError(f"{path}: expected rows of numbers, got none")
    separator = _separator(sample[-1])
    rows = [_fields(line, separator) for line in going_on(sample, cancelled)]
    headed = len(rows) > 1 and sum(not NUMBER.fullmatch(field) for field in rows[0]) > max(1, len(rows[0]) // 2)
    heading = tuple(rows[0]) if headed else ()
    body = rows[1:] if headed else rows
    columns = len(body[0])
    for at, row in enumerate(body):
        if len(row) != columns:
            raise _uneven(path, at + 1 + bool(heading), columns, len(row))
    label, words = _label_column(heading, body, columns, cancelled)
    return TableLayout(separator, heading, columns, label, words)


def _label_column(
    heading: tuple[str, ...], body: list[list[str]], columns: int, cancelled: Cancelled | None
) -> tuple[int | None, str]:
    """Which column has the labels, and why."""
    for at, name in enumerate(heading):
        if set(words_of(name)) & set(LABELS) and not any(letter.isdigit() for letter in name):
            return at, f"column {at + 1} is called {name.strip()!r}"
    every = going_on(range(columns), cancelled)
    texts = [at for at in every if not all(NUMBER.fullmatch(row[at]) for row in body)]
    if len(texts) == 1:
        return texts[0], f"column {texts[0] + 1} has text"
    if _pictures(columns) and not _pictures(columns - 1):
        return None, ""
    fits = [at for at in (0, columns - 1) if _labels_like([row[at] for row in body])]
    if not fits:
        return None, ""
    sure = "" if len(fits) == 1 else ", a guess: the last would do too"
    return fits[0], f"column {fits[0] + 1} has whole numbers like labels{sure}"


def _pictures(columns: int) -> bool:
    return any(
        columns % channels == 0 and math.isqrt(columns // channels) ** 2 * channels == columns for channels in (1, 3)
    )


def _labels_like(values: list[str]) -> bool:
    """Whether a column can be labels: whole numbers, more than one, and few of them."""
    numbers = {float(value) for value in values}
    return (
        len(numbers) > 1
        and all(0 <= number == int(number) <= 1000 for number in numbers if math.isfinite(number))
        and (all(map(math.isfinite, numbers)))
    )


def _read(
    path: Path, lines: Iterator[str], layout: TableLayout, cancelled: Cancelled | None
) -> tuple[NDArray[np.float32], NDArray[Any] | None]:
    """All pixels and labels."""
    if layout.heading:
        next(line for line in lines if line.strip())
    pixels: list[NDArray[np.float32]] = []
    labels: list[Any] = []
    columns = [at for at in range(layout.columns) if at != layout.label]
    done, cells = int(bool(layout.heading)), 0
    whole = (line for line in lines if line.strip())
    most = max(1, min(ROWS, NUMBERS // layout.columns))
    while rows := list(islice(whole, most)):
        go_on(cancelled)
        if layout.label is not None:
            labels += [_label(row, layout) for row in rows]
        try:
            found = np.loadtxt(
                rows, np.float32, comments=None, delimiter=layout.separator, quotechar='"', ndmin=2, usecols=columns
            )
        except ValueError as error:
            raise _bad_row(path, rows, layout, done, error) from None
        for at, row in enumerate(rows):
            if (
                row.count(layout.separator or " ") + 1 != layout.columns
                and len(_fields(row, layout.separator)) != layout.columns
            ):
                raise _uneven(path, done + at + 1, layout.columns, len(_fields(row, layout.separator)))
        pixels.append(found)
        done += len(rows)
        cells += found.size
        if cells * 4 > LARGEST_DATA:
            raise DataError(f"{path}: expected at most {LARGEST_DATA / 2**30:g} GiB of values, got more")
    if not pixels:
        raise DataError(f"{path}: expected rows of numbers, got a heading alone")
    return end_to_end(pixels, cancelled), _labels(labels, cancelled) if layout.label is not None else None


def _label(row: str, layout: TableLayout) -> str:
    assert layout.label is not None
    if '"' not in row and layout.separator is not None:
        # The label is mostly in the first or the last column, which can be had without splitting the whole row.
        if layout.label == 0:
            return row.split(layout.separator, 1)[0].strip()
        if layout.label == layout.columns - 1:
            return row.rsplit(layout.separator, 1)[-1].strip()
    fields = _fields(row, layout.separator)
    return fields[layout.label].strip() if layout.label < len(fields) else ""


def _labels(values: list[str], cancelled: Cancelled | None) -> NDArray[Any]:
    if all(NUMBER.fullmatch(value) for block in blocks(len(values), cancelled, ROWS) for value in values[block]):
        numbers = np.array(values, np.float64)
        return numbers.astype(np.int64) if (np.isfinite(numbers) & (numbers == np.rint(numbers))).all() else numbers
    return np.array(values)


def _bad_row(path: Path, rows: list[str], layout: TableLayout, done: int, error: ValueError) -> DataError:
    """The error that says which row of a block is wrong, and how."""
    for at, row in enumerate(rows):
        fields = _fields(row, layout.separator)
        if len(fields) != layout.columns:
            return _uneven(path, done + at + 1, layout.columns, len(fields))
        for column, field in enumerate(fields):
            if column != layout.label and not NUMBER.fullmatch(field):
                place = f"{path}: row {done + at + 1:,}, column {column + 1:,}"
                return DataError(f"{place}: expected a number, got {field.strip()[:40]!r}")
    return DataError(f"{path}: expected rows of numbers, got: {' '.join(str(error).split())[:200]}")


def _uneven(path: Path, row: int, expected: int, got: int) -> DataError:
    return DataError(f"{path}: row {row:,}: expected {counted(expected, 'value')}, got {got:,}")


def _separator(line: str) -> str | None:
    """The separator of values: the one that splits the row into the most."""
    found = max((",", ";", "\t"), key=line.count)
    return found if line.count(found) else None


def _fields(line: str, separator: str | None) -> list[str]:
    fields = line.strip("\r\n").split(separator)
    return [field.strip().strip('"') for field in fields]


@contextmanager
def _text(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a table, unpacked if necessary."""
    with ExitStack() as stack:
        file: Any = stack.enter_context(open_regular(path))
        packed = path.stat().st_size
        head = file.read(2)
        file.seek(0)
        most = LARGEST_DATA
        if head == b"\x1f\x8b":
            file = stack.enter_context(gzip.GzipFile(fileobj=file))
            most = min(most, max(2**26, packed * DENSEST))
        elif head == b"PK":
            zipped = stack.enter_context(zipfile.ZipFile(file))
            tables = [one for one in zipped.infolist() if one.filename.lower().endswith((".csv", ".tsv", ".txt"))]
            tables = [one for one in tables if not one.filename.startswith("__MACOSX")]
            if len(tables) != 1:
                raise DataError(f"{path}: expected one table in the archive, got {len(tables)}")
            file = stack.enter_context(zipped.open(tables[0]))
            most = min(most, max(2**26, packed * DENSEST))
        text = stack.enter_context(io.TextIOWrapper(file, "utf-8-sig", "replace", newline=None))
        yield _lines(path, text, most)


def _lines(path: Path, text: io.TextIOWrapper, most: int) -> Iterator[str]:
    total = 0
    while line := text.readline(LONGEST_ROW):
        total += len(line)
        if len(line) == LONGEST_ROW:
            raise DataError(f"{path}: expected rows of at most {LONGEST_ROW:,} letters, got a longer one")
        if total > most:
            raise DataError(f"{path}: expected at most {most / 2**20:,.0f} MiB of text, got more")
        if "\0" in line:
            raise DataError(f"{path}: expected text, got null bytes")
        yield line


READER = Reader("Tables (CSV)", "a table of numbers", PATTERNS, recognises, contents)
