"""Finds the weights of a layer in a Keras file: by name in older files, by number in newer ones."""

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
"""Most groups that may be nested within each other."""


class Stored(Protocol):
    """The weights of a file."""

    def take(self, layer: Layered, wanted: Mapping[str, Shape]) -> dict[str, Array]:
        """The arrays of a layer, as float32.

        Parameters
        ----------
        layer : Layered
        wanted : mapping of str to tuple of int
            Name of each array, and the shape that follows from the layer's settings; in Keras's order.

        Raises
        ------
        UnknownNodeError
            The file has other arrays for the layer.
        CheckpointError
            The file is damaged, or an array has NaN in it.
        """


class ByNumber:
    """Weights by number, as in ``.weights.h5`` and ``.keras``: ``layers/conv2d/vars/0``.

    Parameters
    ----------
    file : Guarded
    widened : dict of str to None
        Collects the types of weights that are converted to float32.
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
    """Weights by name, as in the older ``.h5``: ``model_weights/conv2d/…/conv2d/kernel:0``.

    Parameters
    ----------
    file : Guarded
    widened : dict of str to None
        Collects the types of weights that are converted to float32.
    """

    def __init__(self, file: Guarded, widened: dict[str, None]) -> None:
        self._file, self._widened = file, widened
        self._known: dict[str, dict[tuple[str, ...], None]] = {}

    def take(self, layer: Layered, wanted: Mapping[str, Shape]) -> dict[str, Array]:
        outer = layer.trail[0]
        if outer not in self._known:
            self._known[outer] = dict.fromkeys(self._values(f"model_weights/{outer}", ()))
        found = list(self._known[outer])
        if len(layer.trail) > 1:  # in a nested model, only the arrays in the layer's own group are the layer's
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
        """Every array in a group, as the path of names that leads to it."""
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
        raise UnknownNodeError(f"it expects weights of float16, float32 or float64, got {dtype.name}")
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
