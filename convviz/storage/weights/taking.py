"""Makes a network of a design with the weights of a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.network import Network
from convviz.files.cancel import Cancelled, go_on
from convviz.plurals import counted
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.weights.matching import Match, WeightTable, table, told
from convviz.storage.weights.open_file import opened
from convviz.storage.weights.ways import turned


def weight_table(path: Path, design: Design, cancelled: Cancelled | None = None) -> WeightTable:
    """The array that a file has for each parameter of a design. No array is read.

    Raises
    ------
    CheckpointError
        The file can't be read.
    DesignError
        The design is impossible.
    """
    with opened(path, cancelled) as file:
        return table(design, file)


def with_weights(
    path: Path, design: Design, *, partly: bool = False, cancelled: Cancelled | None = None
) -> NetworkState:
    """An untrained run's state, with the weights of a file.

    Parameters
    ----------
    path : Path
    design : Design
    partly : bool
        Whether parameters that no array in the file fits keep their initial values; otherwise they are an error.
    cancelled : callable, optional

    Raises
    ------
    CheckpointError
        Some parameter gets no array and ``partly`` is False; no array fits at all; or an array has NaN in it.
    DesignError
        The design is impossible.
    """
    design = design.named()
    with opened(path, cancelled) as file:
        found = table(design, file)
        if not found.fitting or (not partly and not found.is_whole):
            share = f"{len(found.fitting)} of its {counted(len(found.matches), 'array')}"
            raise CheckpointError(f"{path}: expected weights for {design.name}, got {share}: {told(found)}")
        arrays: dict[str, Array] = {}
        for one in found.fitting:
            go_on(cancelled)
            arrays[one.parameter] = ready(file.read(one.array), one)
    if not found.is_whole:
        initial = Network(design).arrays
        arrays = {name: arrays.get(name, initial[name]) for name in forward_arrays(design)}
    precision = np.float64 if all(array.dtype == np.float64 for array in arrays.values()) else np.float32
    arrays = {name: array.astype(precision, copy=False) for name, array in arrays.items()}
    return NetworkState(design, arrays, RunProgress(learning_rate=design.training.optimiser.lr), weights_only=True)


def ready(array: Array, match: Match) -> Array:
    """An array brought into the order of axes of the parameter that it is matched with."""
    assert match.way
    return turned(array, match.way, match.shape, match.maps)
