"""``convviz train``: flags, output, refusals; and that it needs no Qt."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from patience import PATIENCE

from convviz.__main__ import build_parser, main
from convviz.cli.choose import design_of
from convviz.core.design import Input, Training, course_design
from convviz.core.optim import SGD

SMALL = ["train", "--train-size", "200", "--test-size", "50", "--epochs", "2", "--n_filter", "4"]


def test_that_flags_and_defaults_are_the_originals() -> None:
    design = design_of(build_parser().parse_args(["train"]))
    assert design == course_design(
        filters=32,
        kernel=(7, 7),
        stride=1,
        padding=1,
        image=Input(channels=1, height=28, width=28),
        classes=10,
        training=Training(optimiser=SGD(lr=0.01), epochs=50, batch_size=64),
    )


def test_that_every_flag_of_the_original_changes_the_design() -> None:
    flags = "--lr 0.5 --epochs 3 --minibatch_size 5 --n_filter 4 --h_filter 3 --w_filter 2 --stride 2 --padding 0"
    flags += " --num_class 4 --num_channel 3 --img_height 9 --img_width 8"
    design = design_of(build_parser().parse_args(["train", *flags.split()]))
    assert design == course_design(
        filters=4,
        kernel=(3, 2),
        stride=2,
        padding=0,
        image=Input(channels=3, height=9, width=8),
        classes=4,
        training=Training(optimiser=SGD(lr=0.5), epochs=3, batch_size=5),
    )


def test_that_the_help_shows_the_originals_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for words in (
        "learning rate (default 0.01",
        "passes over the data (default 50)",
        "images a step (default 64)",
        "filters (default 32)",
        "height of a filter (default 7)",
        "zeros around the image (default 1)",
        "width of an image (default 28)",
    ):
        assert words in text


def test_that_dashes_work_too() -> None:
    args = build_parser().parse_args(["train", "--minibatch-size", "5", "--n-filter", "3", "--img-width", "9"])
    assert (args.minibatch_size, args.n_filter, args.img_width) == (5, 3, 9)


@pytest.mark.usefixtures("kernels")
def test_that_an_epoch_is_one_line_in_the_originals_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(SMALL) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith(">>>")]
    number = r"\d\.\d+(?:e-\d+)?"
    form = rf"Epoch (\d+), Loss = {number}, Training Accuracy = {number}, Test Accuracy = {number}"
    assert [int(re.fullmatch(form, line).group(1)) for line in lines] == [1, 2]  # type: ignore[union-attr]


def test_that_json_prints_one_object_a_line_and_nothing_else(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = tmp_path / "log.csv"
    assert main([*SMALL, "--json", "--log", str(log)]) == 0
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(one) for one in printed] == [["epoch", "loss", "train_accuracy", "test_accuracy", "seconds"]] * 2
    rows = list(csv.DictReader(log.read_text().splitlines()))
    assert [float(row["loss"]) for row in rows] == [one["loss"] for one in printed]


@pytest.mark.usefixtures("kernels")
def test_that_one_seed_gives_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    runs = []
    for threads in ("1", "2"):
        assert main([*SMALL, "--json", "--seed", "3", "--threads", threads]) == 0
        runs.append([json.loads(line)["loss"] for line in capsys.readouterr().out.splitlines()])
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--lr", "0"], "argument --lr: expected a number greater than 0, got 0"),
        (["--lr", "-1"], "argument --lr: expected a number greater than 0, got -1"),
        (["--lr", "1001"], "argument --lr: expected a number of at most 1,000, got 1001"),
        (["--lr", "nan"], "argument --lr: expected a number greater than 0, got nan"),
        (["--epochs", "0"], "argument --epochs: expected a whole number from 1 to 100,000, got 0"),
        (["--n_filter", "two"], "argument --n_filter/--n-filter: expected a whole number from 1 to 65,536, got two"),
    ],
)
def test_that_a_bad_flag_exits_with_2_and_one_sentence(
    flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", *flags])
    assert caught.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"convviz train: error: {sentence}"


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--h_filter", "31"], "conv1: filter 31×7 is larger than its padded input 30×30"),
        (["--dataroot", "nowhere.h5"], "nowhere.h5: "),
        (["--train-size", "999999"], "train_size: expected at most the "),
        (["--num_class", "5"], "training labels: the network expects 0 to 4, got 9"),
        (
            ["--img_height", "20"],
            "training images: the network expects 1×20×28 (channels × height × width), got 1×28×28",
        ),
        (
            ["--log", "/nowhere/at/all.csv"],
            "--log /nowhere/at/all.csv: expected a folder to write in, found no /nowhere/at",
        ),
    ],
)
def test_that_bad_input_exits_with_2_one_line_and_no_traceback(
    flags: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SMALL, *flags]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"convviz train: {sentence}")


def test_that_training_imports_no_qt() -> None:
    code = (
        "import sys\n"
        "for name in ('PySide6', 'pyqtgraph', 'shiboken6'):\n"
        "    sys.modules[name] = None\n"
        "from convviz.__main__ import main\n"
        f"sys.exit(main({[*SMALL, '--epochs', '1']!r}))\n"
    )
    env = {**os.environ, "CONVVIZ_FAST": "0"}  # Python is up sooner without a compiler
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, env=env)
    assert done.returncode == 0, done.stderr
    assert "Epoch 1, Loss = " in done.stdout


def test_that_images_of_another_shape_are_named_with_the_flags_for_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "cifar.h5"
    with h5py.File(path, "w") as file:
        for part in ("train", "test"):
            file[f"x_{part}"] = np.random.default_rng(0).random((40, 3072), np.float32)
            file[f"y_{part}"] = np.zeros((40, 1), np.int32)
    assert main(["train", "--dataroot", str(path)]) == 2
    told = capsys.readouterr().err
    flags = "--num_channel 3 --img_height 32 --img_width 32"
    assert told.endswith(f"got 3×32×32; the network takes such images with {flags}\n")
    assert main(["train", "--dataroot", str(path), "--epochs", "1", "--n_filter", "2", *flags.split()]) == 0
