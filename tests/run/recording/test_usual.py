"""What was usual before a minibatch is replayed from the recording."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convviz.run.recording.recorder import Bounds, Recorder
from convviz.run.recording.replay import Replayer
from convviz.run.recording.usual import usual_updates
from convviz.storage.recording.head import DataRecord
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone
from convviz.training.trainer import Trainer
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
    with Recording(tmp_path / "run.cvz") as recording, Replayer(recording, train, test, threads=1) as replayer:
        found = usual_updates(replayer, step, count)
    first = max(step - 1 - count, 0)
    assert found.count == step - 1 - first
    if found.count:
        assert found.gradients["conv1"] == pytest.approx(np.mean(norms[first : step - 1]), rel=1e-5)
    else:
        assert not found.gradients
