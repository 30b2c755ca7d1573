"""Finds the names of the classes in an HDF5 file: in a data set of texts, or in an attribute."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.importing.labels import LONGEST_NAME
from convviz.data.importing.names import words_of
from convviz.data.readers.hdf5_declared import explained, plain

__all__ = ["CLASS_NAMES", "MOST_NAMES", "class_names_of"]

CLASS_NAMES = "class_names"
"""The data set into which convviz itself writes the names."""
MOST_NAMES = 10_000
MOST_BYTES = 2**24
"""Of all names together: a few bytes of a file can declare texts of any length."""
MOST_ATTRIBUTES = 256
WORDS = ({"class", "names"}, {"list", "classes"}, {"label", "names"}, {"names"}, {"classes"}, {"categories"})
"""Words in the name of a data set or attribute that lists the classes."""


def class_names_of(path: Path, file: Any, found: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the classes; empty if no list of texts has such a name.

    Parameters
    ----------
    path : Path
        For messages.
    file : h5py.File
        Its attributes are searched too.
    found : mapping of str to h5py.Dataset
        Data sets by their names, which include the groups that they are in.

    Raises
    ------
    DataError
        The list can't be read.
    """
    for wanted in WORDS:
        for name, one in found.items():
            if wanted == set(words_of(name.rsplit("/", 1)[-1])) and one.dtype.kind in "OS" and len(one.shape) == 1:
                if one.shape[0] * one.dtype.itemsize > MOST_BYTES or one.shape[0] > MOST_NAMES:
                    continue
                with explained(f"{path}: {name}"):
                    return _texts(one[()])
        with explained(f"{path}: attributes"):
            for name in islice(file.attrs, MOST_ATTRIBUTES):
                if wanted == set(words_of(name)):
                    values = np.asarray(file.attrs[name])
                    if values.dtype.kind in "OSU" and values.ndim == 1 and len(values) <= MOST_NAMES:
                        return _texts(values)
    return ()


def _texts(values: NDArray[Any]) -> tuple[str, ...]:
    texts = (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values.tolist())
    return tuple(plain(text)[:LONGEST_NAME] or str(at) for at, text in enumerate(texts))
