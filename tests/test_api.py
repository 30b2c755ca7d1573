"""``import convviz``: light, complete, and the same code as the command line; its documented examples run."""

from __future__ import annotations

import doctest
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patience import PATIENCE

import convviz
from convviz.__main__ import main
from convviz.core.layers import Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU
from convviz.core.optim import Adam

ROOT = Path(__file__).resolve().parent.parent
API = ("code", "data", "designs", "predicting", "recordings", "run", "steps", "training")


@pytest.fixture(scope="module")
def data() -> convviz.Dataset:
    return convviz.load_data().take(train_size=96, test_size=40)


def small(**training: object) -> convviz.Design:
    from convviz.core.design import Training

    settings = {"optimiser": Adam(), "batch_size": 32, "epochs": 2} | training
    layers = (Conv2D(filters=2), ReLU(), MaxPool2D(), Flatten(), Dropout(), Dense(units=10))
    return convviz.Design(name="small", layers=layers, training=Training(**settings)).named()  # type: ignore[arg-type]


# --- the import --------------------------------------------------------------------------------------------------


def test_that_the_import_loads_neither_numpy_nor_qt() -> None:
    code = "import sys, convviz; print(sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE)
    loaded = set(json.loads(done.stdout.replace("'", '"')))
    assert "convviz" in loaded
    assert not loaded & {"numpy", "h5py", "msgspec", "PySide6", "pyqtgraph", "threadpoolctl"}


def test_that_training_from_python_loads_no_qt() -> None:
    code = (
        "import sys\n"
        "for name in ('PySide6', 'pyqtgraph', 'shiboken6'):\n"
        "    sys.modules[name] = None\n"
        "import convviz\n"
        "data = convviz.load_data().take(64, 32)\n"
        "print(len(convviz.train(convviz.preset('course-7x7'), data, epochs=1).history))\n"
    )
    env = {**os.environ, "CONVVIZ_FAST": "0"}  # Python is up sooner without a compiler
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE, env=env
    )
    assert done.stdout == "1\n", done.stderr


def test_that_every_public_name_is_there_and_documented() -> None:
    for name in convviz.__all__:
        found = getattr(convviz, name)
        assert name == "__version__" or (found.__doc__ or "").strip(), name
    assert set(convviz.__all__) <= set(dir(convviz))
    with pytest.raises(AttributeError, match="module 'convviz' has no attribute 'nope'"):
        _ = convviz.nope


@pytest.mark.parametrize("name", API)
def test_that_the_examples_in_the_documentation_are_true(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(f"convviz.api.{name}"))
    assert failed == 0
    assert tried > 0


def test_that_the_readmes_example_runs_and_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## From Python\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert blocks
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    promised = [line.partition("#> ")[2] for block in blocks for line in block.splitlines() if "#> " in line]
    assert promised
    assert [line for line in promised if line not in printed] == []


# --- training ----------------------------------------------------------------------------------------------------


def test_that_events_come_in_order_and_the_history_is_theirs(data: convviz.Dataset) -> None:
    events: list[object] = []
    run = convviz.train(small(), data, on_event=events.append)
    aside = convviz.Compiling, convviz.Evaluating
    told = [type(event).__name__ for event in events if not isinstance(event, aside)]
    assert told == ["MinibatchDone"] * 3 + ["EpochDone"] + ["MinibatchDone"] * 3 + ["EpochDone"]
    ends = [event for event in events if isinstance(event, convviz.EpochDone)]
    assert [row.test_loss for row in run.history] == [event.test_loss for event in ends]
    assert run.finished


def test_that_the_command_line_runs_the_same_code(data: convviz.Dataset, capsys: pytest.CaptureFixture[str]) -> None:
    run = convviz.train(convviz.preset("course-7x7"), data, epochs=1)
    flags = ["--epochs", "1", "--train-size", "96", "--test-size", "40", "--json"]
    assert main(["train", "--preset", "course-7x7", *flags]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["loss"], printed["test_accuracy"]) == (run.history[0].loss, run.history[0].test_accuracy)


@pytest.mark.usefixtures("kernels")
def test_that_a_run_goes_on_as_if_it_had_never_stopped(data: convviz.Dataset) -> None:
    straight = convviz.train(small(epochs=3), data)
    first = convviz.train(small(epochs=3), data, stop=iter([False] * 5 + [True] * 9).__next__)
    assert not first.finished
    before = first.weights["conv1.weight"].copy()
    rest = convviz.train(first, data)
    assert [row.loss for row in rest.history] == [row.loss for row in straight.history]
    for name, weight in straight.weights.items():
        assert rest.weights[name].tobytes() == weight.tobytes()
    assert (first.weights["conv1.weight"] == before).all(), "what is given stays as it is"


def test_that_it_goes_on_from_a_file_too(data: convviz.Dataset, tmp_path: Path) -> None:
    path = str(tmp_path / "model.h5")
    straight = convviz.train(small(epochs=3), data)
    convviz.train(small(epochs=1), data, save_to=path)
    rest = convviz.train(convviz.load(path), data, epochs=3, save_to=path)
    assert rest.weights["dense1.weight"].tobytes() == straight.weights["dense1.weight"].tobytes()
    kept = convviz.load(path)
    assert (kept.place, kept.history, kept.design) == (rest.place, rest.history, straight.design)


def test_that_a_network_is_trained_from_the_weights_that_it_has(data: convviz.Dataset) -> None:
    network = convviz.Network(small())
    network.arrays["dense1.weight"][...] = 0
    before = network.arrays["conv1.weight"].copy()
    first: list[float] = []
    convviz.train(network, data, epochs=1, on_event=lambda e: first.append(getattr(e, "loss", 0.0)))
    assert first[0] == pytest.approx(np.log(10), rel=1e-5)
    assert (network.arrays["conv1.weight"] == before).all()


def test_that_other_data_is_refused(data: convviz.Dataset) -> None:
    run = convviz.train(small(epochs=1), data)
    with pytest.raises(convviz.OtherDataError, match="expected the data that the network was trained on"):
        convviz.train(run, convviz.load_data().take(90, 40), epochs=2)


def test_that_a_design_that_does_not_fit_is_one_error_class(data: convviz.Dataset) -> None:
    with pytest.raises(convviz.DesignError, match="the network expects 1×4×4"):
        convviz.train(convviz.preset("toy-4x4"), data)
    assert issubclass(convviz.DesignError, convviz.ConvvizError)


def test_that_a_name_is_no_design(data: convviz.Dataset) -> None:
    with pytest.raises(TypeError, match=r"expected a Design, Network or Run, got str; convviz\.preset\(name\) gives"):
        convviz.train("course-7x7", data)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (convviz.preset("toy-4x4"), r"Design; convviz\.Network\(design\) makes an untrained one"),
        ("model.h5", r"str; convviz\.load\(path\) opens one"),
        (3, "int"),
    ],
)
def test_that_what_can_not_predict_is_one_sentence(data: convviz.Dataset, given: Any, words: str) -> None:
    for asked, look in (("predict", convviz.predict), ("step_through", convviz.step_through)):
        with pytest.raises(TypeError, match=f"{asked}: expected a Network or Run, got {words}$"):
            look(given, data)  # type: ignore[operator]


def test_that_what_is_no_data_set_is_one_sentence() -> None:
    with pytest.raises(TypeError, match=r"data: expected a Dataset, such as convviz\.load_data\(\) gives, got str"):
        convviz.train(convviz.preset("toy-4x4"), "mnist.h5")  # type: ignore[arg-type]


# --- looking -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("kernels")
def test_that_predictions_agree_with_the_training(data: convviz.Dataset) -> None:
    run = convviz.train(small(), data)
    found = convviz.predict(run, data)
    assert found.accuracy == run.history[-1].test_accuracy
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    assert found.confusion.sum() == 40
    alone = convviz.predict(run.network, data.x_test[:5])
    assert (alone.predicted == found.predicted[:5]).all()
    assert convviz.predict(run, data, split="training").accuracy == run.history[-1].train_accuracy


def test_that_images_of_another_size_are_refused() -> None:
    with pytest.raises(convviz.DesignError, match="given images: the network expects 1×28×28"):
        convviz.predict(convviz.Network(small()), np.zeros((2, 1, 9, 9)))


def test_that_a_pass_has_every_array_in_its_logical_shape(data: convviz.Dataset) -> None:
    network = convviz.Network(convviz.preset("course-7x7"))
    seen = {}
    for step in convviz.step_through(network, data.x_train[:3], data.y_train[:3]):
        assert step.output.shape == step.step.shape
        assert set(step.inputs) <= set(step.arrays)
        seen[step.name] = step.phase
    assert seen["conv1.x_col"] == "forward"
    assert seen["conv1.weight_new"] == "update"
    assert step.arrays["conv1.x_col"].shape == (49, 3 * 24 * 24)
    assert list(dict.fromkeys(seen.values())) == ["forward", "loss", "backward", "update"]


def test_that_later_arrays_are_not_there_yet_and_none_can_be_written(data: convviz.Dataset) -> None:
    first = next(convviz.step_through(convviz.Network(small()), data.x_train[:1], data.y_train[:1]))
    assert "dense1.z" not in first.arrays
    with pytest.raises(KeyError):
        first.arrays["dense1.z"]
    with pytest.raises(ValueError, match="read-only"):
        first.output[...] = 0


def test_that_stepping_makes_the_very_update_that_training_makes(
    data: convviz.Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONVVIZ_FAST", "0")
    run = convviz.train(small(epochs=1), data, stop=lambda: True)
    last = list(convviz.step_through(run, data))[-1]
    rows = convviz_order(run)
    np.testing.assert_array_equal(last.arrays["x"], data.x_train[rows])
    count = iter([True])
    after = convviz.train(run, data, stop=lambda: next(count))
    assert after.place.step == 2
    for name, weight in after.weights.items():
        np.testing.assert_array_equal(last.arrays[f"{name}_new"], weight, err_msg=name)


def test_that_a_run_at_its_end_has_no_minibatch_to_step(data: convviz.Dataset) -> None:
    run = convviz.train(small(epochs=1), data)
    with pytest.raises(convviz.DesignError, match="epoch 1 of 1 is done: no minibatch is left"):
        convviz.step_through(run, data)
    with pytest.raises(TypeError, match="expected the labels of the images"):
        convviz.step_through(run, data.x_test[:1])


def convviz_order(run: convviz.Run) -> np.ndarray:
    """Images of the minibatch that comes next."""
    from convviz.core.seeds import image_order

    return image_order(run.design.training.seed, run.place.epoch, 96)[32:64]


def test_that_designs_are_read_as_they_were_saved(tmp_path: Path) -> None:
    convviz.save_design(str(tmp_path / "small.toml"), small())
    assert convviz.load_design(str(tmp_path / "small.toml")) == small()
