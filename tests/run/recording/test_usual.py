"""What was usual before a minibatch is replayed from the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convviz.run.recording.branching import branched, parent_of
from convviz.run.recording.recorder import Bounds, Recorder
from convviz.run.recording.replay import Replayer
from convviz.run.recording.usual import usual_updates
from convviz.storage.recording.head import DataRecord
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer
from tests.support.recorded import recorded_run, set_rate
from tests.support.small_run import DESIGN, noise


@pytest.mark.parametrize(("step", "count"), [(12, 5), (3, 50), (1, 50)])
def test_that_the_means_are_those_of_the_run(tmp_path: Path, step: int, count: int) -> None:
    train, test = noise()
    norms = []
    with Trainer(DESIGN, train, test, threads=1) as trainer:
        recorder = Recorder(tmp_path / "run.cvz", trainer, DataRecord("noise"), threads=1, bounds=Bounds(fine=4))
        for event in trainer.run():
            recorder.heard(event, 0.0)
            if isinstance(event, MinibatchDone):
                norms.append(np.linalg.norm(trainer.gradients()["conv1.weight"]))
        recorder.close()
    with Recording(tmp_path / "run.cvz") as recording:
        found = usual_updates(recording, train, test, step, count=count, threads=1)
    first = max(step - 1 - count, 0)
    assert found.count == step - 1 - first
    if found.count:
        assert found.gradients["conv1"] == pytest.approx(np.mean(norms[first : step - 1]), rel=1e-5)
    else:
        assert not found.gradients


@pytest.mark.parametrize(("step", "count", "is_there"), [(9, 5, True), (8, 50, True), (11, 3, True), (9, 50, False)])
def test_that_the_means_of_a_branch_are_of_what_its_parent_trained_too(
    tmp_path: Path, step: int, count: int, is_there: bool
) -> None:
    begin, images, parent = 7, noise(), tmp_path / "elsewhere" / "parent.cvz"
    parent.parent.mkdir()
    truth, _ = recorded_run(parent, DESIGN, *images)
    with Recording(parent) as run, Replayer(run, *images, threads=1) as replayer:
        state, origin = branched(replayer, begin), parent_of(run, begin)
    # Another rate at once, so that every minibatch of the branch but its first differs from its parent's.
    at = {begin + 1: set_rate(0.2)}
    later, _ = recorded_run(tmp_path / "branch.cvz", DESIGN, *images, state=state, parent=origin, at=at)
    if not is_there:
        parent.unlink()
    with Recording(tmp_path / "branch.cvz") as branch:
        found = usual_updates(branch, *images, step, count=count, threads=1, known=(parent,))
    first = max(step - 1 - count, 0 if is_there else begin)
    trained = [(truth if one <= begin else later).gradients[one]["conv1.weight"] for one in range(first + 1, step)]
    norms = [np.linalg.norm(one) for one in trained]
    assert found.count == len(norms) > 0
    assert found.gradients["conv1"] == pytest.approx(np.mean(norms), rel=1e-5)
