"""The numbers of a recording as bytes: little-endian arrays, one after the other."""

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
"""Stands for the number of right answers in minibatches that were trained before recording began."""


def minibatch_dtype(precision: npt.DTypeLike) -> np.dtype[Any]:
    """What is kept of every minibatch: its loss, exactly, and how many of its images were classified correctly."""
    return np.dtype([("loss", np.dtype(precision).newbyteorder("<")), ("right", "<u4")])


def packed_minibatches(losses: Numbers, right: Numbers, precision: npt.DTypeLike) -> bytes:
    """Minibatches in a row as bytes."""
    rows = np.empty(len(losses), minibatch_dtype(precision))
    rows["loss"], rows["right"] = losses, right
    return rows.tobytes()


@dataclass(frozen=True, slots=True)
class Room:
    """Memory of one key point.

    Parameters
    ----------
    contents : memoryview
        All of it.
    places : mapping of str to ndarray
        Where each array lies in it.
    """

    contents: memoryview
    places: Mapping[str, Array]

    def fill(self, arrays: Mapping[str, Array]) -> None:
        """Copy all arrays into it."""
        for name, place in self.places.items():
            place[...] = arrays[name]


class ArrayLayout:
    """Where each array of a network lies in a key point: in the order of :func:`array_specs`, as in checkpoints.

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
        """A copy of all arrays."""
        room = self.room()
        room.fill(arrays)
        return room.contents

    def unpack(self, contents: bytes | memoryview) -> dict[str, Array]:
        """The arrays of :meth:`pack`.

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
