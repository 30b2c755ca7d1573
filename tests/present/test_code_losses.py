"""Losses in exported scripts, and what is counted over images of which some count more, or not at all."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from engine_zoo import LAYERS, net

from convviz.core.design import Design
from convviz.core.execute import execute
from convviz.core.layers import Conv2D
from convviz.core.lower import IMAGES, LABELS, LOSS, PROBABILITIES
from convviz.core.network import Network, lowered
from convviz.present.code import keras_source, numpy_source, pytorch_source
from convviz.present.moment import sureness
from convviz.present.trouble import no_better_than_guessing
from convviz.training.images import Split
from convviz.training.predict import Predictions, predict
from convviz.training.trainer import Trainer

LOSSES = {
    **{name: LAYERS[name] for name in ("hinge", "squared error", "squared error, smoothed", "an ignored label")},
    **{name: LAYERS[name] for name in ("class weights", "label smoothing")},
    "smoothed and weighted": net(image=(1, 3, 3), label_smoothing=0.2, class_weights=(0.5, 0.0, 2.0)),
    "weighted squares": net(image=(1, 3, 3), loss="mse", class_weights=(0.5, 1.0, 2.0), ignored_label=0),
}


@pytest.fixture(autouse=True)
def _no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["model.py"])


def scripted(source: str) -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": "generated", "__file__": "model.py"}
    exec(compile(source, "generated.py", "exec"), found)
    return found


def scores_and_loss(design: Design) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Images, their scores, labels of all classes, and the loss in float32."""
    network, image = Network(design), design.input
    rng = np.random.default_rng(3)
    images = rng.random((6, image.channels, image.height, image.width), np.float32)
    labels = np.array([0, 1, 2, 2, 1, 0])
    program = lowered(design, 6, train=False)
    env = {**network.arrays, IMAGES: images, LABELS: labels}
    for _ in execute(program, env):
        pass
    scores = next(step.inputs[0] for step in program.steps if step.output == PROBABILITIES)
    return images, env[scores], labels, float(env[LOSS])


@pytest.mark.parametrize("name", LOSSES)
def test_that_the_pytorch_script_has_the_same_loss(name: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    _, scores, labels, loss = scores_and_loss(LOSSES[name])
    script = scripted(pytorch_source(LOSSES[name]))
    function = script.get("loss_function") or torch.nn.CrossEntropyLoss(label_smoothing=0.2)
    assert float(function(torch.from_numpy(scores), torch.from_numpy(labels))) == pytest.approx(loss, rel=1e-5)
    script["main"]()


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning")
@pytest.mark.parametrize("name", [name for name in LOSSES if name != "label smoothing"])
def test_that_the_keras_script_has_the_same_loss(name: str) -> None:
    keras = pytest.importorskip("keras", reason="Keras is not installed")
    _, scores, labels, loss = scores_and_loss(LOSSES[name])
    script = scripted(keras_source(LOSSES[name]))
    made = script["loss_function"](keras.ops.convert_to_tensor(labels[:, None]), keras.ops.convert_to_tensor(scores))
    assert float(keras.ops.mean(made)) == pytest.approx(loss, rel=1e-5)
    script["main"]()


@pytest.mark.parametrize("name", LOSSES)
def test_that_the_numpy_script_runs_with_the_loss(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    scripted(numpy_source(LOSSES[name]))["main"]()
    assert "loss" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("loss", "smoothing"), [("cross-entropy", 0.0), ("cross-entropy", 0.3), ("hinge", 0.0), ("mse", 0.0), ("mse", 0.3)]
)
def test_that_chance_is_the_loss_of_a_network_that_knows_nothing(loss: Any, smoothing: float) -> None:
    design = net(image=(1, 3, 3), loss=loss, label_smoothing=smoothing)
    network = Network(design)
    alike = 1 / 3 if loss == "mse" else 0.0
    for name in network.parameters:
        network.arrays[name][...] = alike if name.endswith("bias") else 0.0
    found = predict(network, labelled(design))
    chance = design.training.chance(3)
    assert found.loss == pytest.approx(chance, rel=1e-6)
    said = no_better_than_guessing(found.loss, 3, design.training)
    assert said.endswith(f"no better than guessing: {'ln(3) = ' if loss == 'cross-entropy' else ''}{chance:.4f}")


def test_that_what_is_no_probability_is_called_none() -> None:
    assert sureness(net()) == "probability"
    assert sureness(net(loss="hinge")) == sureness(net(loss="mse")) == "share"


# --- counting --------------------------------------------------------------------------------------------------------


def labelled(design: Design, count: int = 30) -> Split:
    rng, image = np.random.default_rng(5), design.input
    images = rng.random((count, image.channels, image.height, image.width), np.float32)
    return Split(images, rng.integers(0, design.classes, count))


def test_that_ignored_images_count_neither_in_the_loss_nor_in_the_accuracy() -> None:
    design = net(Conv2D(filters=2), image=(1, 5, 5), class_weights=(1.0, 3.0, 0.5), ignored_label=2)
    split = labelled(design)
    counts = split.labels != 2
    found = predict(Network(design), split)
    weights = np.array([1.0, 3.0, 0.0])[split.labels]

    assert found.accuracy == pytest.approx((found.predicted == split.labels)[counts].mean())
    assert found.loss == pytest.approx(float((weights * found.losses).sum() / weights.sum()))
    assert np.array_equal(found.counting, counts)
    plain = Predictions(found.probabilities, found.losses, found.labels)
    assert plain.accuracy == pytest.approx((found.predicted == split.labels).mean())
    assert plain.loss == pytest.approx(float(found.losses.mean()))


@pytest.mark.parametrize("loss", ["hinge", "mse"])
def test_that_training_makes_any_loss_smaller(loss: Any) -> None:
    design = net(image=(1, 4, 4), loss=loss, batch_size=10, epochs=8, ignored_label=2)
    split = labelled(design, 40)
    with Trainer(design, split, split, threads=1) as trainer:
        before = predict(trainer.network, split)
        for _ in trainer.run():
            pass
        after = predict(trainer.network, split)
    assert after.loss < before.loss
    counts = split.labels != 2
    assert after.accuracy == pytest.approx((after.predicted == split.labels)[counts].mean())


def test_that_a_minibatch_of_ignored_images_changes_nothing() -> None:
    design = net(image=(1, 3, 3), ignored_label=1)
    images = np.random.default_rng(0).random((8, 1, 3, 3), np.float32)
    split = Split(images, np.ones(8, np.int64))
    with Trainer(design, split, split, threads=1) as trainer:
        before = {name: trainer.network.arrays[name].copy() for name in trainer.network.parameters}
        for _ in trainer.run():
            pass
        assert all(np.array_equal(trainer.network.arrays[name], before[name]) for name in before)
        assert trainer.position.step > 0
