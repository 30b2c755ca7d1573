"""The interface of a data set format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from convviz.data.dataset import Dataset
from convviz.data.sources import ImageSpec
from convviz.files.cancel import Cancelled

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """A format of data sets.

    Parameters
    ----------
    title : str
        Its name in a list of formats: ``HDF5 data sets``.
    what : str
        Its name in a sentence: ``an HDF5 file``.
    patterns : tuple of str
        Patterns of file names: ``*.h5``.
    recognises : callable
        Whether a path has this format, judged by its first bytes; raises nothing.
    read : callable
        Reads it; takes path, requirements on the images, ``progress`` and ``cancelled``. Raises a ``DataError`` with
        one sentence, or a ``LoadCancelledError``.
    """

    title: str
    what: str
    patterns: tuple[str, ...]
    recognises: Callable[[Path], bool]
    read: Callable[[Path, ImageSpec, Progress | None, Cancelled | None], Dataset]
