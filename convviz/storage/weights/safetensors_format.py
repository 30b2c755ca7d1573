"""Weights as safetensors: layers named as in the design, axes in PyTorch's order, and the design in the metadata.

``safetensors.torch.load_file`` gives each array by its name: ``conv1.weight``, ``dense1.weight`` (units × features),
``bn1.running_var``. Because the file contains the design, it also opens here as a network.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.files.cancel import Cancelled, go_on
from convviz.storage.designs import read_design, write_design
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.model_bytes import finite, write_model
from convviz.storage.formats.model_format import ModelFormat, refuse_to_replace
from convviz.storage.formats.npz import forward_arrays
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.weights import safetensors as file_format
from convviz.storage.weights.matching import table, told
from convviz.storage.weights.ways import turned, turned_back

DESIGN = "convviz.design"
NAMES: Mapping[str, str] = MappingProxyType(
    {"scale": "weight", "shift": "bias", "running_variance": "running_var", "slope": "weight"}
)
"""Parameter other than weight and bias → its name in PyTorch."""
KINDS = {np.dtype(np.float32): "F32", np.dtype(np.float64): "F64"}


def recognises(path: Path) -> bool:
    """Whether a file is safetensors with a design in its metadata."""
    return file_format.recognises(path) and DESIGN in file_format.remarks(path)


def save(path: Path, state: NetworkState, written_by: str) -> None:
    """Write the weights, all of them or nothing.

    Raises
    ------
    CheckpointError
        A weight is NaN or infinite, the existing file is of another kind, or it can't be written.
    """
    refuse_to_replace(path, file_format.WHAT, file_format.recognises)
    design = state.design.named()
    header: dict[str, object] = {
        file_format.REMARKS: {"format": "pt", "written_by": written_by, DESIGN: write_design(design)}
    }
    parts: list[bytes] = []
    at = 0
    for name in forward_arrays(design):
        array = finite(path, name, state.arrays[name])
        layer, _, leaf = name.rpartition(".")
        theirs = turned_back(array, "units first") if leaf == "weight" and array.ndim == 2 else array
        parts.append(np.ascontiguousarray(theirs, theirs.dtype.newbyteorder("<")).tobytes())
        header[f"{layer}.{NAMES.get(leaf, leaf)}"] = {
            "dtype": KINDS[array.dtype],
            "shape": list(theirs.shape),
            "data_offsets": [at, at + len(parts[-1])],
        }
        at += len(parts[-1])
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # so that the numbers begin at a multiple of eight
    write_model(path, b"".join([len(text).to_bytes(8, "little"), text, *parts]))


def load(path: Path, cancelled: Cancelled | None = None) -> NetworkState:
    """Read what :func:`save` wrote.

    Raises
    ------
    CheckpointError
        One sentence: the file, the array, what was expected and what came.
    """
    remarks = file_format.remarks(path)
    with file_format.opened(path) as file:
        if DESIGN not in remarks:
            raise CheckpointError.without_design(path, "a safetensors file")
        design = design_of(path, remarks[DESIGN])
        found = table(design, file)
        if not found.is_whole:
            raise CheckpointError(f"{path}: expected all weights of {design.name}, got others: {told(found)}")
        arrays: dict[str, Array] = {}
        for one in found.matches:
            go_on(cancelled)
            assert one.way
            arrays[one.parameter] = turned(file.read(one.array), one.way, one.shape, one.maps)
    if len({array.dtype for array in arrays.values()}) > 1:
        raise CheckpointError(f"{path}: expected arrays of one precision, got float32 and float64")
    return NetworkState(design, arrays, RunProgress(learning_rate=design.training.optimiser.lr), weights_only=True)


def design_of(path: Path, text: str) -> Design:
    """The design in the metadata, which must be one that can be trained."""
    try:
        design = read_design(text, f"{path}: design").named()
        lower(design, 1)
    except (DesignError, OverflowError, ValueError) as error:
        sentence = " ".join(str(error).split()).removeprefix(f"{path}: design: ")
        raise CheckpointError(f"{path}: design: {sentence}", field="design") from None
    return design


FORMAT = ModelFormat(
    title="Weights as safetensors",
    suffix=".safetensors",
    patterns=("*.safetensors",),
    whole=False,
    what=file_format.WHAT,
    recognises=recognises,
    save=save,
    load=load,
)
