"""Opens data sets of every format, for the command line, the window and Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from convviz.data.builtin import load_builtin
from convviz.data.dataset import Dataset
from convviz.data.errors import DataError
from convviz.data.readers import READERS
from convviz.data.sources import BuiltinDigits, DataFile, DataSource, ImageSpec, ToyImages
from convviz.data.toy import load_toy
from convviz.files.sniff import what_is_there

__all__ = ["dialog_filter", "open_data", "open_source"]


def open_data(
    path: Path,
    like: ImageSpec,
    *,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Dataset:
    """Open a file or folder: find out its format, read it, check everything.

    Parameters
    ----------
    path : Path
    like : ImageSpec
        Requirements on the images.
    progress : callable, optional
        Called with the progress, 0…1.
    cancelled : callable, optional
        Called every few megabytes; returning True cancels the reading.

    Raises
    ------
    DataError
        One sentence: the file, the field, what was expected and what came.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    for reader in READERS:
        if reader.recognises(path):
            return reader.read(path, like, progress, cancelled)
    # The file's name decides what was expected.
    named = [reader for reader in READERS if any(path.match(pattern) for pattern in reader.patterns)]
    raise DataError(f"{path}: expected {' or '.join(one.what for one in named or READERS)}, {what_is_there(path)}")


def open_source(source: DataSource, *, cancelled: Callable[[], bool] | None = None) -> Dataset:
    """Open the data set of a source.

    Raises
    ------
    DataError, LoadCancelledError
        As for :func:`open_data`.
    """
    match source:
        case DataFile():
            return open_data(source.path, source.like, cancelled=cancelled)
        case BuiltinDigits():
            return load_builtin(cancelled=cancelled)
        case ToyImages():
            return load_toy()
        case Dataset():
            return source


def dialog_filter() -> str:
    """The kinds of files, as a file dialog lists them: ``Data sets (*.h5);;HDF5 (*.h5);;All files (*)``."""
    every = " ".join(pattern for reader in READERS for pattern in reader.patterns)
    each = [f"{reader.title} ({' '.join(reader.patterns)})" for reader in READERS]
    return ";;".join([*([f"Data sets ({every})"] if len(each) > 1 else []), *each, "All files (*)"])
