"""``convviz train --break`` and ``--mark``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import convviz
from convviz.__main__ import main

SMALL = ["--train_size", "96", "--test_size", "32", "--minibatch_size", "16", "--n_filter", "3", "--threads", "1"]


def train(*flags: str) -> int:
    return main(["train", *SMALL, *flags])


def test_that_a_run_that_held_exits_with_3_is_kept_before_the_update_and_goes_on_bit_for_bit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, held = tmp_path / "whole.h5", tmp_path / "held.h5"
    assert train("--epochs", "1", "--save", str(whole)) == 0
    capsys.readouterr()
    assert train("--epochs", "1", "--save", str(held), "--break", "step 4") == 3
    said = capsys.readouterr()
    assert "break at step 4: Step 4 comes" in said.out
    assert f"held in epoch 1 after 3 minibatches; kept in {held} as it was before the update" in said.err
    assert convviz.load(held).place.step == 3
    assert main(["train", "--resume", str(held), "--threads", "1"]) == 0
    one, other = convviz.load(whole).network.arrays, convviz.load(held).network.arrays
    for name, array in one.items():
        np.testing.assert_array_equal(array, other[name], err_msg=name)


def test_that_marks_are_only_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--epochs", "1", "--json", "--mark", "step 2", "--mark", "norm(conv1.d_weight) > 0") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["mark"], line["step"]) for line in lines if "mark" in line] == [
        ("norm(conv1.d_weight) > 0 is true", 1),
        ("Step 2 comes", 2),
    ]


@pytest.mark.parametrize(
    ("flag", "text", "says"),
    [
        (
            "--break",
            "norm(conv9.weight) > 1",
            "--break: norm(conv9.weight) > 1: column 6: expected an array",
        ),
        ("--mark", "loss", "--mark: loss: column 1: expected a condition, got a number"),
        ("--break", "test accuracy >= 120%", "--break: test accuracy: expected more than 0 % and at most 100 %"),
    ],
)
def test_that_a_condition_that_makes_no_sense_is_refused_before_the_data_is_read(
    flag: str, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(flag, text) == 2
    err = capsys.readouterr().err
    assert len(err.strip().splitlines()) == 1
    assert says in err


def test_that_help_lists_the_conditions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    out = capsys.readouterr().out
    assert "filter dead for 200" in out
    assert "exit with 3" in " ".join(out.split())
