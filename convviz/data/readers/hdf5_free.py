"""The arrays of any HDF5 file: data sets of any name, in groups, and MATLAB's version 7.3."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, RawArray
from convviz.data.importing.names import words_of
from convviz.data.readers.hdf5_declared import check_chunk_size, check_chunks, explained, plain

__all__ = ["contents_of"]

MOST_ARRAYS = 256
DEEPEST = 4
MOST_NAMES = 10_000
MATLAB = b"MATLAB 7.3"
NAMES = ({"class", "names"}, {"list", "classes"}, {"label", "names"}, {"names"}, {"classes"}, {"categories"})
"""Words of the name of a data set or attribute that lists the classes."""


@contextmanager
def contents_of(path: Path, opened: Callable[[Path], AbstractContextManager[Any]]) -> Iterator[Contents]:
    """What an HDF5 file holds; links to other files and values that lie elsewhere are left out.

    Parameters
    ----------
    path : Path
    opened : callable
        Opens the file with h5py.
    """
    with path.open("rb") as raw:
        matlab = raw.read(len(MATLAB)) == MATLAB
    with opened(path) as file:
        found: dict[str, Any] = {}
        _walk(path, file, "", found, 0)
        names = _class_names(path, file, found)
        arrays = tuple(
            _raw(path, name, one)
            for name, one in found.items()
            if one.shape and one.dtype.kind in "biufOS" and 0 not in one.shape
        )
        # MATLAB counts axes the other way round: an image (row, column, channel, image) is stored as its transpose.
        form = "MATLAB 7.3 (HDF5)" if matlab else "HDF5"
        axes = ""
        if matlab:
            axes = "CWH" if any(len(array.shape) == 4 for array in arrays) else "WH"
        yield Contents(form, arrays, {}, names, axes)


def _walk(path: Path, group: Any, prefix: str, found: dict[str, Any], depth: int) -> None:
    import h5py

    with explained(f"{path}: {prefix or '/'}"):
        for name in islice(group, MOST_ARRAYS):
            if not isinstance(group.get(name, getlink=True), h5py.HardLink) or name.startswith("#"):
                continue
            one = group[name]
            full = f"{prefix}{plain(name)}"
            if isinstance(one, h5py.Group) and depth < DEEPEST:
                _walk(path, one, f"{full}/", found, depth + 1)
            elif isinstance(one, h5py.Dataset) and not one.is_virtual and not one.external:
                found[full] = one
            if len(found) >= MOST_ARRAYS:
                return


def _raw(path: Path, name: str, found: Any) -> RawArray:
    what = f"{path}: {name}"
    with explained(what):
        stored, chunks, shape, dtype = found.id.get_storage_size(), found.chunks, found.shape, found.dtype
    checked = False

    def load(start: int, stop: int) -> NDArray[Any]:
        nonlocal checked
        if not checked:
            if stored == 0:
                raise DataError(f"{what}: expected values, got a declaration without any value written", field=name)
            size = math.prod(shape)
            check_chunk_size(what, name, chunks, dtype, size * max(4, dtype.itemsize))
            if chunks:
                check_chunks(what, name, found, shape, chunks)
            if dtype.kind == "O" and size > MOST_NAMES * 100:
                raise DataError(f"{what}: expected at most {MOST_NAMES * 100:,} texts, got {size:,}", field=name)
            checked = True
        with explained(what):
            return np.asarray(found[start:stop])

    return RawArray(name, tuple(int(length) for length in shape), dtype, stored, load)


def _class_names(path: Path, file: Any, found: dict[str, Any]) -> tuple[str, ...]:
    """Names of the classes, from a data set or an attribute that is called so."""
    for wanted in NAMES:
        for name, one in found.items():
            if wanted == set(words_of(name.rsplit("/", 1)[-1])) and one.dtype.kind in "OS" and len(one.shape) == 1:
                if one.shape[0] > MOST_NAMES:
                    continue
                with explained(f"{path}: {name}"):
                    return _texts(one[()])
        with explained(f"{path}: attributes"):
            for name in islice(file.attrs, MOST_ARRAYS):
                if wanted == set(words_of(name)):
                    values = np.asarray(file.attrs[name])
                    if values.dtype.kind in "OSU" and values.ndim == 1 and len(values) <= MOST_NAMES:
                        return _texts(values)
    return ()


def _texts(values: NDArray[Any]) -> tuple[str, ...]:
    texts = (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values.tolist())
    return tuple(plain(text) or str(at) for at, text in enumerate(texts))
