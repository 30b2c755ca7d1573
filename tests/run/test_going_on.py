"""A run that stops anywhere and goes on is, bit for bit, the run that never stopped."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convviz.core.design import Design, Input, Training
from convviz.core.errors import DesignError
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.network import Network
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine
from convviz.storage.network_state import RunProgress
from convviz.training.events import Compiling, EpochDone, Evaluating, Event, MinibatchDone
from convviz.training.images import Split
from convviz.training.trainer import Trainer

DESIGN = Design(
    input=Input(height=8, width=8),
    layers=(Conv2D(filters=3), BatchNorm2D(), ReLU(), Flatten(), Dropout(), Dense(units=10)),
    training=Training(optimiser=Adam(), batch_size=7, epochs=3, schedule=Cosine(warmup=4), clip_norm=1.0),
).named()
"""Everything that has a memory: running statistics, Adam's means, masks, a schedule; and a smaller last minibatch."""


def data() -> tuple[Split, Split]:
    rng = np.random.default_rng(0)
    train = Split(rng.random((25, 1, 8, 8), np.float32), rng.integers(0, 10, 25))
    return train, train.first(300)


def told(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, Compiling | Evaluating)]


def whole_run() -> tuple[list[Event], dict[str, np.ndarray]]:
    with Trainer(DESIGN, *data()) as trainer:
        return list(trainer.run()), trainer.network.arrays


@pytest.mark.usefixtures("kernels")
@pytest.mark.parametrize("stop", [1, 3, 4, 5, 6, 7, 13, 18])
def test_that_it_goes_on_as_if_it_had_never_stopped(stop: int) -> None:
    events, arrays = whole_run()
    with Trainer(DESIGN, *data()) as first:
        run = first.run()
        seen = [next(run) for _ in range(stop)]
        place = first.place()
        kept = {name: array.copy() for name, array in first.network.arrays.items()}
    with Trainer(DESIGN, *data(), network=Network(DESIGN, weights=kept), threads=1) as second:
        second.go_on_from(place)
        seen += list(second.run())
        assert told(seen) == told(events)
        for name, array in second.network.arrays.items():
            assert array.tobytes() == arrays[name].tobytes(), name


def test_that_a_finished_run_has_nothing_left_and_goes_on_with_more_epochs() -> None:
    with Trainer(DESIGN, *data()) as first:
        list(first.run())
        place = first.place()
    with Trainer(DESIGN, *data()) as same:
        same.go_on_from(place)
        assert list(same.run()) == []
    longer = Training(batch_size=7, epochs=4)
    with Trainer(Design(input=DESIGN.input, layers=DESIGN.layers, training=longer), *data()) as more:
        more.go_on_from(place)
        events = told(list(more.run()))
    assert [type(event) for event in events] == [MinibatchDone] * 4 + [EpochDone]
    assert events[-1].position.step == 16


PLACE = RunProgress(2, 3, 7, 1, (1.0, 1.0, 1.0), 0.01)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"epoch": 4}, "epoch: expected 0 to 3, got 4"),
        ({"minibatch": 5}, "minibatch: expected 0 to 4, got 5"),
        ({"epoch": 0}, "minibatch: expected 0 to 0, got 3"),
        ({"step": 8}, "step: expected 7, got 8"),
        ({"evaluated": 2}, "evaluated epochs: expected 1 of them, got 2"),
        ({"minibatch": 4, "step": 8, "evaluated": 3}, "evaluated epochs: expected 1 or 2 of them, got 3"),
        ({"losses": (1.0,)}, "losses: expected 3 of them, got 1"),
        ({"losses": (1.0, float("nan"), 1.0)}, "losses: expected finite numbers, got NaN or infinity"),
        ({"learning_rate": 0.0}, "learning rate: expected a number greater than 0, got 0"),
    ],
)
def test_that_a_place_where_no_run_can_stand_is_refused(changes: dict[str, object], sentence: str) -> None:
    with Trainer(DESIGN, *data()) as trainer:
        trainer.go_on_from(PLACE)
        with pytest.raises(DesignError) as caught:
            trainer.go_on_from(replace(PLACE, **changes))
    assert str(caught.value) == f"the run to go on with: {sentence}"
