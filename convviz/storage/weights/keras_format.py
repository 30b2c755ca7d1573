"""Writes weights for Keras (``*.weights.h5``), which the exported Keras code reads with ``model.load_weights``.

A file has only the weights, by the class and number of their layers, and no design.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from convviz.core.arrays import Array, Shape
from convviz.core.layers import (
    BatchNorm2D,
    Conv2D,
    ConvTranspose2D,
    Dense,
    GroupNorm,
    InstanceNorm,
    Layer,
    LayerNorm,
    PReLU,
    ScaleShift,
)
from convviz.core.lower import lower
from convviz.core.wiring import wired
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.model_bytes import finite, write_model
from convviz.storage.formats.model_format import ModelFormat, refuse_to_replace
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.network_state import NetworkState
from convviz.storage.weights.keras_file import ROWS_FIRST, WHAT, recognises
from convviz.storage.weights.keras_order import keras_order
from convviz.storage.weights.ways import Way, becomes_another, flattened, rows_are_first, turned_back

CLASSES: Mapping[type[Layer], tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        Conv2D: ("conv2d", ("weight", "bias")),
        ConvTranspose2D: ("conv2d_transpose", ("weight", "bias")),
        Dense: ("dense", ("weight", "bias")),
        BatchNorm2D: ("batch_normalization", ("scale", "shift", "running_mean", "running_variance")),
        GroupNorm: ("group_normalization", ("scale", "shift")),
        InstanceNorm: ("group_normalization", ("scale", "shift")),
        LayerNorm: ("layer_normalization", ("scale", "shift")),
        PReLU: ("p_re_lu", ("slope",)),
        ScaleShift: ("scale", ("scale", "shift")),
    }
)
"""Kind of layer → its class in Keras, in snake case, and its parameters in Keras's order."""


def save(path: Path, state: NetworkState, written_by: str) -> None:
    """Write the weights, all of them or nothing.

    Raises
    ------
    CheckpointError
        A weight is NaN or infinite, Keras has no place for a layer's weights, the existing file is of another kind, or
        the file can't be written.
    """
    import h5py

    refuse_to_replace(path, WHAT, recognises)
    design = state.design.named()
    layers = {layer.name: layer for layer in design.layers}
    rows_first = rows_are_first(design)
    maps = {} if rows_first else flattened(design)
    shapes = {name: spec.shape for name, spec in lower(design, 1, train=False).arrays.items()}
    of_maps = {name for name, one in wired(design).items() if len(shapes[one.inputs[0]]) == 4}
    leaves: dict[str, list[str]] = {}
    for name in forward_arrays(design):
        layer, _, leaf = name.rpartition(".")
        leaves.setdefault(layer, []).append(leaf)
    contents = io.BytesIO()
    counted: dict[str, int] = {}
    with h5py.File(contents, "w") as file:
        file.attrs["written_by"] = written_by
        if rows_first:
            file.attrs[ROWS_FIRST] = True
        file.create_group("vars")
        file.create_group("layers")
        for name in (name for name in keras_order(design) if name in leaves):
            known = CLASSES.get(type(layers[name]))
            if known is None or becomes_another(layers[name]):
                kind = type(layers[name]).__name__
                words = f"Keras's files have no place for the weights of a {kind} layer; choose .npz"
                raise CheckpointError(f"{path}: {name}: {words}", field=name)
            stem, order = known
            counted[stem] = counted.get(stem, -1) + 1
            group = file.create_group(f"layers/{stem}{f'_{counted[stem]}' if counted[stem] else ''}/vars")
            group.attrs["name"] = name
            for number, leaf in enumerate(one for one in order if one in leaves[name]):
                array = finite(path, f"{name}.{leaf}", state.arrays[f"{name}.{leaf}"])
                group[str(number)] = as_keras(array, leaf, maps.get(name, ()), on_maps=name in of_maps)
    write_model(path, contents.getvalue())


def as_keras(array: Array, leaf: str, maps: Shape, *, on_maps: bool) -> Array:
    """A parameter in Keras's order of axes.

    Parameters
    ----------
    array : ndarray
    leaf : str
        Which parameter it is: ``weight``, ``slope`` …
    maps : tuple of int
        Channels, height and width of the maps whose features the layer reads, if their order differs in Keras.
    on_maps : bool
        Whether its layer reads maps.
    """
    if leaf == "slope" and on_maps:
        return array.reshape(1, 1, -1)  # broadcast over height and width
    way: Way = "as it is"
    if leaf == "weight" and array.ndim == 4:
        way = "filters last"
    elif array.ndim == 3:
        way = "channels last"
    elif (
        leaf in ("weight", "scale", "shift", "slope")
        and array.size > 1
        and maps
        and maps[0] > 1
        and maps[1] * maps[2] > 1
    ):
        way = "rows reordered"
    return turned_back(array, way, maps)


FORMAT = ModelFormat(
    title="Weights for Keras",
    suffix=".weights.h5",
    patterns=("*.weights.h5",),
    whole=False,
    what=WHAT,
    recognises=recognises,
    save=save,
    load=None,
)
