"""The interface of a data set format."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from convviz.data.dataset import Dataset
from convviz.data.importing.contents import Contents
from convviz.data.sources import ImageSpec
from convviz.files.cancel import Cancelled

__all__ = ["Progress", "Reader"]

Progress = Callable[[float], None]
OwnForm = Callable[[Path, ImageSpec, Progress | None, Cancelled | None], Dataset]


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
        Tells whether a path has this format, judged by its first bytes; raises nothing.
    contents : callable
        Opens a path for reading while its context lasts. Opening it, and reading from it later, raises a ``DataError``
        with one sentence, or a ``LoadCancelledError``.
    read : callable, optional
        Reads files in the format's own well-known form, in which nothing has to be guessed and every deviation is
        refused; takes path, requirements on the images, ``progress`` and ``cancelled``.
    """

    title: str
    what: str
    patterns: tuple[str, ...]
    recognises: Callable[[Path], bool]
    contents: Callable[[Path, Cancelled | None], AbstractContextManager[Contents]]
    read: OwnForm | None = None
