"""Designs as source code: it runs, and the network is the same."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patience import PATIENCE
from random_designs import random_design

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.execute import execute
from convviz.core.layers import BatchNorm2D, Conv2D, ConvTranspose2D, Dense, Flatten, PReLU, ReLU
from convviz.core.lower import IMAGES, LABELS, lower
from convviz.core.network import Network
from convviz.present.code import keras_source, numpy_source, pytorch_source
from convviz.present.code.common import opening, prose
from convviz.present.design.costs import costs
from convviz.storage.presets import preset, preset_names

SOURCES = {"pytorch": pytorch_source, "keras": keras_source, "numpy": numpy_source}


def namespace(source: str) -> dict[str, Any]:
    """Run a script up to its last lines, started without arguments, however these tests were started."""
    found: dict[str, Any] = {"__name__": "generated"}
    before, sys.argv = sys.argv, ["generated.py"]
    try:
        exec(compile(source, "generated.py", "exec"), found)
    finally:
        sys.argv = before
    return found


def run(source: str, folder: Path) -> str:
    """Run a script as a user does; return what it prints."""
    path = folder / "model.py"
    path.write_text(source, encoding="utf-8")
    command = [sys.executable, "-W", "error", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("kind", SOURCES)
def test_that_the_source_of_every_preset_is_python(kind: str, name: str) -> None:
    source = SOURCES[kind](preset(name))

    compile(source, "generated.py", "exec")
    assert source.startswith(f'"""{name} in ')
    assert max(len(line) for line in source.splitlines()) <= 200


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("seed", range(40))
def test_that_the_source_of_any_design_is_python(kind: str, seed: int) -> None:
    compile(SOURCES[kind](random_design(random.Random(seed))), "generated.py", "exec")


@pytest.mark.parametrize("kind", SOURCES)
def test_that_a_name_that_is_code_stays_a_name(kind: str) -> None:
    evil = 'x"""\nimport os; os.abort()\n"""\\'
    design = Design(name=evil, about=evil, layers=(Flatten(), Dense(units=10))).named()
    found = compile(SOURCES[kind](design), "generated.py", "exec")

    assert "abort" not in found.co_names


@pytest.mark.parametrize("kind", SOURCES)
def test_that_there_is_no_code_for_a_design_that_cannot_be_trained(kind: str) -> None:
    with pytest.raises(DesignError, match="conv1"):
        SOURCES[kind](Design(layers=(Conv2D(kernel=99),)))


@pytest.mark.parametrize("name", ["toy-4x4", "course-7x7"])
def test_that_the_numpy_script_of_a_preset_runs(name: str, tmp_path: Path) -> None:
    printed = run(numpy_source(preset(name)), tmp_path)

    assert f"{costs(preset(name)).parameters} parameters" in printed
    assert "epoch 1: loss" in printed


def test_that_keras_is_told_every_layer_in_order() -> None:
    source = keras_source(preset("best-small"))
    words = re.findall(r"layers\.(\w+)\(", source)

    assert words == [
        *("Conv2D", "BatchNormalization", "ReLU", "MaxPooling2D") * 2,
        *("Flatten", "Dropout", "Dense", "ReLU", "Dropout", "Dense"),
    ]


# --- against PyTorch ---------------------------------------------------------------------------------------------


@pytest.fixture
def torch() -> Any:
    found = pytest.importorskip("torch", reason="PyTorch is the oracle of these tests, and it is not installed")
    before = found.get_num_threads()
    found.set_num_threads(1)
    yield found
    found.set_num_threads(before)


def give_weights(torch: Any, model: Any, design: Design, network: Network) -> None:
    """Put the weights of a convviz network into the exported model."""
    nn = torch.nn
    kinds = nn.Conv2d | nn.ConvTranspose2d | nn.Linear | nn.BatchNorm2d | nn.PReLU
    modules = [m for m in model if isinstance(m, kinds)]
    ours = Conv2D | ConvTranspose2D | Dense | BatchNorm2D | PReLU
    layers = [layer for layer in design.layers if isinstance(layer, ours)]
    with torch.no_grad():
        for module, layer in zip(modules, layers, strict=True):
            arrays = {
                array.partition(".")[2]: torch.from_numpy(np.array(value))
                for array, value in network.arrays.items()
                if array.startswith(f"{layer.name}.")
            }
            if isinstance(layer, BatchNorm2D):
                module.weight.copy_(arrays["scale"])
                module.bias.copy_(arrays["shift"])
                continue
            if isinstance(layer, PReLU):
                module.weight.copy_(arrays["slope"])
                continue
            weight = arrays["weight"]
            module.weight.copy_(weight.T if isinstance(layer, Dense) else weight)
            if layer.bias:
                module.bias.copy_(arrays["bias"])


@pytest.mark.parametrize("seed", range(200))
def test_that_the_exported_model_is_the_same_network(torch: Any, seed: int) -> None:
    design = random_design(random.Random(1000 + seed))
    found = costs(design)
    model = namespace(pytorch_source(design))["model"].double().eval()
    network = Network(design, precision=np.float64)
    give_weights(torch, model, design, network)
    shape = (2, design.input.channels, design.input.height, design.input.width)
    images = np.random.default_rng(seed).standard_normal(shape)
    program = lower(design, 2, train=False)
    env = {**network.arrays, IMAGES: images, LABELS: np.zeros(2, np.int64)}
    for _ in execute(program, env, np.float64):
        pass
    scores = next(step.inputs[0] for step in program.steps if step.output == "softmax.p")

    assert sum(p.numel() for p in model.parameters()) == found.parameters
    with torch.no_grad():
        made = model(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(env[scores], made, rtol=1e-9, atol=1e-11)

    # The shape of every layer's output: modules that only pad come before the layer's own.
    shapes, x = [], torch.from_numpy(images)
    for module in model:
        x = module(x)
        shapes.append(tuple(x.shape[1:]))
    remaining = iter(shapes)
    assert all(any(shape == one for one in remaining) for shape in [layer.output for layer in found.layers])


@pytest.mark.parametrize("name", preset_names())
def test_that_the_exported_preset_trains_a_step(torch: Any, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    design = preset(name)
    before, sys.argv = sys.argv, ["model.py"]
    try:
        namespace(pytorch_source(design))["main"]()
    finally:
        sys.argv = before
    printed = capsys.readouterr().out

    assert f"{costs(design).parameters} parameters" in printed
    assert re.search(r"epoch 1: loss \d", printed)


@pytest.mark.parametrize("seed", range(30))
def test_that_exported_optimisers_and_schedules_run(torch: Any, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    design = random_design(random.Random(seed))
    made = namespace(pytorch_source(design))
    if design.training.batch_size == 1 and any(isinstance(layer, BatchNorm2D) for layer in design.layers):
        pytest.skip("PyTorch refuses to normalise a single number")
    before, sys.argv = sys.argv, ["model.py"]
    try:
        made["main"]()
    finally:
        sys.argv = before

    assert "epoch 1: loss" in capsys.readouterr().out


def test_that_weights_start_as_wide_as_in_convviz(torch: Any) -> None:
    for kind in ("normal", "truncated-normal", "xavier-normal", "xavier-uniform", "he-normal", "he-uniform", "course"):
        design = preset("keras-twin")
        init = type(design.training.init)(kind=kind, scale=0.2)
        layers = (Conv2D(filters=64, kernel=5), ReLU(), Flatten(), Dense(units=40), Dense(units=10))
        training = type(design.training)(init=init)
        design = Design(layers=layers, training=training).named()
        model = namespace(pytorch_source(design))["model"]
        network = Network(design)
        for index, name in ((0, "conv1"), (3, "dense1")):
            ours, theirs = network.arrays[f"{name}.weight"].std(), float(model[index].weight.detach().std())
            assert theirs == pytest.approx(ours, rel=0.1), (kind, name)


# --- against Keras -----------------------------------------------------------------------------------------------


# Keras on PyTorch hands NumPy arrays that don't know NumPy 2's copy keyword.
KERAS_WARNING = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"


@pytest.fixture
def keras() -> Any:
    return pytest.importorskip("keras", reason="Keras is not installed")


@pytest.mark.parametrize("name", preset_names())
def test_that_the_exported_keras_model_of_a_preset_has_its_size(keras: Any, name: str) -> None:
    model = namespace(keras_source(preset(name)))["model"]

    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == costs(preset(name)).parameters


@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("seed", range(40))
def test_that_the_exported_keras_model_is_the_same_network(keras: Any, seed: int) -> None:
    design = random_design(random.Random(2000 + seed))
    found = costs(design)
    model = namespace(keras_source(design))["model"]
    network = Network(design)
    shape = (1, 1, 1)
    for layer, cost in zip(design.layers, found.layers, strict=True):
        if isinstance(layer, Flatten):
            shape = cost.inputs  # type: ignore[assignment]
        if not isinstance(layer, Conv2D | ConvTranspose2D | Dense):
            continue
        weight = network.arrays[f"{layer.name}.weight"]
        if isinstance(layer, Conv2D):
            weight = weight.transpose(2, 3, 1, 0)
        elif isinstance(layer, ConvTranspose2D):
            if isinstance(model.get_layer(layer.name), keras.layers.Conv2DTranspose):
                weight = weight.transpose(2, 3, 1, 0)
            else:  # a convolution, with the filters turned
                groups, (_, per, kh, kw) = layer.groups, weight.shape
                weight = weight.reshape(groups, -1, per, kh, kw)[..., ::-1, ::-1].transpose(3, 4, 1, 0, 2)
                weight = weight.reshape(kh, kw, -1, layer.filters)
        elif weight.shape[0] == np.prod(shape):
            # The first dense layer reads features in Keras's order: height, width, channels.
            weight = weight.reshape(*shape, -1).transpose(1, 2, 0, 3).reshape(weight.shape)
            shape = (1, 1, 1)
        bias = [network.arrays[f"{layer.name}.bias"]] if layer.bias else []
        model.get_layer(layer.name).set_weights([weight, *bias])
    images = np.random.default_rng(seed).random((2, *found.layers[0].inputs), dtype=np.float32)
    program = lower(design, 2, train=False)
    env = {**network.arrays, IMAGES: images, LABELS: np.zeros(2, np.int64)}
    for _ in execute(program, env):
        pass
    scores = next(step.inputs[0] for step in program.steps if step.output == "softmax.p")

    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == found.parameters
    made = np.asarray(keras.ops.convert_to_numpy(model(images.transpose(0, 2, 3, 1), training=False)))
    np.testing.assert_allclose(env[scores], made, rtol=1e-3, atol=1e-4)


@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("seed", range(4))
def test_that_the_exported_keras_script_trains_a_step(
    keras: Any, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before, sys.argv = sys.argv, ["model.py"]
    try:
        namespace(keras_source(random_design(random.Random(seed))))["main"]()
    finally:
        sys.argv = before

    assert "parameters" in capsys.readouterr().out


def test_that_a_number_and_its_unit_stand_on_one_line() -> None:
    for width in range(24, 110):
        lines = prose("One layer of 32 filters 7×7 and 10 units: good for 97–98 % on MNIST after 3 epochs.", width)
        assert all(len(line) <= width for line in lines)
        assert not any(re.search(r"\d$", line) for line in lines[:-1] if not line.endswith("7×7"))
        assert " ".join(lines).endswith("97–98 % on MNIST after 3 epochs.")


@pytest.mark.parametrize("name", preset_names())
def test_that_no_docstring_of_exported_code_breaks_a_number_from_its_unit(name: str) -> None:
    about = opening(preset(name), "NumPy", "NumPy", "")
    assert not any(re.search(r"\d$", line) and re.match(r"%|[a-z]", following) for line, following in pairwise(about))
