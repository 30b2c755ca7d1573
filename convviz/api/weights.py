"""Weights of other programs: from files into a network."""

from __future__ import annotations

from pathlib import Path

from convviz.core.design import Design
from convviz.core.network import Network
from convviz.storage.weights.matching import Match, WeightTable
from convviz.storage.weights.taking import weight_table, with_weights

__all__ = ["Match", "WeightTable", "load_weights", "weight_table_of"]


def load_weights(path: str | Path, design: Design, *, partly: bool = False) -> Network:
    """A network of a design, with the weights of a file.

    The file may be safetensors, NPZ or Keras's ``.weights.h5``, or any model that :func:`convviz.load` reads. Arrays
    are matched with the parameters by name where names agree, else by shape and order; kernels of Keras and dense
    layers of PyTorch are transposed. :func:`weight_table_of` says what would be done.

    Parameters
    ----------
    path : str or Path
    design : Design
    partly : bool
        Whether parameters that no array in the file fits keep their initial values; otherwise they are an error.

    Raises
    ------
    CheckpointError
        One sentence: the file, the array, what was expected and what was found.
    DesignError
        The design is impossible.

    Examples
    --------
    >>> import convviz, numpy, tempfile, pathlib
    >>> design = convviz.preset("toy-4x4")
    >>> arrays = {name: array + 1 for name, array in convviz.Network(design).arrays.items()}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "weights.npz"
    ...     numpy.savez(path, **arrays)
    ...     network = convviz.load_weights(path, design)
    >>> bool((network.arrays["conv1.weight"] == arrays["conv1.weight"]).all())
    True
    """
    state = with_weights(Path(path), design, partly=partly)
    return Network(state.design, precision=state.precision, weights=state.arrays)


def weight_table_of(path: str | Path, design: Design) -> WeightTable:
    """What a file of weights has for each parameter of a design; no array is read.

    Raises
    ------
    CheckpointError
        The file can't be read.
    DesignError
        The design is impossible.
    """
    return weight_table(Path(path), design)
