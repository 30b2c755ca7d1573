"""An open file of arrays: their names, shapes and types, and a function that reads one of them.

The module of each format opens its files with ``opened``, which raises a ``CheckpointError`` of one sentence: the file,
the array, what was expected and what came.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.plurals import counted
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.said import printable

Convention = Literal["convviz", "pytorch", "keras", ""]
"""Whose order of axes the arrays have; empty if nothing in the file says so."""
MOST_ARRAYS = 100_000
NUMBERED = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array of a file, before it is read.

    Parameters
    ----------
    name : str
        Its name in the file.
    layer : str
        The part of the name that says which layer it belongs to.
    leaf : str
        The part of the name that says what it is in that layer: ``weight``, ``kernel``, ``running_mean``.
    shape : tuple of int
    dtype : str
        ``float32``, ``bfloat16`` …
    """

    name: str
    layer: str
    leaf: str
    shape: Shape
    dtype: str


@dataclass(frozen=True, slots=True, eq=False)
class WeightFile:
    """An open file of arrays.

    Parameters
    ----------
    kind : str
        ``safetensors``, ``NPZ`` …
    arrays : tuple of StoredArray
        Only arrays of floating-point numbers, in the file's order or, if it has none, that of their names.
    convention : str
    read : callable
        Takes a name; returns the array as float32 or float64, every number finite. Raises a ``CheckpointError``.
    rows_first : bool
        Whether rows of features are in the order of maps with channels first, although the convention is channels last.
    """

    kind: str
    arrays: tuple[StoredArray, ...]
    convention: Convention
    read: Callable[[str], Array]
    rows_first: bool = False


def stored(name: str, shape: Shape, dtype: str) -> StoredArray:
    """An array whose name, ``layer.leaf`` or ``layer/leaf``, gives its layer and leaf."""
    cut = max(name.rfind("."), name.rfind("/"))
    return StoredArray(name, name[:cut] if cut > 0 else "", name[cut + 1 :].partition(":")[0], shape, dtype)


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key by which ``conv2`` comes before ``conv10``."""
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in NUMBERED.split(name) if part)


def in_order(arrays: list[StoredArray]) -> tuple[StoredArray, ...]:
    """Arrays in the order of their names."""
    return tuple(sorted(arrays, key=lambda one: natural(one.name)))


def finite(where: str, name: str, array: Array) -> Array:
    """Refuse an array with numbers that are not finite; returns the array.

    Raises
    ------
    CheckpointError
    """
    bad = int(array.size - np.isfinite(array).sum())
    if bad:
        raise CheckpointError(
            f"{where}: {printable(name)}: expected finite numbers, got NaN or infinity in {bad:,} of "
            f"{counted(array.size, 'cell')}",
            field=name,
        )
    return array
