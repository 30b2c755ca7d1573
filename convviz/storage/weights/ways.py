"""The ways in which an array of a file becomes a parameter of a design: as it is, or with its axes reordered."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.core.design import Design
from convviz.core.layers import ConvTranspose2D, Flatten, Layer, Slice
from convviz.core.lower import lower
from convviz.core.wiring import is_chain, wired
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.weights.weight_file import Convention

Way = Literal["as it is", "filters last", "filter by channel", "units first", "rows reordered", "channels last"]
"""Names of the ways; ``WORDS`` explains each."""
WORDS: Mapping[Way, str] = MappingProxyType(
    {
        "as it is": "as it is",
        "filters last": "turned, from height × width × channels × filters",
        "filter by channel": "turned, from height × width × channels × filters for each",
        "units first": "turned, from units × features",
        "rows reordered": "its rows put in the order of channels first",
        "channels last": "turned, from height × width × channels",
    }
)


def way_for(leaf: str, wanted: Shape, given: Shape, convention: Convention, maps: Shape = ()) -> Way | None:
    """The way in which an array becomes a parameter; None if it doesn't fit.

    Parameters
    ----------
    leaf : str
        Which parameter it is: ``weight``, ``bias`` …
    wanted, given : tuple of int
        The shape of the parameter, and that of the array.
    convention : str
        Whose order of axes the file has. It decides if several ways fit.
    maps : tuple of int
        Channels, height and width of the maps that were flattened to a dense layer's features, if the file has their
        channels last.
    """
    fits: list[Way] = []
    if leaf == "weight" and len(wanted) == len(given) == 4:
        filters, channels, *kernel = wanted
        if given == (*kernel, channels, filters):
            fits.append("filters last")
        if channels == 1 and given[:2] == tuple(kernel) and given[2] * given[3] == filters:
            fits.append("filter by channel")
        if convention == "keras":
            # Keras's depthwise kernels are (KH, KW, channels, filters per channel): preferred if both ways fit.
            return max(fits, key=lambda one: one == "filter by channel") if fits else direct(wanted, given)
        return direct(wanted, given) or next(iter(fits), None)
    if leaf == "weight" and len(wanted) == len(given) == 2:
        is_turned = given == wanted[::-1]
        if convention == "pytorch":
            return "units first" if is_turned else direct(wanted, given)
        if given == wanted:
            return "rows reordered" if is_mixed(maps) else "as it is"
        return "units first" if is_turned else None
    if (
        len(wanted) == len(given) == 3
        and given == (*wanted[1:], wanted[0])
        and (convention == "keras" or wanted != given)
    ):
        return "channels last"
    if leaf == "slope" and tuple(n for n in given if n != 1) == tuple(n for n in wanted if n != 1) and not maps:
        return "as it is"
    if leaf in ("scale", "shift", "slope") and maps and wanted == given == (math.prod(maps),) and is_mixed(maps):
        return "rows reordered"
    return direct(wanted, given)


def is_mixed(maps: Shape) -> bool:
    """Whether channels first and channels last give features of these maps in different orders."""
    return bool(maps) and maps[0] > 1 and maps[1] * maps[2] > 1


def direct(wanted: Shape, given: Shape) -> Way | None:
    """The way "as it is" if the shapes are equal, else None."""
    return "as it is" if wanted == given else None


def turned(array: Array, way: Way, wanted: Shape, maps: Shape = ()) -> Array:
    """An array of a file, with its axes in the order of a parameter of shape ``wanted``."""
    turns: dict[Way, Callable[[], Array]] = {
        "as it is": lambda: array.reshape(wanted),
        "filters last": lambda: array.transpose(3, 2, 0, 1),
        "filter by channel": lambda: array.transpose(2, 3, 0, 1).reshape(wanted),
        "units first": lambda: array.T,
        "rows reordered": lambda: array.reshape(*maps[1:], maps[0], -1).transpose(2, 0, 1, 3).reshape(wanted),
        "channels last": lambda: array.transpose(2, 0, 1),
    }
    return np.ascontiguousarray(turns[way]())


def turned_back(array: Array, way: Way, maps: Shape = (), groups: int = 1) -> Array:
    """The inverse of :func:`turned`: a parameter, with its axes in another program's order."""
    turns: dict[Way, Callable[[], Array]] = {
        "as it is": lambda: array,
        "filters last": lambda: array.transpose(2, 3, 1, 0),
        "filter by channel": lambda: array.reshape(groups, -1, *array.shape[2:]).transpose(2, 3, 0, 1),
        "units first": lambda: array.T,
        "rows reordered": lambda: array.reshape(*maps, -1).transpose(1, 2, 0, 3).reshape(array.shape),
        "channels last": lambda: array.transpose(1, 2, 0),
    }
    return np.ascontiguousarray(turns[way]())


def flattened(design: Design) -> dict[str, Shape]:
    """Layer that reads flattened maps → channels, height and width of these maps.

    Layers without weights between the Flatten and the reader, such as an activation or dropout, don't matter.
    """
    found = wired(design)
    shapes = {name: spec.shape for name, spec in lower(design, 1, train=False).arrays.items()}
    weighing = {name.rpartition(".")[0] for name in forward_arrays(design)}
    maps: dict[str, Shape] = {}
    for name, one in found.items():
        if len(one.reads) != 1 or one.reads[0] not in found:
            continue
        before = found[one.reads[0]]
        if isinstance(before.layer, Flatten):
            maps[name] = shapes[before.inputs[0]][1:]
        elif before.layer.name in maps and before.layer.name not in weighing:
            maps[name] = maps[before.layer.name]
    return maps


def rows_are_first(design: Design) -> bool:
    """Whether the exported Keras code has rows of features in the order of maps with channels first.

    It does in branched designs, and if a layer takes a part of a row, because the design counts features in that order.
    """
    layers = design.named().layers
    flat = next((at for at, layer in enumerate(layers) if isinstance(layer, Flatten)), len(layers))
    return not is_chain(layers) or any(isinstance(layer, Slice) for layer in layers[flat:])


def becomes_another(layer: Layer) -> bool:
    """Whether a layer becomes one of another class in Keras: a transposed convolution that Keras's class can't express.

    It is exported as a convolution over maps with zeros between their cells.
    """
    if not isinstance(layer, ConvTranspose2D):
        return False
    return layer.groups > 1 or (layer.window.dilation != (1, 1) and layer.window.stride != (1, 1))
