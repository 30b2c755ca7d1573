"""Files of weights as other programs write them, made without these programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from convviz.core.arrays import Array

NAMES = {np.dtype("f8"): "F64", np.dtype("f4"): "F32", np.dtype("f2"): "F16", np.dtype("i8"): "I64"}


def safetensors(path: Path, arrays: Mapping[str, Array], *, bfloat16: bool = False, **header: Any) -> Path:
    """A safetensors file; with ``bfloat16``, of the upper halves of float32 numbers. ``header`` replaces entries."""
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    contents = b""
    for name, array in arrays.items():
        if bfloat16:
            part, kind = (array.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes(), "BF16"
        else:
            part, kind = array.tobytes(), NAMES[array.dtype]
        places = [len(contents), len(contents) + len(part)]
        entries[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": places}
        contents += part
    entries.update(header)
    text = json.dumps(entries).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + contents)
    return path


def keras_weights(path: Path, layers: Mapping[str, list[Array]]) -> Path:
    """A ``.weights.h5``: group of each layer → its arrays in order."""
    with h5py.File(path, "w") as file:
        file.create_group("vars")
        for name, arrays in layers.items():
            group = file.create_group(f"layers/{name}/vars")
            group.attrs["name"] = name.rpartition("/")[2]
            for number, array in enumerate(arrays):
                group[str(number)] = array
    return path
