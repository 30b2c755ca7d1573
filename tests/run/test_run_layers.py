"""What a run copies of the watched layer, and when a picture of it waits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from convviz.run.run_layers import SLOW, RunLayers
from convviz.training.events import MinibatchDone
from convviz.training.layers_measured import LayersMeasured
from convviz.training.trainer import Trainer
from tests.support.session_hands import DESIGN, noise

QUICK = SLOW / 10


@pytest.fixture
def trainer() -> Iterator[Trainer]:
    with Trainer(DESIGN, *noise(70)) as made:
        yield made


def trained(layers: RunLayers, events: Iterator[object], seconds: float, *, wanted: bool) -> None:
    """One minibatch."""
    layers.before(must=False, wanted=wanted)
    while not isinstance(next(events), MinibatchDone):
        pass
    layers.after(seconds)


def test_that_the_watched_weight_is_copied_only_for_a_picture(trainer: Trainer) -> None:
    layers, events = RunLayers(trainer), trainer.run()
    layers.watch("conv1")
    trained(layers, events, QUICK, wanted=True)
    before = trainer.network.arrays["conv1.weight"].copy()
    trained(layers, events, QUICK, wanted=False)
    assert layers.changes("conv1") == {}
    assert layers.awaits_change, "a quick run makes the picture one minibatch later"
    before = trainer.network.arrays["conv1.weight"].copy()
    trained(layers, events, QUICK, wanted=True)
    assert not layers.awaits_change
    change = layers.changes("conv1")["conv1.weight"]
    np.testing.assert_array_equal(change, trainer.network.arrays["conv1.weight"] - before)
    assert np.any(change)


def test_that_a_slow_run_never_lets_a_picture_wait(trainer: Trainer) -> None:
    layers, events = RunLayers(trainer), trainer.run()
    layers.watch("conv1")
    for _ in range(2):
        trained(layers, events, 2 * SLOW, wanted=False)
        assert not layers.awaits_change
        assert np.any(layers.changes("conv1")["conv1.weight"])


def test_that_a_slow_run_that_nobody_sees_copies_nothing(trainer: Trainer) -> None:
    layers, events = RunLayers(trainer), trainer.run()
    layers.watch("conv1")
    for seen in (True, False):
        layers.before(must=False, seen=seen)
        while not isinstance(next(events), MinibatchDone):
            pass
        layers.after(2 * SLOW)
    assert layers.changes("conv1") == {}


def test_that_what_is_no_minibatch_leaves_the_last_change_as_it_is(trainer: Trainer) -> None:
    layers, events = RunLayers(trainer), trainer.run()
    layers.watch("conv1")
    trained(layers, events, QUICK, wanted=True)
    layers.before(must=False, wanted=True)  # of a piece of an evaluation
    assert np.any(layers.changes("conv1")["conv1.weight"])


def test_that_units_are_judged_where_the_run_holds(trainer: Trainer) -> None:
    layers, events = RunLayers(trainer), trainer.run()
    trained(layers, events, QUICK, wanted=True)
    assert layers.newest().judged == 1
    layers.before(must=True, judges=False)  # the last minibatch of an epoch, which may be the one it holds at
    while not isinstance(next(events), MinibatchDone):
        pass
    layers.after(QUICK)
    assert (layers.newest().step, layers.newest().judged) == (2, 1)
    found = layers.news(holds=True)[-1]
    assert isinstance(found, LayersMeasured)
    assert (found.step, found.judged) == (2, 2)
    assert layers.newest() is found
    assert not layers.news(holds=True)
