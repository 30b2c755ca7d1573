"""The NumPy script is a program of its own, and does what the engine does."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine_zoo import ZOO, net
from random_designs import random_design

import convviz
from convviz.core.design import Design, Input
from convviz.core.dropout import masks_for
from convviz.core.execute import execute
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.lower import IMAGES, LABELS, LOSS, PROBABILITIES, lower
from convviz.core.network import Network
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine
from convviz.present.code import numpy_source
from convviz.present.code.numpy_functions import Functions
from convviz.storage.presets import preset, preset_names

N = 3
DESIGNS: dict[str, Callable[[], Design]] = {
    **{name: (lambda name=name: ZOO[name]) for name in ZOO},
    **{name: (lambda name=name: preset(name)) for name in preset_names() if name != "keras-twin-plain"},
    **{f"random {seed}": (lambda seed=seed: random_design(random.Random(seed))) for seed in range(25)},
    "names that are no names in Python": lambda: net(
        Conv2D(name="1-st", filters=2), Conv2D(name="1_st", filters=2), ReLU(name="für"), image=(1, 7, 6)
    ),
}


def namespace(source: str) -> dict[str, Any]:
    """Run a script up to its last lines."""
    found: dict[str, Any] = {"__name__": "generated"}
    exec(compile(source, "generated.py", "exec"), found)
    return found


def assert_close(made: Any, wanted: Any, name: str) -> None:
    made, wanted = np.asarray(made), np.asarray(wanted)
    assert made.shape == wanted.shape, name
    largest = np.abs(wanted).max(initial=1e-3)
    assert np.abs(made - wanted).max(initial=0) <= 1e-9 * largest, name


@pytest.mark.parametrize("name", DESIGNS)
def test_that_its_passes_are_the_engines(name: str) -> None:
    design = DESIGNS[name]()
    script = namespace(numpy_source(design))
    network = Network(design, precision=np.float64)
    rng = np.random.default_rng(0)
    image = design.input
    x = rng.random((N, image.channels, image.height, image.width))
    labels = rng.integers(0, design.classes, N)
    program = lower(network.design, N)
    w = {name: array for name, array in network.arrays.items() if array.shape}
    env = dict(network.arrays)
    for step in range(2):
        masks = masks_for(program, design.training.seed, step, precision=np.float64)
        scalars = {"lr": np.array(0.05), "t": np.array(step + 1.0)}
        env |= {IMAGES: x, LABELS: labels, **scalars, **masks}
        for _ in execute(program, env, np.float64):
            pass
        given = (0.05, step + 1, masks)
        wanted = ("t" in program.sources, bool(program.masks))
        arguments = [given[0], *([given[1]] if wanted[0] else []), *([given[2]] if wanted[1] else [])]
        loss, p = script["train_on"](w, x, labels, *arguments)

        assert_close(loss, env[LOSS], "loss")
        assert_close(p, env[PROBABILITIES], "probabilities")
        env = {source: env[program.updates.get(source, source)] for source in network.arrays}
        for source in w:
            assert_close(w[source], env[source], source)
    tested = lower(network.design, N, train=False)
    env |= {IMAGES: x, LABELS: labels}
    for _ in execute(tested, env, np.float64):
        pass
    scores = next(step.inputs[0] for step in tested.steps if step.output == PROBABILITIES)
    assert_close(script["scores"](w, x), env[scores], "scores")


@pytest.mark.parametrize("name", [*ZOO, "best-small"])
def test_that_it_stays_in_float32(name: str) -> None:
    design = DESIGNS[name]()
    script = namespace(numpy_source(design))
    w = script["start"]()
    network = Network(design)
    image = design.input
    x = np.random.default_rng(0).random((N, image.channels, image.height, image.width), dtype=np.float32)
    masks = script["dropout_masks"](N, 0) if "dropout_masks" in script else None
    program = lower(network.design, N)

    for source, array in w.items():
        assert (array == network.arrays[source]).all(), source
    for source, mask in masks_for(program, design.training.seed, 0).items():
        assert masks is not None
        assert (masks[source] == mask).all()
    given = [0.1, *([1] if "t" in program.sources else []), *([masks] if masks else [])]
    loss, p = script["train_on"](w, x, np.zeros(N, np.int64), *given)
    assert {array.dtype for array in (loss, p, *w.values())} == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", [*ZOO, *preset_names()])
def test_that_it_needs_numpy_alone(name: str) -> None:
    design = ZOO[name] if name in ZOO else preset(name)
    tree = ast.parse(numpy_source(design, "model.npz"))
    imported = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported <= {"math", "sys", "pathlib", "numpy", "numpy.lib.stride_tricks", "h5py"}


def test_that_from_the_start_it_trains_as_convviz_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A bias before batch normalisation has no gradient but rounding, which Adam makes whole steps of.
    layers = (Conv2D(filters=2, bias=False), BatchNorm2D(), ReLU(), Flatten(), Dropout(rate=0.3), Dense(units=10))
    design = net(*layers, image=(1, 28, 28), classes=10, optimiser=Adam(lr=0.01), epochs=2, batch_size=32)
    design = convviz.Design(
        name="small",
        input=Input(),
        layers=design.layers[:-1],
        training=type(design.training)(
            optimiser=Adam(lr=0.01), epochs=2, batch_size=32, train_size=100, test_size=50, schedule=Cosine(warmup=3)
        ),
    ).named()
    data = convviz.load_data().take(train_size=120, test_size=60)
    run = convviz.train(design, data)
    convviz.export_code(tmp_path / "small.py", design)
    np.savez(
        tmp_path / "d.npz", x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test[:, None]
    )
    monkeypatch.setattr("sys.argv", ["small.py", str(tmp_path / "d.npz")])
    namespace((tmp_path / "small.py").read_text())["main"]()
    printed = capsys.readouterr().out

    for epoch, measured in enumerate(run.history, 1):
        assert f"epoch {epoch}: loss {measured.loss:.4f}, test accuracy {measured.test_accuracy:.4f}" in printed


def test_that_an_op_whose_readable_form_needs_more_than_numpy_is_refused() -> None:
    def borrowing(x: Any) -> Any:
        return masks_for(x, 0, 0)

    with pytest.raises(TypeError, match="borrowing: expected plain NumPy, got one that needs masks_for"):
        Functions().use(borrowing)


def test_that_functions_of_one_name_stay_apart() -> None:
    functions = Functions()

    def first() -> Callable[[Any], Any]:
        def same(x: Any) -> Any:
            return x + 1

        return same

    def second() -> Callable[[Any], Any]:
        def same(x: Any) -> Any:
            return x + 2

        return same

    a, b = first(), second()
    assert [functions.use(a), functions.use(b), functions.use(a)] == ["same", "same_2", "same"]
    assert "\n".join(functions.lines()).count("def same") == 2
