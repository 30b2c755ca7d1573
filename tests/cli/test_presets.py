"""``convviz presets``, and training from a preset or a file of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from convviz.__main__ import build_parser, main
from convviz.cli.choose import OPTIMISERS, design_of
from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, MaxPool2D
from convviz.core.network import Network
from convviz.core.optim import Adam, AnyOptimiser
from convviz.storage.designs import save_design
from convviz.storage.presets import preset, preset_names

DEEPER = Design(
    name="deeper",
    layers=(Conv2D(filters=2), MaxPool2D(), Conv2D(filters=3), Flatten(), Dense(units=10)),
    training=Training(optimiser=Adam(lr=0.003), batch_size=20, epochs=7, seed=5),
).named()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "deeper.toml"
    save_design(DEEPER, path)
    return path


def chosen(*flags: str | Path) -> Design:
    return design_of(build_parser().parse_args(["train", *map(str, flags)]))


def test_that_presets_are_listed_with_their_size_and_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["name", "layers", "parameters", "about"]
    assert [line.split()[0] for line in lines if line[0] != " "][1:] == preset_names()
    assert next(line for line in lines if line.startswith("course-7x7")).split()[1:3] == ["4", "185,930"]


def test_that_presets_as_json_say_the_same_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["presets", "--json"]) == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert list(found) == preset_names()
    assert found["course-7x7"]["layers"] == ["conv2d", "relu", "flatten", "dense"]
    assert found["toy-4x4"]["parameters"] == Network(preset("toy-4x4")).size


def test_that_a_preset_and_a_file_are_taken_as_they_are(file: Path) -> None:
    assert chosen("--preset", "toy-4x4") == preset("toy-4x4")
    assert chosen("--design", file) == DEEPER


def test_that_flags_that_were_given_override_the_file_and_others_do_not(file: Path) -> None:
    design = chosen("--design", file, "--lr", "0.1", "--epochs", "2", "--train-size", "30")
    assert design.training.optimiser == Adam(lr=0.1)
    assert (design.training.epochs, design.training.train_size) == (2, 30)
    assert (design.training.batch_size, design.training.seed) == (20, 5)
    assert design.layers == DEEPER.layers


def test_that_another_number_of_classes_reaches_the_last_layer(file: Path) -> None:
    design = chosen("--design", file, "--num_class", "4", "--img_height", "20")
    assert (design.classes, design.layers[-1].units) == (4, 4)  # type: ignore[union-attr]
    assert design.input == Input(height=20)


def test_that_the_flags_of_the_courses_convolution_fit_a_preset_of_its_form() -> None:
    conv = chosen("--preset", "toy-4x4", "--n_filter", "3", "--h_filter", "1", "--padding", "0").layers[0]
    assert conv == Conv2D(name="conv1", filters=3, kernel=(1, 2), stride=1, padding=0)


def test_that_they_are_refused_with_any_other_network(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--design", str(file), "--n_filter", "3", "--stride", "2"]) == 2
    assert capsys.readouterr().err == (
        "convviz train: --n_filter, --stride: expected a network of one convolution, ReLU and one dense layer, "
        "got deeper with 5 layers; change them in a file for --design\n"
    )


def test_that_an_optimiser_comes_with_its_own_learning_rate() -> None:
    assert chosen("--optimiser", "adam").training.optimiser == Adam()
    assert chosen("--optimiser", "adam", "--lr", "0.5").training.optimiser == Adam(lr=0.5)
    assert tuple(kind.__struct_config__.tag for kind in get_args(AnyOptimiser)) == OPTIMISERS


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--preset", "nope"], "preset: expected one of course-7x7, "),
        (["--design", "nowhere.toml"], "nowhere.toml: can't be read: "),
    ],
)
def test_that_an_unknown_preset_or_file_is_one_sentence(
    flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"convviz train: {sentence}")
    assert error.count("\n") == 1


def test_that_a_design_from_a_file_trains(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--epochs", "1", "--train-size", "60", "--test-size", "20"]
    assert main(["train", "--design", str(file), *flags]) == 0
    assert ">>> Training deeper ..." in (out := capsys.readouterr().out)
    assert "Epoch 1, Loss = " in out


def test_that_the_preset_for_stepping_trains_on_images_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--preset", "toy-4x4", "--json", "--epochs", "3"]) == 0
    losses = [json.loads(line)["loss"] for line in capsys.readouterr().out.splitlines()]
    assert len(losses) == 3
    assert losses[2] < losses[0]


@pytest.mark.parametrize("name", preset_names())
def test_that_every_preset_trains_from_the_command_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    size = "2" if name == "toy-4x4" else "20"
    flags = ["--epochs", "1", "--train-size", size, "--test-size", "2", "--minibatch_size", "10"]
    assert main(["train", "--preset", name, *flags]) == 0
    assert "Epoch 1, Loss = " in capsys.readouterr().out
