"""What the session's thread notes of minibatches and of what it does for pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from convviz.run.drawing_cost import DrawingCost
from convviz.run.opening import OpenData, OpenedModel
from convviz.run.training_run import TrainingRun
from convviz.training import layer_meter
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.session_hands import DESIGN, noise


@pytest.fixture
def run() -> Iterator[TrainingRun]:
    train, test = noise(70)
    made = TrainingRun(OpenedModel(Trainer(DESIGN, train, test), OpenData("noise", train, test)), 2)
    made.begin()
    yield made
    made.close()


def trained(cost: DrawingCost, run: TrainingRun) -> None:
    """One minibatch."""
    while not isinstance(cost.advance(run, keep=False, wanted=False), MinibatchDone):
        pass


def test_that_measuring_the_layers_counts_as_making_pictures(run: TrainingRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layer_meter, "NORMS_SECONDS", math.inf)  # the second minibatch comes sooner on any machine
    cost = DrawingCost()
    trained(cost, run)
    assert run.layers.shared is not None, "the first minibatch is measured"
    costs = run.layers.shared.costs
    assert cost.making_seconds == costs.norms + costs.judging > 0
    assert cost.other == 1
    before = cost.making_seconds
    trained(cost, run)
    assert run.layers.shared is None, "not each one is"
    assert cost.making_seconds == before


def test_that_minibatches_are_told_apart_by_whether_a_picture_is_drawn(run: TrainingRun) -> None:
    cost = DrawingCost()
    trained(cost, run)
    with cost.making():
        pass
    trained(cost, run)
    assert (cost.drawn, cost.other) == (1, 1)
    assert cost.drawn_seconds > 0
