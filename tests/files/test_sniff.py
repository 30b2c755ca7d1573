"""What is picked by mistake is called by its name."""

from __future__ import annotations

import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from convviz.core.errors import DesignError
from convviz.data import DataError
from convviz.data.open import open_data
from convviz.data.sources import ImageSpec
from convviz.files.sniff import TORCH, UNKNOWN, what_is_there
from convviz.storage.designs import load_design


def cifar(path: Path) -> None:
    """As in CIFAR-10 for Python, which was written with protocol 2."""
    path.write_bytes(pickle.dumps({"batch_label": "training batch 1 of 5", "labels": [6, 9]}, protocol=2))


def safetensors(path: Path) -> None:
    head = json.dumps({"conv1.weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    path.write_bytes(len(head).to_bytes(8, "little") + head + bytes(8))


def onnx(path: Path) -> None:
    # ir_version 8, producer_name "pytorch", producer_version "2.1.0", then the graph.
    path.write_bytes(b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\xa2\x01\n")


def zipped(*names: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"contents")

    return write


KINDS = {
    "a Python pickle": cifar,
    "a safetensors file": safetensors,
    "an ONNX model": onnx,
    TORCH: zipped("archive/data.pkl", "archive/data/0"),
    "a Keras model": zipped("metadata.json", "config.json", "model.weights.h5"),
    "a NumPy .npz archive": zipped("x.npy"),
    "a zip archive": zipped("readme.txt"),
    UNKNOWN: lambda path: path.write_bytes(bytes(range(200, 256)) * 4),
}


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_file_is_called_by_its_kind(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "some"
    KINDS[kind](path)
    assert what_is_there(path) == f"got {kind}"
    with pytest.raises(DataError) as caught:
        open_data(path, ImageSpec())
    # What is named like a NumPy archive is opened as one.
    assert f", got {kind}" in str(caught.value) or kind == "a NumPy .npz archive"
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != UNKNOWN])
def test_that_what_is_taken_for_a_design_is_called_by_its_kind(tmp_path: Path, kind: str) -> None:
    KINDS[kind](tmp_path / "some.toml")
    with pytest.raises(DesignError) as caught:
        load_design(tmp_path / "some.toml")
    assert str(caught.value) == f"some.toml: expected a design, which is text, got {kind}"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_that_a_pickle_of_any_protocol_is_one(tmp_path: Path, protocol: int) -> None:
    for number, what in enumerate(({"labels": [1, 2]}, [1, 2], np.arange(3))):
        path = tmp_path / str(number)
        path.write_bytes(pickle.dumps(what, protocol=protocol))
        assert what_is_there(path) == "got a Python pickle"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_that_nothing_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train-images-idx3-ubyte")
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(np.array([0x801, 2], ">u4").tobytes() + bytes(2))
    with pytest.raises(DataError, match="expected a readable file, got: it is a device or pipe"):
        open_data(tmp_path, ImageSpec())
    os.mkfifo(tmp_path / "model.npz")
    assert what_is_there(tmp_path / "model.npz") == "got a device or pipe"
    from convviz.storage.model_files import is_model, load_model

    assert not is_model(tmp_path / "model.npz")
    with pytest.raises(ValueError, match="expected a file of weights, got a device or pipe"):
        load_model(tmp_path / "model.npz")
