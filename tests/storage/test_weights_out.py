"""Weights for other programs: as each of them has them, and back again."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from branched_designs import draw_branched
from engine_zoo import LAYERS
from random_designs import random_design
from scored import scores

from convviz.core.design import Design, Input
from convviz.core.layers import Add, BatchNorm2D, Concat, Conv2D, Dense, Flatten, GlobalAvgPool, MaxPool2D, ReLU
from convviz.core.network import Network
from convviz.present.code import EXPORTERS
from convviz.present.code.keras import KERAS, keras_source
from convviz.present.code.pytorch import pytorch_source
from convviz.present.design.costs import costs
from convviz.storage.errors import CheckpointError
from convviz.storage.model_files import is_model, load_model, save_model
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.weights.keras_format import CLASSES
from convviz.storage.weights.keras_order import keras_order
from convviz.storage.weights.taking import with_weights
from convviz.storage.weights.ways import becomes_another

BRANCHED = Design(
    name="branched",
    input=Input(channels=2, height=8, width=8),
    classes=3,
    layers=(
        Conv2D(name="stem", filters=4, kernel=3, padding=1),
        BatchNorm2D(),
        Conv2D(name="short", input="stem", filters=6, kernel=1, stride=2),
        Conv2D(name="deep1", input="bn1", filters=4, kernel=3, stride=2, padding="same"),
        ReLU(),
        Conv2D(name="deep2", filters=6, kernel=3, padding=2, dilation=2),
        Add(name="sum", input=("deep2", "short")),
        MaxPool2D(kernel=2),
        Conv2D(name="side", input="sum", filters=2, kernel=2, stride=2),
        Concat(name="both", input=("side", "maxpool1")),
        Flatten(),
        Dense(name="row", units=7),
        GlobalAvgPool(name="mean", input="both"),
        Concat(name="rows", input=("row", "mean")),
        Dense(name="scores", units=3),
    ),
).named()
CHAIN = Design(
    name="chain",
    input=Input(channels=2, height=7, width=6),
    classes=3,
    layers=(Conv2D(filters=4), BatchNorm2D(), ReLU(), Flatten(), Dense(units=5), ReLU(), Dense(units=3)),
).named()


def state_of(design: Design) -> NetworkState:
    network = Network(design)
    rng = np.random.default_rng(8)
    arrays = {
        name: rng.uniform(0.1, 0.6, array.shape).astype(array.dtype) if array.ndim else array
        for name, array in network.arrays.items()
    }
    return NetworkState(network.design, arrays, RunProgress(learning_rate=0.1))


def images_of(design: Design, count: int = 2) -> Any:
    image = design.input
    shape = (count, image.channels, image.height, image.width)
    return np.random.default_rng(9).random(shape).astype(np.float32)


# --- there and back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(LAYERS))
def test_that_safetensors_come_back_as_a_network(name: str, tmp_path: Path) -> None:
    state = state_of(LAYERS[name])
    path = tmp_path / "network.safetensors"
    save_model(path, state)
    assert is_model(path)
    back = load_model(path)
    assert back.design == state.design
    for array, value in back.arrays.items():
        np.testing.assert_array_equal(value, state.arrays[array], err_msg=array)


@pytest.mark.parametrize("design", [CHAIN, BRANCHED], ids=["chain", "branched"])
def test_that_keras_weights_come_back_into_their_design(design: Design, tmp_path: Path) -> None:
    state = state_of(design)
    path = tmp_path / "network.weights.h5"
    save_model(path, state)
    assert not is_model(path)
    with pytest.raises(CheckpointError, match="has no design in it; open the design first"):
        load_model(path)
    back = with_weights(path, design)
    for array, value in back.arrays.items():
        np.testing.assert_array_equal(value, state.arrays[array], err_msg=array)


@pytest.mark.parametrize("name", list(LAYERS))
def test_that_every_layer_has_a_place_in_keras_weights(name: str, tmp_path: Path) -> None:
    state = state_of(LAYERS[name])
    path = tmp_path / "network.weights.h5"
    if any(becomes_another(layer) for layer in state.design.layers):
        with pytest.raises(CheckpointError, match=r"no place for the weights of a ConvTranspose2D layer"):
            save_model(path, state)
        return
    save_model(path, state)
    if not with_parameters(state):
        return
    back = with_weights(path, state.design)
    for array, value in back.arrays.items():
        np.testing.assert_array_equal(value, state.arrays[array], err_msg=array)


def with_parameters(state: NetworkState) -> bool:
    """Whether there are weights at all."""
    return any("." in name and not name.startswith("optimiser") for name in state.arrays)


@pytest.mark.parametrize("suffix", [".safetensors", ".weights.h5"])
def test_that_nan_is_not_written_and_other_files_are_not_replaced(suffix: str, tmp_path: Path) -> None:
    state = state_of(CHAIN)
    state.arrays["dense1.bias"][1] = np.nan
    path = tmp_path / f"network{suffix}"
    with pytest.raises(CheckpointError, match=r"dense1\.bias: expected finite numbers"):
        save_model(path, state)
    assert not list(tmp_path.iterdir())
    path.write_text("a letter")
    with pytest.raises(CheckpointError, match=r"expected .* got plain text"):
        save_model(path, state_of(CHAIN))
    assert path.read_text() == "a letter"
    path.unlink()
    save_model(path, state_of(CHAIN))
    save_model(path, state_of(CHAIN))


# --- safetensors and PyTorch -----------------------------------------------------------------------------------------


def test_that_the_library_reads_what_is_written(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.numpy", reason="the package safetensors is not installed")
    state = state_of(CHAIN)
    save_model(tmp_path / "network.safetensors", state)
    found = library.load_file(tmp_path / "network.safetensors")
    np.testing.assert_array_equal(found["dense1.weight"], state.arrays["dense1.weight"].T)
    np.testing.assert_array_equal(found["bn1.running_var"], state.arrays["bn1.running_variance"])


def run_script(source: str, folder: Path, name: str) -> dict[str, Any]:
    """A script's names, with its weights loaded."""
    script = folder / "model.py"
    script.write_text(source)
    found: dict[str, Any] = {"__file__": str(script), "__name__": "script"}
    before, sys.argv = sys.argv, [name]
    try:
        exec(compile(source, str(script), "exec"), found)  # our own exporter wrote it
        found["load_weights"]()
    finally:
        sys.argv = before
    return found


@pytest.mark.parametrize("design", [CHAIN, BRANCHED], ids=["chain", "branched"])
def test_that_the_pytorch_script_loads_its_safetensors(design: Design, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="the script needs PyTorch")
    pytest.importorskip("safetensors.torch", reason="the script needs safetensors")
    state = state_of(design)
    save_model(tmp_path / "model.safetensors", state)
    source = pytorch_source(design, "model.safetensors")
    assert "python model.py mnist.npz" in source
    model = run_script(source, tmp_path, "model.py")["model"].eval()
    images = images_of(design)
    with torch.no_grad():
        theirs = model(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(scores(state, images), theirs, rtol=1e-4, atol=1e-5)


# --- Keras -----------------------------------------------------------------------------------------------------------


def test_that_the_order_of_a_branched_model_is_by_depth() -> None:
    order = [name for name in keras_order(BRANCHED) if name in ("stem", "short", "deep1", "deep2", "side")]
    assert order == ["stem", "deep1", "deep2", "short", "side"]


@pytest.mark.parametrize("kind", [kind.__name__ for kind in CLASSES])
def test_that_every_class_with_a_place_in_keras_files_is_exported_as_it(kind: str) -> None:
    found = 0
    for design in LAYERS.values():
        for layer, cost in zip(design.named().layers, costs(design).layers, strict=True):
            if type(layer).__name__ == kind:
                make = KERAS.layers[type(layer)]
                calls = make(design, layer, cost)
                word = {"conv2d": "Conv2D", "dense": "Dense", "batch_normalization": "BatchNormalization"}.get(
                    CLASSES[type(layer)][0]
                )
                assert word is None or any(call.startswith(f"layers.{word}(") for call in calls)
                found += 1
    assert found


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("seed", range(-2, 12))
def test_that_the_keras_script_loads_its_weights(seed: int, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras", reason="the script needs Keras")
    draw = random.Random(seed)
    drawn = {-2: CHAIN, -1: BRANCHED}
    design = (
        drawn[seed]
        if seed in drawn
        else (random_design(draw) if seed % 3 == 0 else draw_branched(draw.choice)[0]).named()
    )
    state = state_of(design)
    try:
        save_model(tmp_path / "model.weights.h5", state)
    except CheckpointError as error:
        pytest.skip(str(error))
    source = keras_source(design, "model.weights.h5")
    assert "model.load_weights(" in source
    model = run_script(source, tmp_path, "model.py")["model"]
    images = images_of(design)
    theirs = keras.ops.convert_to_numpy(model(images.transpose(0, 2, 3, 1), training=False))
    ours = scores(state, images)
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * np.abs(ours).max())


# --- the command line ------------------------------------------------------------------------------------------------


def test_that_endings_are_those_of_the_exporters() -> None:
    from convviz.cli.export import ENDINGS

    assert set(ENDINGS) == {ending for exporter in EXPORTERS for ending in exporter.weights}


@pytest.mark.parametrize("ending", [".safetensors", ".npz", ".weights.h5"])
def test_that_a_model_is_exported_by_its_name(ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from convviz.__main__ import main

    save_model(tmp_path / "kept.h5", state_of(CHAIN))
    out = tmp_path / f"theirs{ending}"
    assert main(["export", str(tmp_path / "kept.h5"), str(out)]) == 0
    assert "chain with its weights" in capsys.readouterr().out
    np.testing.assert_array_equal(
        with_weights(out, CHAIN).arrays["dense1.weight"], state_of(CHAIN).arrays["dense1.weight"]
    )
    assert main(["export", "lenet-5", str(out)]) == 2
    assert "got a design; train it first" in capsys.readouterr().err


def test_that_code_gets_the_weights_its_framework_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from convviz.__main__ import main

    save_model(tmp_path / "kept.h5", state_of(CHAIN))
    out = ["export", str(tmp_path / "kept.h5"), str(tmp_path / "theirs.py")]
    assert main([*out, "--framework", "pytorch", "--weights-as", ".safetensors"]) == 0
    header = (tmp_path / "theirs.safetensors").read_bytes()
    assert "dense1.weight" in json.loads(header[8 : 8 + int.from_bytes(header[:8], "little")])
    assert "load_file" in (tmp_path / "theirs.py").read_text()
    assert main([*out, "--framework", "numpy", "--weights-as", ".safetensors"]) == 2
    assert "expected .npz for NumPy, got '.safetensors'" in capsys.readouterr().err
