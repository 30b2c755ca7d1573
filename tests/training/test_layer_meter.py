"""Layers are measured around some minibatches of a run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convviz.core.design import Design, Input, Training
from convviz.core.layers import Conv2D, Dense, Flatten, ReLU
from convviz.training import layer_meter
from convviz.training.images import Split
from convviz.training.layer_measures import layer_measures
from convviz.training.layer_meter import LayerMeter
from convviz.training.trainer import Trainer

DESIGN = Design(
    name="metered",
    input=Input(height=6, width=6),
    layers=(Conv2D(filters=2), ReLU(), Flatten(), Dense(units=10)),
    training=Training(batch_size=8),
).named()
RNG = np.random.default_rng(0)
SPLIT = Split(RNG.random((40, 1, 6, 6), np.float32), RNG.integers(0, 10, 40))


def test_that_the_numbers_are_those_of_the_step() -> None:
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        trainer.train_on(np.arange(8))
        meter = LayerMeter(trainer)
        before = {name: trainer.network.arrays[name].copy() for name in trainer.network.parameters}
        meter.before(must=True)
        trainer.train_on(np.arange(8, 16))
        found = meter.after(0.01)
        expected = layer_measures(trainer.network, SPLIT.images, gradients=trainer.gradients(), before=before)
        assert found is not None
        assert (found.step, found.judged) == (2, 2)
        for one, other in zip(found.measures, expected, strict=True):
            assert one.weight_norm == other.weight_norm
            assert one.update_norm == other.update_norm > 0
            assert one.gradient_norm == other.gradient_norm > 0
            assert (one.silent, one.zero_share) == (other.silent, other.zero_share)
        assert found.answers.sum() == len(SPLIT)
        counts = found.counts["conv1"]
        assert counts.weights is not None
        assert counts.weights.values == trainer.network.arrays["conv1.weight"].size
        assert counts.gradients is not None
        assert counts.activations is not None
        assert counts.activations.values == 32 * 2 * 4 * 4


def test_that_it_waits_until_training_has_paid_for_it() -> None:
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        meter = LayerMeter(trainer)
        found = []
        for _ in range(50):
            meter.before()
            trainer.train_on(np.arange(8))
            found.append(meter.after(0.01))
        steps = [one.step for one in found if one is not None]
        assert steps[0] == 1
        assert len(steps) <= 3, "50 steps of 10 ms are half a second, and norms are measured every quarter at the most"


def test_that_units_judged_earlier_stay_until_they_are_judged_again() -> None:
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        meter = LayerMeter(trainer)
        judged = []
        for seconds in (0.01, 600.0, 0.01):
            meter.before()
            trainer.train_on(np.arange(8))
            one = meter.after(seconds)
            if one is not None:
                judged.append(one.judged)
        assert judged[0] == 1
        assert judged[-1] == 3


def test_that_units_are_judged_at_once_when_the_weights_have_leapt() -> None:
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        meter = LayerMeter(trainer)
        judged = []
        for leap in (1.0, 1.1, 2.0, 1.0):
            meter.before(must=True, judges=False, seen=False)
            trainer.train_on(np.arange(8))
            trainer.network.arrays["conv1.weight"] *= leap
            one = meter.after(0.001)
            assert one is not None
            judged.append(one.judged)
        assert judged == [1, 1, 3, 3], "a tenth more changes little, twice as much is another network"


def test_that_a_network_can_be_measured_without_an_update() -> None:
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        found = LayerMeter(trainer).now()
        assert found.step == 0
        assert np.isnan(found.measures[0].update_norm)
        assert found.measures[0].weight_norm == pytest.approx(np.linalg.norm(trainer.network.arrays["conv1.weight"]))


def judged_at_ends_of_epochs(*, seen: bool = True) -> list[int]:
    """Steps after which units were judged, where each of twelve is the last one of its epoch and takes 10 ms."""
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        meter = LayerMeter(trainer)
        judged = []
        for _ in range(12):
            meter.before(must=True, judges=False, seen=seen)
            trainer.train_on(np.arange(8))
            found = meter.after(0.01)
            assert found is not None
            if found.judged == found.step:
                judged.append(found.step)
    return judged


def test_that_a_young_run_is_judged_at_the_ends_of_its_epochs_as_often_as_it_grows_by_half(monkeypatch) -> None:
    monkeypatch.setattr(layer_meter, "YOUNG_SHARE", math.inf)  # judging is for nothing
    steps = judged_at_ends_of_epochs()
    assert steps[:3] == [1, 3, 6]
    assert len(steps) <= 5


def test_that_a_young_run_too_pays_for_what_is_judged(monkeypatch) -> None:
    monkeypatch.setattr(layer_meter, "YOUNG_SHARE", 1e-9)
    assert judged_at_ends_of_epochs() == [1]


def test_that_a_young_run_that_nobody_sees_is_judged_as_any_other(monkeypatch) -> None:
    monkeypatch.setattr(layer_meter, "YOUNG_SHARE", math.inf)
    assert judged_at_ends_of_epochs(seen=False) == [1]


def test_that_a_run_is_judged_once_it_is_seen_again(monkeypatch) -> None:
    monkeypatch.setattr(layer_meter, "YOUNG_SHARE", math.inf)
    monkeypatch.setattr(layer_meter, "UNITS_SHARE", 1e-9)
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        meter = LayerMeter(trainer)
        judged = []
        for seen in (True, False, False, True):
            meter.before(must=True, judges=False, seen=seen)
            trainer.train_on(np.arange(8))
            found = meter.after(600.0)
            assert found is not None
            judged.append(found.judged)
    assert judged == [1, 1, 1, 4]


def test_that_units_can_be_judged_once_the_run_holds() -> None:
    with Trainer(DESIGN, SPLIT, SPLIT) as trainer:
        meter = LayerMeter(trainer)
        for _ in range(2):
            meter.before(must=True, judges=trainer.position.step == 0)
            before = {name: trainer.network.arrays[name].copy() for name in trainer.network.parameters}
            trainer.train_on(np.arange(8))
            found = meter.after(0.01)
        assert found is not None
        assert (found.step, found.judged) == (2, 1)
        later = meter.judged(found)
        expected = layer_measures(trainer.network, SPLIT.images, gradients=trainer.gradients(), before=before)
    assert (later.step, later.judged) == (2, 2)
    assert later.measures == expected
    assert later.counts["conv1"].weights is found.counts["conv1"].weights
    assert later.counts["conv1"].activations is not found.counts["conv1"].activations
