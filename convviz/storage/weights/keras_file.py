"""Reads Keras's files of weights (``.weights.h5``): numbered arrays in a group for each layer.

The groups are named by the class of their layer and a number, so the class and an array's number tell what an array is.
Older files have the names of layers and arrays: ``conv2d_1/conv2d_1/kernel:0``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.files.sniff import begins_with
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.guarded import Guarded, guarded
from convviz.storage.formats.hdf5_checks import SIGNATURE
from convviz.storage.weights.weight_file import MOST_ARRAYS, StoredArray, WeightFile, natural

WHAT = "a file of Keras weights"
ROWS_FIRST = "convviz_rows_first"
"""Attribute of files that convviz writes: rows of features are in the order of maps with channels first."""
OLD = "layer_names"
"""Attribute that only older files have."""
MOST_DEEP = 16
FLOATS = ("float16", "float32", "float64")
NORMS = {
    4: ("gamma", "beta", "moving_mean", "moving_variance"),
    3: ("beta", "moving_mean", "moving_variance"),
    2: ("gamma", "beta"),
    1: ("alpha",),
}
"""Number of a layer's arrays if all have one axis → Keras's names of these arrays."""


def recognises(path: Path) -> bool:
    """Whether a file is HDF5 with Keras's weights, of Keras 3 or older, and has no model."""
    if not begins_with(path, SIGNATURE):
        return False
    try:
        with guarded(path, WHAT, old_groups=True) as file:
            is_new = "layers" in file.members("") and file.is_group("layers")
            return (is_new or file.has_attribute(OLD)) and not file.has_attribute("model_config")
    except CheckpointError:
        return False


@contextmanager
def opened(path: Path) -> Iterator[WeightFile]:
    """Open a file; :mod:`convviz.storage.weights.weight_file` lists the errors that it raises."""
    with guarded(path, WHAT, old_groups=True) as file:
        arrays = listed_by_name(file) if file.has_attribute(OLD) else listed(file)
        shapes = {one.name: (one.shape, np.dtype(one.dtype)) for one in arrays}

        def read(name: str) -> Array:
            shape, dtype = shapes[name]
            found = file.array(name, shape, dtype)
            return found.astype(np.float32) if dtype.itemsize < 4 else found

        yield WeightFile("Keras weights", tuple(arrays), "keras", read, file.has_attribute(ROWS_FIRST))


def listed(file: Guarded) -> list[StoredArray]:
    """Every array of floating-point numbers, layer by layer."""
    found: list[StoredArray] = []
    for group in groups_of(file, "layers", 0):
        names = sorted(file.members(f"{group}/vars"), key=natural)
        declared = [(name, *file.declared(f"{group}/vars/{name}")) for name in names]
        floats = [(name, dtype.newbyteorder("="), shape) for name, dtype, shape in declared if dtype.name in FLOATS]
        own = file.group_words(f"{group}/vars", "name", 200) or group.removeprefix("layers/")
        for layer, leaf, (name, dtype, shape) in called(own, floats):
            found.append(StoredArray(f"{group}/vars/{name}", layer, leaf, shape, dtype.name))
        if len(found) > MOST_ARRAYS:
            raise CheckpointError(f"{file.path}: expected at most {MOST_ARRAYS:,} arrays, got more")
    return found


def listed_by_name(file: Guarded) -> list[StoredArray]:
    """Every array of floating-point numbers in an older file, where names of layers and arrays are stored."""
    found: list[StoredArray] = []

    def visit(group: str, depth: int) -> None:
        if depth > MOST_DEEP or len(found) > MOST_ARRAYS:
            raise CheckpointError(f"{file.path}: {group}: expected fewer groups in one another, and fewer arrays")
        for name in sorted(file.members(group), key=natural):
            inside = f"{group}/{name}" if group else name
            if file.is_group(inside):
                visit(inside, depth + 1)
                continue
            dtype, shape = file.declared(inside)
            if dtype.name in FLOATS:
                leaf = name.partition(":")[0]
                found.append(StoredArray(inside, group.rpartition("/")[2], leaf, shape, dtype.newbyteorder("=").name))

    visit("", 0)
    return found


def groups_of(file: Guarded, group: str, depth: int) -> Iterator[str]:
    """The groups of all layers, including those in nested models."""
    if depth > MOST_DEEP:
        raise CheckpointError(f"{file.path}: {group}: expected at most {MOST_DEEP} models in one another, got more")
    for name in sorted(file.members(group), key=natural):
        inside = f"{group}/{name}"
        if not file.is_group(inside):
            continue
        members = file.members(inside)
        if "vars" in members:
            yield inside
        if "layers" in members:
            yield from groups_of(file, f"{inside}/layers", depth + 1)


def called(
    layer: str, arrays: list[tuple[str, np.dtype[np.generic], Shape]]
) -> Iterator[tuple[str, str, tuple[str, np.dtype[np.generic], Shape]]]:
    """Name the layer and leaf of each array of a group; a separable convolution becomes two layers."""
    kernels = [one for one in arrays if len(one[2]) in (2, 4)]
    rest = [one for one in arrays if len(one[2]) not in (2, 4)]
    if len(kernels) == 2:
        yield f"{layer}-depthwise", "kernel", kernels[0]
    if kernels:
        yield layer, "kernel", kernels[-1]
        yield from ((layer, "bias", one) for one in rest[:1])
        return
    for leaf, one in zip(NORMS.get(len(rest), ()), rest, strict=False):
        yield layer, leaf, one
