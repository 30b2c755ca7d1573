"""What was measured of a run's layers stays small however long the run is."""

from __future__ import annotations

import numpy as np

from convviz.present.layer_history import MOST, LayerHistory
from convviz.training.layer_measures import LayerMeasures
from convviz.training.layers_measured import LayersMeasured


def moment(step: int, norm: float = 1.0) -> LayersMeasured:
    measures = (LayerMeasures("conv1", norm, 2.0, 0.5), LayerMeasures("dense1", 2 * norm))
    return LayersMeasured(step, measures, {}, step, np.zeros(10, np.int64))


def test_that_a_long_run_is_thinned_evenly_and_keeps_the_newest() -> None:
    history = LayerHistory()
    for step in range(1, 5001):
        history.add(moment(step))
        assert len(history.moments) <= MOST + 1
        assert history.newest is not None
        assert history.newest.step == step
    gaps = np.diff(history.steps[:-1])
    assert gaps.min() == gaps.max()
    assert history.steps[0] == 1
    assert len(history.moments) > MOST // 2


def test_that_the_same_step_is_measured_once() -> None:
    history = LayerHistory()
    history.add(moment(1))
    history.add(moment(1, norm=7.0))
    assert history.column("conv1", "weight_norm").tolist() == [7.0]


def test_that_columns_are_by_layer() -> None:
    history = LayerHistory()
    for step in (1, 2):
        history.add(moment(step, norm=step))
    assert history.layers == ("conv1", "dense1")
    assert history.column("dense1", "weight_norm").tolist() == [2.0, 4.0]
    assert history.column("conv1", "update_ratio").tolist() == [0.5, 0.25]
    assert [one.step for one in history.until(1)] == [1]


def test_that_a_new_run_begins_empty() -> None:
    history = LayerHistory()
    for step in range(600):
        history.add(moment(step))
    history.clear()
    history.add(moment(1))
    history.add(moment(2))
    assert history.steps.tolist() == [1, 2]
