"""Opens a file of weights of any kind, which is recognised by its contents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convviz.core.arrays import Array
from convviz.files.cancel import Cancelled
from convviz.files.sniff import what_is_there
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.model_files import FORMATS, is_model, load_model
from convviz.storage.weights import keras_file, npz_file, safetensors
from convviz.storage.weights.weight_file import WeightFile, stored

KINDS = (safetensors, keras_file, npz_file)
PATTERNS = ("*.safetensors", "*.weights.h5", "*.npz")


def dialog_filter() -> str:
    """All kinds of files from which weights can be taken, in the syntax of a file dialog."""
    patterns = dict.fromkeys([*PATTERNS, *(pattern for one in FORMATS for pattern in one.patterns)])
    return ";;".join([f"Weights ({' '.join(patterns)})", "All files (*)"])


def is_weights(path: Path) -> bool:
    """Whether a file has weights without a design; raises nothing."""
    return any(one.recognises(path) for one in KINDS) and not is_model(path)


@contextmanager
def opened(path: Path, cancelled: Cancelled | None = None) -> Iterator[WeightFile]:
    """Open a file of weights, or a whole model for its weights.

    Raises
    ------
    CheckpointError
        One sentence: the file, the array, what was expected and what came.
    """
    if is_model(path):
        state = load_model(path, cancelled)
        arrays = {name: state.arrays[name] for name in forward_arrays(state.design)}
        listed = tuple(stored(name, array.shape, array.dtype.name) for name, array in arrays.items())

        def read(name: str) -> Array:
            return arrays[name]

        yield WeightFile(f"the model {state.design.name}", listed, "convviz", read)
        return
    for kind in KINDS:
        if kind.recognises(path):
            with kind.opened(path) as file:
                yield file
            return
    raise CheckpointError(
        f"{path}: expected weights as safetensors, NPZ or Keras's .weights.h5, or a model, {what_is_there(path)}"
    )
