"""Where a Keras file has the weights of a layer: by name in older files, by number in newer ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.plurals import counted
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.guarded import Guarded
from convviz.storage.formats.keras.model import Layered
from convviz.storage.formats.making import UnknownNodeError
from convviz.storage.formats.said import shape_words

FLOATS = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64))
MOST_DEEP = 24
"""Groups within groups."""


class Stored(Protocol):
    """The weights of a file."""

    def take(self, layer: Layered, wanted: Mapping[str, Shape]) -> dict[str, Array]:
        """The arrays of a layer, as float32.

        Parameters
        ----------
        layer : Layered
        wanted : mapping of str to tuple of int
            Name of each, and the shape that the layer's settings give it; in Keras's order.

        Raises
        ------
        UnknownNodeError
            There are others.
        CheckpointError
            The file is damaged, or has NaN in them.
        """


class ByNumber:
    """``layers/conv2d/vars/0``, as in ``.weights.h5`` and in ``.keras``.

    Parameters
    ----------
    file : Guarded
    widened : dict of str to None
        Gets the types that became float32.
    """

    def __init__(self, file: Guarded, widened: dict[str, None]) -> None:
        self._file, self._widened = file, widened

    def take(self, layer: Layered, wanted: Mapping[str, Shape]) -> dict[str, Array]:
        group = f"{layer.place}/vars"
        there = set(self._file.members(group))
        if there != {str(number) for number in range(len(wanted))}:
            raise UnknownNodeError(f"it expects {listed(wanted)} in the file, got {counted(len(there), 'array')}")
        return {
            name: read(self._file, f"{group}/{number}", shape, self._widened)
            for number, (name, shape) in enumerate(wanted.items())
        }


class ByName:
    """``model_weights/conv2d/…/conv2d/kernel:0``, as in the older ``.h5``.

    Parameters
    ----------
    file : Guarded
    widened : dict of str to None
        Gets the types that became float32.
    """

    def __init__(self, file: Guarded, widened: dict[str, None]) -> None:
        self._file, self._widened = file, widened
        self._known: dict[str, dict[tuple[str, ...], None]] = {}

    def take(self, layer: Layered, wanted: Mapping[str, Shape]) -> dict[str, Array]:
        outer = layer.trail[0]
        if outer not in self._known:
            self._known[outer] = dict.fromkeys(self._values(f"model_weights/{outer}", ()))
        found = list(self._known[outer])
        if len(layer.trail) > 1:  # of a model within the model: those that lie in the layer's own group
            found = [one for one in found if layer.name in one[:-1]]
        places: dict[str, tuple[str, ...]] = {}
        for one in found:
            name = one[-1].partition(":")[0]
            if name in places:
                raise UnknownNodeError(f"it expects one {name} in the file, got two")
            places[name] = one
        if set(places) != set(wanted):
            got = ", ".join(sorted(places)[:8]) or "none"
            raise UnknownNodeError(f"it expects {listed(wanted)} in the file, got {got}")
        return {
            name: read(self._file, "/".join(("model_weights", outer, *places[name])), shape, self._widened)
            for name, shape in wanted.items()
        }

    def _values(self, group: str, inside: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Every array in a group, as the names on the way to it."""
        found: list[tuple[str, ...]] = []
        for name in self._file.members("/".join((group, *inside))):
            way = (*inside, name)
            if not self._file.is_group("/".join((group, *way))):
                found.append(way)
            elif len(way) > MOST_DEEP:
                raise CheckpointError(f"{self._file.path}: {group}: expected at most {MOST_DEEP} groups in one another")
            else:
                found += self._values(group, way)
        return found


def read(file: Guarded, name: str, shape: Shape, widened: dict[str, None]) -> Array:
    """An array of the expected shape, as float32; every number is finite."""
    dtype, got = file.declared(name)
    dtype = dtype.newbyteorder("=")
    if dtype not in FLOATS:
        raise UnknownNodeError(f"its weights are numbers of float16, float32 or float64 here, got {dtype.name}")
    if got != shape:
        raise UnknownNodeError(f"it expects {shape_words(shape)} weights, got {shape_words(got)}")
    array = file.array(name, shape, dtype)
    if dtype != np.float32:
        widened[dtype.name] = None
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
        if not np.isfinite(array).all():
            raise UnknownNodeError("its weights don't fit into 32 bits")
    return array


def listed(wanted: Sequence[str] | Mapping[str, Shape]) -> str:
    """``kernel and bias``."""
    names = list(wanted)
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names) or "no arrays"
