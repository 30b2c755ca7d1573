"""Reads the arrays of any HDF5 file: data sets of any name, also in groups, and MATLAB's version 7.3."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, RawArray
from convviz.data.readers.hdf5_chunks import ChunkRows
from convviz.data.readers.hdf5_declared import check_chunk_size, check_chunks, explained, plain
from convviz.data.readers.hdf5_names import MOST_NAMES, class_names_of
from convviz.files.cancel import Cancelled, go_on

__all__ = ["contents_of"]

MOST_ARRAYS = 256
DEEPEST = 4
MATLAB = b"MATLAB 7.3"


@contextmanager
def contents_of(
    path: Path, opened: Callable[[Path], AbstractContextManager[Any]], cancelled: Cancelled | None = None
) -> Iterator[Contents]:
    """The arrays of an HDF5 file, without links to other files and data sets whose values are in other files.

    Parameters
    ----------
    path : Path
    opened : callable
        Opens the file with h5py.
    cancelled : callable, optional
        Called repeatedly while large chunks are decompressed.
    """
    with path.open("rb") as raw:
        matlab = raw.read(len(MATLAB)) == MATLAB
    with opened(path) as file:
        found: dict[str, Any] = {}
        _walk(path, file, "", found, 0)
        names = class_names_of(path, file, found)
        arrays = tuple(
            _raw(path, name, one, cancelled)
            for name, one in found.items()
            if one.shape and one.dtype.kind in "biufOS" and 0 not in one.shape
        )
        # MATLAB orders axes the other way round: its array (row, column, channel, image) is stored transposed.
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
                _ = one.dtype, one.shape  # raises for a damaged one
                found[full] = one
            if len(found) >= MOST_ARRAYS:
                return


def _raw(path: Path, name: str, found: Any, cancelled: Cancelled | None) -> RawArray:
    what = f"{path}: {name}"
    with explained(what):
        stored, chunks, shape, dtype = found.id.get_storage_size(), found.chunks, found.shape, found.dtype
    checked = False
    unpacked = ChunkRows(found, lambda: go_on(cancelled))

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
            return unpacked.rows(start, stop)

    return RawArray(name, tuple(int(length) for length in shape), dtype, stored, load)
