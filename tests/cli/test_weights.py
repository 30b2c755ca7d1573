"""``--weights``: a design gets the weights of a file, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from weight_files import safetensors

import convviz
from convviz.__main__ import main


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Weights for the preset ``toy-4x4``, with the dense layer as PyTorch has it."""
    arrays = {}
    for name, array in convviz.Network(convviz.preset("toy-4x4")).arrays.items():
        if name.startswith(("conv", "dense")):
            arrays[name] = np.full(array.T.shape if name.startswith("dense") else array.shape, 0.125, np.float32)
    return safetensors(tmp_path / "theirs.safetensors", arrays)


def test_that_a_pass_is_stepped_with_them(theirs: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace.h5"
    assert main(["step", "--preset", "toy-4x4", "--weights", str(theirs), "--export", str(trace)]) == 0
    np.testing.assert_array_equal(np.unique(convviz.open_trace(trace).weights["conv1.weight"]), [0.125])


def test_that_training_begins_with_them(theirs: Path, tmp_path: Path) -> None:
    design = convviz.preset("toy-4x4")
    convviz.save_design(tmp_path / "toy.toml", design)
    kept = tmp_path / "kept.npz"
    flags = ["--preset", "toy-4x4", "--weights", str(theirs), "--epochs", "1", "--lr", "1e-9", "--json"]
    assert main(["train", *flags, "--save", str(kept)]) == 0
    weight = convviz.load(kept).network.arrays["conv1.weight"]
    np.testing.assert_allclose(weight, 0.125, atol=1e-4)


def test_that_a_design_predicts_with_them(theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    design = convviz.preset("toy-4x4")
    convviz.save_design(tmp_path / "toy.toml", design)
    rng = np.random.default_rng(0)
    shape = design.input.channels, design.input.height, design.input.width
    images, labels = rng.random((6, *shape), np.float32), rng.integers(0, design.classes, 6)
    np.savez(tmp_path / "data.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    where = ["--model", str(tmp_path / "toy.toml"), "--dataroot", str(tmp_path / "data.npz"), "--json"]
    assert main(["predict", *where, "--weights", str(theirs)]) == 0
    assert json.loads(capsys.readouterr().out)["images"] == 6
    assert main(["predict", *where]) == 2
    assert "--weights FILE gives it some" in capsys.readouterr().err


def test_that_what_does_not_fit_is_said_once(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--preset", "lenet-5", "--weights", str(theirs)]) == 2
    error = capsys.readouterr().err
    assert "expected weights for lenet-5, got 0 of its" in error
    assert error.count("\n") == 1
    assert main(["train", "--preset", "lenet-5", "--partly"]) == 2
    assert "--partly: expected it with --weights" in capsys.readouterr().err
