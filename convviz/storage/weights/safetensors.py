"""Reads safetensors files: eight bytes with the length of a header, the header as JSON, then plain numbers.

The header gives the name, type, shape and place of every array. Nothing in it is trusted: places must lie within the
file, and have the length that type and shape require.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from convviz.core.arrays import Array
from convviz.files.inputs import open_regular
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.model_bytes import open_model
from convviz.storage.formats.said import printable, shape_words
from convviz.storage.weights.weight_file import (
    MOST_ARRAYS,
    StoredArray,
    WeightFile,
    finite,
    in_order,
    stored,
)

WHAT = "a safetensors file"
LONGEST = 2**24
"""Most bytes of a header."""
FLOATS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
SIZES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}
REMARKS = "__metadata__"
"""Where a header has texts about the file."""


def recognises(path: Path) -> bool:
    """Whether a file begins like safetensors: with the length of a header, and a brace."""
    try:
        with open_regular(path) as file:
            head, size = file.read(9), file.seek(0, os.SEEK_END)
    except (OSError, ValueError):
        return False
    return len(head) == 9 and head[8:] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= size - 8


@contextmanager
def opened(path: Path) -> Iterator[WeightFile]:
    """Open a file; :mod:`convviz.storage.weights.weight_file` lists the errors that it raises."""
    with open_model(path, WHAT) as file:
        header, start, size = header_of(path, file)
        places = {name: place(path, name, given, size - start) for name, given in header.items() if name != REMARKS}
        arrays = [one for one, _, _ in places.values() if one.dtype in SIZES]

        def read(name: str) -> Array:
            array, begin, end = places[name]
            file.seek(start + begin)
            contents = file.read(end - begin)
            if len(contents) != end - begin:
                raise CheckpointError(
                    f"{path}: {printable(name)}: expected {end - begin:,} bytes, got {len(contents):,}"
                )
            return finite(str(path), name, numbers(contents, array))

        yield WeightFile("safetensors", in_order(arrays), "pytorch", read)


def remarks(path: Path) -> dict[str, str]:
    """The metadata, texts by their keys, that its writer put into a file; empty if the file can't be read."""
    try:
        with open_regular(path) as file:
            found = header_of(path, file)[0].get(REMARKS)
    except (OSError, ValueError, CheckpointError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def header_of(path: Path, file: BinaryIO) -> tuple[dict[str, Any], int, int]:
    """The header, where the numbers begin, and the size of the file."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or not 2 <= length <= size - 8:
        raise CheckpointError(f"{path}: expected {WHAT}, whole and undamaged, got a header of {length:,} bytes")
    if length > LONGEST:
        raise CheckpointError(f"{path}: expected a header of at most {LONGEST:,} bytes, got {length:,}")

    def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("the same name twice")
        return found

    try:
        header = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=without_twins)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: expected a header as JSON, got: {printable(str(error), 80)}") from None
    if not isinstance(header, dict) or len(header) > MOST_ARRAYS:
        raise CheckpointError(f"{path}: expected a header that names at most {MOST_ARRAYS:,} arrays, got another one")
    return header, 8 + length, size


def place(path: Path, name: str, given: Any, size: int) -> tuple[StoredArray, int, int]:
    """Check the header's entry for an array; returns the array, and where it begins and ends after the header."""
    where = f"{path}: {printable(name)}"
    if not isinstance(given, dict) or not isinstance(given.get("dtype"), str):
        raise CheckpointError(f"{where}: expected a type, a shape and a place, got something else")
    shape: Any = given.get("shape")
    offsets: Any = given.get("data_offsets")
    for numbers, what in ((shape, "a shape"), (offsets, "a place")):
        if not isinstance(numbers, list) or not all(type(one) is int and one >= 0 for one in numbers):
            raise CheckpointError(f"{where}: expected {what} as whole numbers of 0 or more, got something else")
    if len(offsets) != 2 or not offsets[0] <= offsets[1] <= size or len(shape) > 32:
        raise CheckpointError(f"{where}: expected a place within the file's {size:,} bytes, got {offsets}")
    kind = str(given["dtype"])
    dtype = FLOATS.get(kind, kind)
    length = offsets[1] - offsets[0]
    if dtype in SIZES and math.prod(shape) * SIZES[dtype] != length:
        declared = f"{shape_words(tuple(shape)) or 'one'} {dtype}"
        raise CheckpointError(f"{where}: expected as many bytes as {declared} needs, got {length:,}")
    return stored(name, tuple(shape), printable(dtype, 20)), offsets[0], offsets[1]


def numbers(contents: bytes, array: StoredArray) -> Array:
    """Bytes as float32 or float64."""
    if array.dtype == "bfloat16":  # the upper half of a float32
        halves = np.frombuffer(contents, "<u2").astype(np.uint32) << 16
        return halves.view(np.float32).reshape(array.shape)
    found = np.frombuffer(contents, np.dtype(array.dtype).newbyteorder("<")).reshape(array.shape)
    return found.astype(np.float64 if array.dtype == "float64" else np.float32)
