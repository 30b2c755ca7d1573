"""Designs with branches as source code: it runs, and the network is the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from branched_designs import draw_branched
from engine_zoo import ZOO

from convviz.core.design import Design
from convviz.core.execute import execute
from convviz.core.lower import IMAGES, LABELS, lower
from convviz.core.network import Network
from convviz.present.code import keras_source, numpy_source, pytorch_source
from convviz.storage.presets import preset

NAMES = (
    "residual",
    "three ways",
    "products",
    "squeeze and excitation",
    "rows of features",
    "response normalisation",
    "group normalisation",
    "instance normalisation",
    "layer normalisation",
    "normalised by one group",
    "prelu",
    "prelu, one slope",
    "scaled",
    "softmax of channels",
    "clip",
)
CASES = [*NAMES, *(f"random {seed}" for seed in range(12)), "resnet-8", "inception-tiny"]
KERAS_WARNING = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"


@pytest.fixture(autouse=True)
def _no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["model.py"])


def named(case: str) -> Design:
    if case.startswith("random"):
        rng = np.random.default_rng(int(case.split()[1]))
        return draw_branched(lambda options: options[int(rng.integers(len(options)))])[0]
    return ZOO[case] if case in ZOO else preset(case)


def scripted(source: str, network: Network, folder: Path) -> dict[str, Any]:
    """Run a script up to its last lines, and have it load a network's weights."""
    np.savez(folder / "weights.npz", **network.arrays)
    found: dict[str, Any] = {"__name__": "generated", "__file__": str(folder / "model.py")}
    exec(compile(source, "generated.py", "exec"), found)
    return found


def images_and_scores(design: Design, network: Network) -> tuple[np.ndarray, np.ndarray]:
    image = design.input
    rng = np.random.default_rng(0)
    for name, array in network.arrays.items():
        if name.endswith(("bias", "shift", "running_mean")):
            array += rng.standard_normal(array.shape).astype(array.dtype) * np.float32(0.1)
    images = rng.random((3, image.channels, image.height, image.width), np.float32)
    program = lower(design, 3, train=False)
    env = {**network.arrays, IMAGES: images, LABELS: np.zeros(3, np.int64)}
    for _ in execute(program, env):
        pass
    return images, env[next(step.inputs[0] for step in program.steps if step.output == "softmax.p")]


@pytest.mark.parametrize("case", CASES)
def test_that_the_pytorch_script_of_branches_is_the_same_network(case: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests, and it is not installed")
    design = named(case)
    network = Network(design)
    images, scores = images_and_scores(design, network)
    script = scripted(pytorch_source(design, "weights.npz"), network, tmp_path)
    script["load_weights"]()
    with torch.no_grad():
        made = script["model"].eval()(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(made, scores, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("case", CASES)
def test_that_the_numpy_script_of_branches_is_the_same_network(case: str, tmp_path: Path) -> None:
    design = named(case)
    network = Network(design)
    images, scores = images_and_scores(design, network)
    script = scripted(numpy_source(design, "weights.npz"), network, tmp_path)
    weights = script["start"]()
    script["load_weights"](weights)
    np.testing.assert_allclose(script["scores"](weights, images), scores, rtol=1e-4, atol=1e-4)


@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("case", CASES)
def test_that_the_keras_script_of_branches_is_the_same_network(case: str, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    design = named(case)
    network = Network(design)
    images, scores = images_and_scores(design, network)
    script = scripted(keras_source(design, "weights.npz"), network, tmp_path)
    script["load_weights"]()
    made = keras.ops.convert_to_numpy(script["model"](images.transpose(0, 2, 3, 1), training=False))
    np.testing.assert_allclose(made, scores, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("source", [pytorch_source, keras_source, numpy_source])
def test_that_names_that_python_does_not_allow_are_changed(source: Any) -> None:
    text = source(renamed(ZOO["residual"], {"relu1": "train", "conv2": "class", "add1": "1-2"}))
    compile(text, "generated.py", "exec")


def renamed(design: Design, names: dict[str, str]) -> Design:
    from convviz.present.design.edits import layer_named, rename_layer

    for old, new in names.items():
        design = rename_layer(design, layer_named(design, old), new)
    return design
