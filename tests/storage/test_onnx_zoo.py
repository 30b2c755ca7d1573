"""Small networks of well-known kinds, exported by PyTorch: they open, and give its scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="ONNX models are read with the package onnx, and it is not installed")
pytest.importorskip("torch", reason="PyTorch is not installed")

import torch
from depth import cases
from scored import scores
from torch_zoo import ZOO, made

from convviz.core.layers import GELU, Conv2D, LayerNorm
from convviz.storage.model_files import load_model, save_model

HOWS: dict[str, dict[str, Any]] = {
    "by tracing": {"dynamo": False},
    "by tracing, opset 13": {"dynamo": False, "opset_version": 13},
    "as a program": {"dynamo": True, "verbose": False},
}
"""How PyTorch exports; the last takes seconds."""
ALWAYS = 2 if cases(1) == 1 else len(HOWS)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("how", list(HOWS)[:ALWAYS])
@pytest.mark.parametrize("name", ZOO)
def test_that_a_network_of_pytorch_opens_and_gives_its_scores(name: str, how: str, tmp_path: Path) -> None:
    if HOWS[how]["dynamo"]:
        pytest.importorskip("onnxscript", reason="PyTorch exports with onnxscript, which is not installed")
    network, image = made(name)
    path = tmp_path / f"{name}.onnx"
    torch.onnx.export(network, (image,), str(path), **HOWS[how])
    with torch.no_grad():
        theirs = network(image).numpy()
    ours = scores(load_model(path), image.numpy())
    assert np.ptp(theirs) > 0.01 * np.abs(theirs).max()  # they do differ
    assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


@pytest.mark.filterwarnings("ignore")
def test_that_a_convnext_is_made_of_its_own_layers_and_survives_its_way_out_and_in(tmp_path: Path) -> None:
    network, image = made("convnext")
    torch.onnx.export(network, (image,), str(tmp_path / "theirs.onnx"), dynamo=False, opset_version=17)
    state = load_model(tmp_path / "theirs.onnx")
    layers = state.design.layers
    assert {layer.over for layer in layers if isinstance(layer, LayerNorm)} == {"channels"}
    assert [layer.approximate for layer in layers if isinstance(layer, GELU)] == ["none", "tanh"]
    assert max(layer.groups for layer in layers if isinstance(layer, Conv2D)) == 8

    save_model(tmp_path / "ours.onnx", state)
    again = load_model(tmp_path / "ours.onnx")
    assert [type(layer) for layer in again.design.layers] == [type(layer) for layer in layers]
    np.testing.assert_allclose(scores(again, image.numpy()), scores(state, image.numpy()), rtol=1e-6, atol=1e-6)
