"""Warnings: said of ill runs, with their numbers, and not of healthy ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from convviz.core.design import Design
from convviz.present.history import History
from convviz.present.watch.data_health import DataHealth
from convviz.present.watch.warnings import find_warnings
from convviz.run.recording.curves import with_rate
from convviz.storage.presets import preset
from convviz.training.layer_measures import LayerMeasures
from convviz.training.layers_measured import LayersMeasured
from tests.bench.healthy import told
from tests.support.ill_runs import DEAD_RELUS, OVERFITTING, VANISHING, run_of


def keys(history: History, design: Design = DEAD_RELUS) -> list[str]:
    return [one.key for one in find_warnings(history, design)]


def with_losses(losses: Sequence[float]) -> History:
    history = History()
    for step, loss in enumerate(losses, 1):
        history.minibatches.add(step, loss, 0.5)
    return history


def with_layers(*, steps: Sequence[int] = (100, 200, 300, 400, 500), rate: float = 0.1, **of: float) -> History:
    history = with_losses(np.linspace(2.3, 2.29, 500))
    numbers = {"weight_norm": 1.0, "gradient_norm": 0.1, "update_norm": 1e-3, "silent": 0.0, "units": 10.0} | of
    for step in steps:
        measures = (LayerMeasures("conv1", **numbers), LayerMeasures("dense1", 1.0, 0.1, numbers["update_norm"]))
        answers = np.full(10, 20)
        history.layers.add(LayersMeasured(step, measures, {}, step, answers, {}, rate))
    return history


@pytest.mark.parametrize(
    ("design", "images", "key"),
    [(DEAD_RELUS, 1200, "dead conv1"), (VANISHING, 1200, "vanishing"), (OVERFITTING, 300, "overfitting")],
    ids=lambda one: getattr(one, "name", ""),
)
def test_that_an_ill_run_is_told_what_it_has(design: Design, images: int, key: str) -> None:
    assert keys(run_of(design, images), design) == [key]


@pytest.mark.parametrize("name", ["toy-4x4", "course-7x7", "lenet-5"])
def test_that_a_healthy_preset_never_hears_anything(name: str) -> None:
    """The others take minutes: ``python -m tests.bench.healthy``."""
    history, said = told(preset(name).named(), 1000, 300)
    assert len(history.layers.moments) > 0
    assert said == {}


def test_that_a_sentence_has_its_numbers_and_a_place() -> None:
    (warning,) = find_warnings(with_layers(silent=6.0), DEAD_RELUS)
    assert warning.sentence.startswith("6 of 10 filters of conv1 are silent on all of 200 judged images")
    assert (warning.layer, warning.card) == ("conv1", "Layer")


def test_that_of_dead_layers_the_first_is_named_and_the_others_beside_it() -> None:
    history = History()
    for step in (200, 300):
        measures = [LayerMeasures(name, 1, 0, 0, 1, 9, 9) for name in ("conv1", "dense1")]
        measures.insert(1, LayerMeasures("maxpool1", math.nan, silent=9, units=9))
        history.layers.add(LayersMeasured(step, tuple(measures), {}, step, np.full(10, 20)))
    (warning,) = [one for one in find_warnings(history, DEAD_RELUS) if one.key.startswith("dead")]
    assert warning.layer == "conv1"
    assert ", and 9 of 9 units of dense1: they get no gradient" in warning.sentence


def test_that_a_few_dead_units_are_no_illness() -> None:
    assert keys(with_layers(silent=3.0)) == []


def test_that_one_judgement_alone_says_nothing() -> None:
    assert keys(with_layers(steps=(400,), silent=9.0)) == []


@pytest.mark.parametrize(
    ("of", "key"),
    [
        ({"saturated": 8.0}, "saturated conv1"),
        ({"gradient_norm": 50.0}, "exploding"),
        ({"update_norm": 1e-6}, "rate too small"),
    ],
)
def test_that_measures_out_of_range_are_said(of: dict[str, float], key: str) -> None:
    assert keys(with_layers(**of)) == [key]


def test_that_a_rate_made_small_by_its_schedule_is_not_too_small() -> None:
    history = with_layers(update_norm=1e-6, rate=1e-4)
    history.layers.moments[0] = with_layers(rate=0.1).layers.moments[0]
    assert keys(history) == []


def test_that_a_loss_that_rises_again_is_said_and_noise_is_not() -> None:
    assert keys(with_losses([2.3] * 50 + [0.3] * 100 + [2.3] * 60)) == ["rate too large"]
    assert keys(with_losses([2.3] * 50 + [0.02, 0.3] * 100)) == []


def test_that_a_loss_that_rises_after_an_edit_is_put_down_to_it_and_the_way_back_is_said() -> None:
    history = with_losses([2.3] * 50 + [0.3] * 100 + [2.3] * 60)
    slow = with_rate(DEAD_RELUS, 0.01)
    history.edits.add_settings(20, with_rate(DEAD_RELUS, 0.02), slow)  # long before, and not the cause
    (warning,) = find_warnings(history, DEAD_RELUS)
    assert warning.advice == "The learning rate is probably too large: try a third of it, or a warm-up."
    history.edits.add_settings(150, slow, with_rate(DEAD_RELUS, 2.0))
    (warning,) = find_warnings(history, DEAD_RELUS)
    assert warning.sentence == (
        "The loss has risen from 0.300 to 2.30 (means of 50 minibatches) since an edit after step 150: "
        "learning rate 0.01 → 2."
    )
    assert warning.advice == "Go back to step 150 and branch from there."


def test_that_labels_without_meaning_are_said() -> None:
    history = History()
    for epoch in (1, 2):
        history.epochs.add(epoch * 10, 1.0, 0.5, 0.9, 3.0, 0.1)
    assert keys(history) == ["shuffled"]


def test_that_one_answer_for_all_is_said() -> None:
    history = with_layers()
    answers = np.zeros(10, np.int64)
    answers[3] = 200
    newest = history.layers.moments[-1]
    history.layers.moments[-1] = LayersMeasured(500, newest.measures, {}, 500, answers, {}, 0.1)
    assert keys(history) == ["one answer"]


def collapsed() -> History:
    """A run that learned, until a rate that was too large killed it: no layer moves, and all images get one answer."""
    history = with_losses([2.3] * 100 + [0.2] * 300 + [3.5] * 200)
    answers = np.zeros(10, np.int64)
    answers[3] = 200
    for step in (200, 300, 400, 500, 600):
        measures = (LayerMeasures("conv1", 1.0, 0.1, 1e-6), LayerMeasures("dense1", 1.0, 0.1, 1e-6))
        history.layers.add(LayersMeasured(step, measures, {}, step, answers, {}, 1.0))
    return history


def test_that_a_run_that_collapsed_is_not_told_to_be_faster() -> None:
    found = {one.key: one for one in find_warnings(collapsed(), DEAD_RELUS)}
    assert set(found) == {"rate too large", "one answer"}
    assert found["one answer"].advice.startswith("It had learned before")


def test_that_a_loss_that_stays_that_of_guessing_is_said() -> None:
    history = with_losses([math.log(10)] * 200)
    history.epochs.add(200, 2.3, 2.3, 0.1, 2.3, 0.1)
    (warning,) = find_warnings(history, DEAD_RELUS)
    assert warning.sentence == "The training loss of 2.3026 is no better than guessing: ln(10) = 2.3026."


def test_that_the_data_are_looked_at() -> None:
    pixels = np.full((4, 1, 2, 2), 255.0, np.float32)
    data = DataHealth.of(pixels, np.zeros(4, np.int64))
    assert [one.key for one in find_warnings(History(), DEAD_RELUS, data)] == ["scale", "one class"]
    fine = DataHealth.of(pixels / 255, np.arange(4))
    assert find_warnings(History(), DEAD_RELUS, fine) == ()
    alone = DataHealth.of(pixels[:1] / 255, np.zeros(1, np.int64))
    assert find_warnings(History(), DEAD_RELUS, alone) == ()  # it can't have two labels
