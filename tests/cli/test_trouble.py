"""A run that learns nothing says so on stderr: silent filters, a loss no better than guessing."""

from __future__ import annotations

import math

import pytest

from convviz.__main__ import main
from convviz.present.trouble import no_better_than_guessing, silent_layers, silent_sentence
from convviz.storage.presets import preset
from convviz.training.layer_measures import LayerMeasures

SMALL = ["train", "--train-size", "200", "--test-size", "60", "--n_filter", "4", "--epochs", "2"]


def test_that_a_rate_that_kills_all_filters_gets_its_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--lr", "50", "--json"]) == 0
    told = capsys.readouterr()
    lines = told.err.splitlines()

    assert "convviz train: after epoch 1, 4 of 4 filters of conv1 are silent on all of 60 test images" in lines
    assert "convviz train: at the end, 4 of 4 filters of conv1 are silent on all of 60 test images" in lines
    assert sum("no better than guessing: ln(10) = 2.3026" in line for line in lines) == 2
    assert told.out.count("\n") == 2


def test_that_a_healthy_run_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SMALL, "--optimiser", "adam", "--minibatch_size", "16"]) == 0
    assert capsys.readouterr().err.replace("compiling kernels, first time only ...\n", "") == ""


def test_that_few_silent_units_and_layers_without_any_are_not_named() -> None:
    design = preset("best-small")
    measures = (
        LayerMeasures("conv1", silent=6.0, units=16.0),
        LayerMeasures("conv2", silent=13.0, units=32.0),
        LayerMeasures("dense1", silent=127.0, units=128.0),
        LayerMeasures("bn1"),
    )
    assert silent_layers(design, measures, "256 test images") == {
        "conv2": "13 of 32 filters of conv2 are silent on all of 256 test images",
        "dense1": "127 of 128 units of dense1 are silent on all of 256 test images",
    }


def test_that_one_silent_filter_is() -> None:
    one = LayerMeasures("conv1", silent=1.0, units=2.0)
    said = "1 of 2 filters of conv1 is silent on all of 9 test images"
    assert silent_sentence(preset("best-small"), one, "9 test images") == said
    assert silent_layers(preset("best-small"), (one,), "9 test images") == {}, "of two units one is soon a large share"


@pytest.mark.parametrize(
    ("loss", "is_guessing"), [(2.0, False), (2.27, False), (2.29, True), (2.31, True), (9.0, True)]
)
def test_that_guessing_is_told_from_learning(loss: float, is_guessing: bool) -> None:
    assert bool(no_better_than_guessing(loss, 10)) == is_guessing
    assert no_better_than_guessing(math.nan, 10) == ""
