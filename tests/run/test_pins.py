"""Pinned numbers are measured in the pass of a minibatch, before its update, live and by replay alike."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convviz.core.errors import ConvvizError
from convviz.run.breakpoints.watcher import Watcher
from convviz.run.pins.meter import PinMeter
from convviz.run.pins.past import measure_past, steps_to_measure
from convviz.run.pins.pin import Pin, PinsMeasured, check_pin
from convviz.run.recording.recorder import Bounds, Recorder
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.head import DataRecord
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.small_run import DESIGN, noise

PINS = (
    Pin(1, "conv1.weight[0, 0, 1, 2]"),
    Pin(4, "norm(conv1.d_weight)"),
    Pin(5, "share(conv1.relu == 0)"),
    Pin(6, "loss"),
)


class Recorded:
    """A run that was recorded, what it measured, and what it should have."""

    def __init__(self, path: Path) -> None:
        self.path, self.images = path, noise()
        self.told: list[PinsMeasured] = []
        self.weights: list[float] = []
        self.losses: list[float] = []
        with Trainer(DESIGN, *self.images, threads=1) as trainer:
            meter = PinMeter(self.told.append)
            watcher = Watcher((), [].append, meter=meter)
            watcher.follow(trainer)
            watcher.set_pins(PINS)
            recorder = Recorder(path, trainer, DataRecord("noise"), threads=1, bounds=Bounds(fine=4))
            self.weights.append(float(trainer.network.arrays["conv1.weight"][0, 0, 1, 2]))
            for event in trainer.run():
                recorder.heard(event, 0.0)
                if isinstance(event, MinibatchDone):
                    self.weights.append(float(trainer.network.arrays["conv1.weight"][0, 0, 1, 2]))
                    self.losses.append(event.loss)
                    meter.begin()  # as often as possible, whatever it costs here
                    watcher.passed()
            recorder.close()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return Recorded(tmp_path_factory.mktemp("pins") / "run.cvz")


def test_that_each_minibatch_is_measured_before_its_update(run: Recorded) -> None:
    assert [one.step for one in run.told] == list(range(1, 19))
    assert all(one.numbers == (1, 4, 5, 6) for one in run.told)
    assert [one.values[0] for one in run.told] == run.weights[:-1]
    assert [one.values[3] for one in run.told] == run.losses
    assert all(one.values[1] > 0 and 0 <= one.values[2] <= 1 for one in run.told)


def test_that_measuring_changes_nothing_of_the_run(run: Recorded) -> None:
    with Trainer(DESIGN, *run.images, threads=1) as trainer:
        plain = [event.loss for event in trainer.run() if isinstance(event, MinibatchDone)]
    assert plain == run.losses


def test_that_the_past_has_the_numbers_that_were_measured_live(run: Recorded) -> None:
    found: list[PinsMeasured] = []
    with Recording(run.path) as recording, Replayer(recording, *run.images, threads=1) as replayer:
        steps = steps_to_measure(recording.key_points(), recording.last_step)
        assert sorted(steps) == [1, 5, 9, 13, 17]
        assert set(steps[:2]) <= {1, 13, 17}  # the ends first
        measure_past(replayer, PINS, steps, found.append)
    assert [one.step for one in found] == steps
    live = {one.step: one for one in run.told}
    assert all(live[one.step] == one for one in found)


def test_that_measuring_is_rarer_where_it_costs_much(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
    monkeypatch.setattr("convviz.run.pins.meter.time.perf_counter", lambda: next(now))
    meter = PinMeter()
    meter.set((Pin(1, "loss"),))
    assert [meter.is_due(step) for step in (1, 2, 3)] == [True, True, True]

    class Cheap:
        step = 1

        @staticmethod
        def shape_of(name: str) -> tuple[int, ...]:
            return ()

        @staticmethod
        def find(name: str) -> np.ndarray:
            return np.asarray(1.0)

    facts = Cheap()
    meter.measure(facts)  # type: ignore[arg-type]
    facts.step = 2
    meter.measure(facts)  # type: ignore[arg-type]
    # A minibatch takes 0.5 s and so does measuring: at most every hundredth, the next power of two.
    assert [step for step in range(3, 300) if meter.is_due(step)] == [128, 256]


def test_that_a_dear_pin_does_not_make_a_cheap_one_rarer() -> None:
    told: list[PinsMeasured] = []
    with Trainer(DESIGN, *noise(), threads=1) as trainer:
        watcher = Watcher((), [].append, meter=(meter := PinMeter(told.append)))
        watcher.follow(trainer)
        watcher.set_pins((Pin(1, "loss"), Pin(2, "share(conv1.relu == 0)")))
        cheap, dear = meter.pinned
        cheap.every, dear.every = 1, 4
        for event in trainer.run():
            if isinstance(event, MinibatchDone):
                cheap.every, dear.every = 1, 4
                watcher.passed()
    assert [one.step for one in told] == list(range(1, 19))
    assert [one.step for one in told if 2 in one.numbers] == [4, 8, 12, 16]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("conv1.weight", "wrap it in mean"),
        ("norm(conv9.weight)", "did you mean"),
        ("norm(", "column"),
        ("", "an empty text"),
        ("conv1.weight[9, 0, 0, 0]", "expected a place from 0 to 3"),
    ],
)
def test_that_what_is_no_number_of_the_network_is_refused(text: str, says: str) -> None:
    with pytest.raises(ConvvizError, match=says):
        check_pin(text, DESIGN.named())
