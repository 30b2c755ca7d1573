"""A run whose layers are measured for the window is not measured a second time for its recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from convviz.run.recording.measuring import FEWEST, rows_of
from convviz.run.recording.recorder import Recorder
from convviz.run.run_layers import RunLayers
from convviz.storage.recording.head import DataRecord
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.small_run import DESIGN, noise


def test_that_the_recording_takes_what_was_measured_for_the_window(tmp_path: Path) -> None:
    train, test = noise()
    told = {}
    with Trainer(DESIGN, train, test, threads=1) as trainer:
        layers = RunLayers(trainer)
        recorder = Recorder(tmp_path / "run.cvz", trainer, DataRecord("noise"), threads=1)
        events = trainer.run()
        while trainer.position.step < 2 * FEWEST:
            wish = recorder.wish()
            layers.before(must=False, wish=wish)
            event = next(events)
            if isinstance(event, MinibatchDone):
                layers.after(0.0)  # as if training took no time: by itself the meter would measure the first step only
                assert (layers.shared is not None) >= wish.norms
                if wish.norms and layers.shared is not None:
                    told[event.position.step] = layers.shared.measured
            recorder.heard(event, 0.0, layers.shared)
        recorder.close()
    assert set(told) == {FEWEST, 2 * FEWEST}
    with Recording(tmp_path / "run.cvz") as recording:
        steps, values = recording.measures()
    assert steps.tolist() == [FEWEST, 2 * FEWEST]
    for step, rows in zip(steps.tolist(), values, strict=True):
        one = told[step]
        assert np.isfinite(rows_of(one.measures)[:, :3]).any(), "with the last update"
        wanted = rows_of(one.measures)
        if one.judged != one.step:
            wanted[:, 3:] = np.nan
        np.testing.assert_array_equal(rows, wanted)


def test_that_without_a_window_the_recorder_measures_by_itself(tmp_path: Path) -> None:
    train, test = noise()
    with Trainer(DESIGN, train, test, threads=1) as trainer:
        recorder = Recorder(tmp_path / "run.cvz", trainer, DataRecord("noise"), threads=1)
        for event in trainer.run():
            recorder.heard(event, 0.0)
            if trainer.position.step >= FEWEST:
                break
        recorder.close()
    with Recording(tmp_path / "run.cvz") as recording:
        steps, values = recording.measures()
    assert steps.tolist()[:1] == [FEWEST]
    assert np.isfinite(values[0]).any()
