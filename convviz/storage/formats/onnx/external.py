"""Reads weights that an ONNX model keeps in files beside it: only in its own folder, and no more than a file holds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.files.inputs import open_regular
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.said import printable


class External:
    """Reads tensors from the files beside a model.

    Parameters
    ----------
    model : Path
    """

    def __init__(self, model: Path) -> None:
        self._model = model
        self._folder = model.resolve().parent

    def read(self, tensor: Any, name: str) -> Array:
        """Read a tensor whose numbers are in another file.

        Raises
        ------
        CheckpointError
            The file is missing, too short, or outside of the model's folder.
        """
        from onnx import helper

        said = {one.key: one.value for one in tensor.external_data}
        place = said.get("location", "")
        path = (self._folder / place).resolve()
        shown = printable(place, 80)
        if not place or Path(place).is_absolute() or not path.is_relative_to(self._folder):
            raise CheckpointError(
                f"{self._model}: {name}: expected its numbers in this folder, got the place {shown!r}"
            )
        dtype = np.dtype(helper.tensor_dtype_to_np_dtype(tensor.data_type))
        offset, wanted = int(said.get("offset") or 0), math.prod(tensor.dims) * dtype.itemsize
        length = int(said.get("length") or wanted)
        if offset < 0 or length != wanted:
            raise CheckpointError(f"{self._model}: {name}: expected {wanted:,} bytes in {shown}, got {length:,}")
        try:
            with open_regular(path) as file:
                file.seek(offset)
                contents = file.read(wanted)
        except FileNotFoundError:
            raise CheckpointError(f"{self._model}: {name}: its numbers are in {shown}, which isn't there") from None
        if len(contents) != wanted:
            raise CheckpointError(f"{self._model}: {name}: expected {wanted:,} bytes in {shown}, got {len(contents):,}")
        return np.frombuffer(contents, dtype.newbyteorder("<")).reshape(tuple(tensor.dims)).astype(dtype)
