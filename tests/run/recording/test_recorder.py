"""What a recorder keeps of each minibatch, and what is in its file from the first moment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from convviz.core.network import Network
from convviz.run.recording.measuring import FEWEST
from convviz.run.recording.recorder import FIRST_FILTERS, Bounds, Recorder
from convviz.storage.network_state import EpochMeasures, RunProgress
from convviz.storage.recording.head import DataRecord, Parent
from convviz.storage.recording.read import Recording
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.recorded import with_training
from tests.support.small_run import DESIGN, noise

ROOMY = Bounds(fine=16, key_bytes=1 << 30)


def test_that_every_minibatch_is_kept_and_the_rest_is_as_far_apart_as_was_said(tmp_path: Path) -> None:
    train, test = noise()
    trained: list[MinibatchDone] = []
    weights: dict[int, dict[str, np.ndarray]] = {}
    with Trainer(with_training(DESIGN, epochs=20), train, test, threads=1) as trainer:
        recorder = Recorder(tmp_path / "run.cvz", trainer, DataRecord("noise"), threads=1, bounds=ROOMY)
        for event in trainer.run():
            recorder.heard(event, 0.0)
            if isinstance(event, MinibatchDone):
                trained.append(event)
                weights[event.position.step] = {name: array.copy() for name, array in trainer.network.arrays.items()}
        recorder.close()
    steps = [one.position.step for one in trained]
    with Recording(tmp_path / "run.cvz") as recording:
        curve = recording.minibatches()
        assert curve.steps.tolist() == steps == list(range(1, 121))
        assert curve.loss.tolist() == [one.loss for one in trained]
        np.testing.assert_allclose(curve.accuracy, [one.accuracy for one in trained])
        points = recording.key_points()
        assert [point.step for point in points] == list(range(0, 121, 16))
        for point in points[1:]:
            for name, array in recording.state(point).arrays.items():
                np.testing.assert_array_equal(array, weights[point.step][name], err_msg=f"{name} at {point.step}")
        at, pictures = recording.filters()
        assert at.tolist() == list(range(0, 121, FIRST_FILTERS))
        for step, picture in zip(at.tolist()[1:], pictures[1:], strict=True):
            np.testing.assert_array_equal(picture, weights[step]["conv1.weight"])
        at, measures = recording.measures()
        assert at.tolist() == list(range(FEWEST, 121, FEWEST))
        column = recording.head.columns.index("update_norm")
    for step, rows in zip(at.tolist(), measures, strict=True):
        changes = [
            np.linalg.norm(weights[step][name] - weights[step - 1][name]) for name in ("conv1.weight", "dense1.weight")
        ]
        np.testing.assert_allclose(rows[:, column], changes, rtol=1e-5)


def test_that_a_branch_has_its_beginning_as_soon_as_there_is_a_file(tmp_path: Path) -> None:
    train, test = noise()
    design = with_training(DESIGN, epochs=4)
    with Trainer(design, train, test, threads=1) as first:
        before = []
        for event in first.run():
            if isinstance(event, EpochDone):
                before.append(event.measures(1.0))
            if isinstance(event, MinibatchDone) and event.position.step == 9:
                break
        place, arrays = first.place(), {name: array.copy() for name, array in first.network.arrays.items()}
    check_beginning(tmp_path / "branch.cvz", place, arrays, before)


def check_beginning(path: Path, place: RunProgress, arrays: dict[str, np.ndarray], before: list[EpochMeasures]) -> None:
    train, test = noise()
    design = with_training(DESIGN, epochs=4)
    network = Network(design)
    for name, array in arrays.items():
        network.arrays[name][...] = array
    with Trainer(design, train, test, network=network, threads=1) as trainer:
        trainer.go_on_from(place)
        parent = Parent("0" * 32, "run.cvz", place.step)
        recorder = Recorder(path, trainer, DataRecord("noise"), threads=1, parent=parent, epochs=before)
        assert recorder.wait_open() == ""
        with Recording(path) as recording:
            assert recording.head.parent == parent
            assert len(recording.epochs()) == len(before) == 1
            [point] = recording.key_points()
            state = recording.state(point)
            assert replace(state.place, losses=()) == replace(place, losses=())
            np.testing.assert_allclose(state.place.losses, place.losses)
            for name, array in arrays.items():
                np.testing.assert_array_equal(state.arrays[name], array)
        recorder.close()
