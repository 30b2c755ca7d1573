"""Reads NPZ files of any arrays: zip archives of ``.npy`` files, of which first only the headers are read."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.npz import DESIGN, LONGEST_HEADER, explained
from convviz.storage.formats.npz import opened as archive_of
from convviz.storage.formats.said import printable
from convviz.storage.weights.weight_file import MOST_ARRAYS, WeightFile, finite, stored

DENSEST = 1024
"""Most bytes that one compressed byte may become, as zeros do in zip; an array that declares more is refused unread."""
FLOATS = ("float16", "float32", "float64")
CALLED = frozenset({"weight", "kernel", "bias", "gamma", "scale"})
"""Names of weights, of which nearly every program's files contain one."""


def recognises(path: Path) -> bool:
    """Whether a file is a zip archive of ``.npy`` files, at least one of which has a name of weights."""
    try:
        with archive_of(path) as archive:
            names = archive.namelist()
            leaves = {stored(name.removesuffix(".npy"), (), "").leaf for name in names}
            return all(name.endswith(".npy") for name in names) and bool(leaves & CALLED)
    except CheckpointError:
        return False


@contextmanager
def opened(path: Path) -> Iterator[WeightFile]:
    """Open a file; :mod:`convviz.storage.weights.weight_file` lists the errors that it raises."""
    with archive_of(path) as archive:
        members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        if len(members) > MOST_ARRAYS:
            raise CheckpointError(f"{path}: expected at most {MOST_ARRAYS:,} arrays, got {len(members):,}")
        known = {info.filename.removesuffix(".npy"): info for info in members}
        heads = {name: head(path, archive, name, info) for name, info in known.items() if name != DESIGN}
        arrays = [stored(name, shape, dtype.name) for name, (shape, _, dtype) in heads.items() if dtype.name in FLOATS]

        def read(name: str) -> Array:
            shape, fortran, dtype = heads[name]
            with explained(path, name), archive.open(known[name]) as file:
                header_of(file)
                size = math.prod(shape) * dtype.itemsize
                contents = file.read(size)
            if len(contents) != size:
                raise CheckpointError(f"{path}: {printable(name)}: expected {size:,} bytes, got {len(contents):,}")
            values = np.frombuffer(contents, dtype).reshape(shape, order="F" if fortran else "C")
            return finite(str(path), name, values.astype(np.float64 if dtype.itemsize == 8 else np.float32))

        kept = tuple(arrays)  # in the order in which they were given
        yield WeightFile("NPZ", kept, "convviz" if DESIGN in known else "", read)


def head(path: Path, archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> tuple[Shape, bool, np.dtype[Any]]:
    """Shape, order and type of an array; refuses one that declares implausibly many bytes."""
    with explained(path, name):
        with archive.open(info) as file:
            shape, fortran, dtype = header_of(file)
        size = math.prod(shape) * dtype.itemsize
        if size > max(info.compress_size, 1) * DENSEST:
            raise ValueError(f"{size:,} bytes declared, and {info.compress_size:,} in the file")
    return shape, fortran, dtype


def header_of(file: IO[bytes]) -> tuple[Shape, bool, np.dtype[Any]]:
    """Read the header of a ``.npy`` file."""
    version = np.lib.format.read_magic(file)
    reader = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}.get(version)
    if reader is None:
        raise ValueError(f"a .npy header of version {version}")
    shape, fortran, dtype = reader(file, max_header_size=LONGEST_HEADER)
    return shape, fortran, dtype
