"""What another program's network wants done to its images becomes its first layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scored import scores

from convviz.cli.preprocess import WORDS
from convviz.core.design import Design, Input
from convviz.core.errors import DesignError
from convviz.core.layers import Add, Conv2D, Dense, Flatten
from convviz.core.network import Network
from convviz.storage.model_files import load_model, save_model
from convviz.storage.network_state import NetworkState, RunProgress
from convviz.storage.preprocess import PRESETS, Preprocess, guessed, parsed, preprocessed

DESIGN = Design(
    name="small",
    input=Input(channels=3, height=5, width=4),
    classes=3,
    layers=(
        Conv2D(name="a", filters=3, kernel=3, padding=1),
        Add(name="sum", input=("a", "x")),
        Flatten(),
        Dense(units=3),
    ),
).named()
FIXTURES = Path(__file__).parent / "fixtures" / "keras"


def state_of(design: Design = DESIGN) -> NetworkState:
    network = Network(design)
    return NetworkState(network.design, network.arrays, RunProgress(learning_rate=0.1), weights_only=True)


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "mnist"])
def test_that_the_first_layer_does_it(name: str, tmp_path: Path) -> None:
    state, wanted = state_of(), PRESETS[name]
    images = np.random.default_rng(3).random((2, 3, 5, 4)).astype(np.float32)
    theirs = images[:, ::-1] if wanted.is_reversed else images
    shape = (-1, 1, 1)
    theirs = (theirs * wanted.top - np.reshape(wanted.mean, shape)) / np.reshape(wanted.std, shape)
    changed = preprocessed(state, wanted)
    ours = scores(changed, images)
    np.testing.assert_allclose(ours, scores(state, theirs.astype(np.float32)), rtol=1e-4, atol=1e-4)
    assert (changed.design.layers[0].name == "preprocess") == wanted.changes
    save_model(tmp_path / "kept.npz", changed)  # and it is kept with the rest
    np.testing.assert_array_equal(scores(load_model(tmp_path / "kept.npz"), images), ours)


def test_that_names_of_classes_are_checked_and_become_part_of_the_design() -> None:
    assert preprocessed(state_of(), Preprocess(class_names=("a", "b", "c"))).design.class_names == ("a", "b", "c")
    assert "expected 3, got 2" in Preprocess(class_names=("a", "b")).problem(DESIGN)
    assert "1 to 100 characters each, got 101" in Preprocess(class_names=("a", "b", "c" * 101)).problem(DESIGN)
    assert "1 to 100 characters each, got 0" in Preprocess(class_names=("a", "", "c")).problem(DESIGN)


def test_that_what_it_does_can_be_written_and_its_words_are_known() -> None:
    assert set(WORDS) == set(PRESETS)
    assert parsed("imagenet") is PRESETS["imagenet"]
    found = parsed("mean=1,2,3/std=0.5/top=255/bgr")
    assert found == Preprocess((1.0, 2.0, 3.0), (0.5,), 255.0, True)
    for text in ("imgnet", "mean=a/std=1", "mean", "gamma=2", ""):
        with pytest.raises(DesignError, match="--preprocess: expected one of"):
            parsed(text)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (Preprocess(mean=(0.5, 0.5)), "mean: expected one number, or 3, got 2"),
        (Preprocess(std=(0.0,)), "std: expected numbers above 0, got 0"),
        (Preprocess(mean=(float("nan"),)), "mean: expected finite numbers"),
        (Preprocess(top=0.0), "top: expected a number above 0"),
        (Preprocess(class_names=("one",)), "class names: expected 3, got 1"),
    ],
)
def test_that_what_makes_no_sense_is_said(wanted: Preprocess, sentence: str) -> None:
    with pytest.raises(DesignError, match=sentence):
        preprocessed(state_of(), wanted)


def test_that_grey_images_have_no_order_of_channels() -> None:
    design = Design(name="grey", classes=2, layers=(Flatten(), Dense(units=2)))
    assert "one" in Preprocess(is_reversed=True).problem(design)
    assert guessed(design) == "0..1"
    large = Design(input=Input(channels=3, height=224, width=224))
    assert guessed(large) == "imagenet"


def test_that_models_of_other_programs_are_foreign_and_ours_are_not(tmp_path: Path) -> None:
    assert load_model(FIXTURES / "single.keras").is_foreign
    save_model(tmp_path / "ours.npz", state_of())
    assert not load_model(tmp_path / "ours.npz").is_foreign


def test_that_onnx_of_ours_is_not_foreign(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="ONNX models are read with the package onnx, and it is not installed")
    save_model(tmp_path / "ours.onnx", state_of())
    assert not load_model(tmp_path / "ours.onnx").is_foreign


def test_that_the_command_line_takes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import convviz
    from convviz.__main__ import main

    image: Any = np.random.default_rng(5).random((1, 6, 6)).astype(np.float32)
    np.save(tmp_path / "image.npy", image)
    model, trace = FIXTURES / "single.keras", tmp_path / "trace.h5"
    flags = ["step", "--model", str(model), "--image", str(tmp_path / "image.npy"), "--export", str(trace)]
    assert main([*flags, "--preprocess", "0..255"]) == 0
    opened = convviz.open_trace(trace)
    assert opened.design.layers[0].name == "preprocess"
    assert opened.design.layers[0].scale == 255
    assert main([*flags, "--preprocess", "imagenet"]) == 2
    assert "mean: expected one number, got 3" in capsys.readouterr().err
