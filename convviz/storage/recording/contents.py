"""Converts the numbers of a recording to bytes and back: little-endian arrays, one after the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.storage.network_state import array_specs

__all__ = ["COLUMNS", "UNKNOWN", "ArrayLayout", "Numbers", "Room", "minibatch_dtype", "packed_minibatches"]

COLUMNS = ("weight_norm", "gradient_norm", "update_norm", "zero_share", "silent", "units", "saturated")
"""Measures of a layer, in the order in which they are written; :mod:`convviz.training.layer_measures` defines them."""
Numbers = Sequence[float] | Array
UNKNOWN = 2**32 - 1
"""Stands for the unknown number of right answers in a minibatch from before recording began."""


def minibatch_dtype(precision: npt.DTypeLike) -> np.dtype[Any]:
    """Record of a minibatch: its exact loss, and how many of its images were classified correctly."""
    return np.dtype([("loss", np.dtype(precision).newbyteorder("<")), ("right", "<u4")])


def packed_minibatches(losses: Numbers, right: Numbers, precision: npt.DTypeLike) -> bytes:
    """Consecutive minibatches as bytes."""
    rows = np.empty(len(losses), minibatch_dtype(precision))
    rows["loss"], rows["right"] = losses, right
    return rows.tobytes()


@dataclass(frozen=True, slots=True)
class Room:
    """Memory for one key point.

    Parameters
    ----------
    contents : memoryview
        The whole memory.
    places : mapping of str to ndarray
        Each array's name → an array in this memory.
    """

    contents: memoryview
    places: Mapping[str, Array]

    def fill(self, arrays: Mapping[str, Array]) -> None:
        """Copy all arrays into it."""
        for name, place in self.places.items():
            place[...] = arrays[name]


class ArrayLayout:
    """The layout of a network's arrays in a key point: in the order of :func:`array_specs`, one after the other.

    Parameters
    ----------
    design : Design
    precision : dtype
    """

    def __init__(self, design: Design, precision: npt.DTypeLike) -> None:
        self.fields: dict[str, tuple[tuple[int, ...], np.dtype[Any]]] = {
            name: (spec.stored, spec.dtype(np.dtype(precision)).newbyteorder("<"))
            for name, spec in array_specs(design).items()
        }
        self.nbytes = sum(math.prod(shape) * kind.itemsize for shape, kind in self.fields.values())

    def room(self) -> Room:
        """New memory for all arrays."""
        cells = np.empty(self.nbytes, np.uint8)
        places: dict[str, Array] = {}
        at = 0
        for name, (shape, kind) in self.fields.items():
            end = at + math.prod(shape) * kind.itemsize
            places[name] = cells[at:end].view(kind).reshape(shape)
            at = end
        return Room(cells.data, places)

    def pack(self, arrays: Mapping[str, Array]) -> memoryview:
        """Copy all arrays into new memory."""
        room = self.room()
        room.fill(arrays)
        return room.contents

    def unpack(self, contents: bytes | memoryview) -> dict[str, Array]:
        """The arrays that :meth:`pack` copied.

        Raises
        ------
        ValueError
            There are too few or too many bytes.
        """
        if len(contents) != self.nbytes:
            raise ValueError(f"expected {self.nbytes:,} bytes, got {len(contents):,}")
        found: dict[str, Array] = {}
        at = 0
        for name, (shape, kind) in self.fields.items():
            size = math.prod(shape)
            cells = np.frombuffer(contents, kind, size, at).reshape(shape)
            found[name] = cells.astype(kind.newbyteorder("="))
            at += size * kind.itemsize
        return found
