"""A recording that the first version wrote opens for ever."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from convviz.storage.recording.read import Recording

FILE = Path(__file__).resolve().parents[2] / "golden" / "recording-1.cvz.gz"
LOSSES = (0.739534, 1.67728, 2.89383, 2.364072, 0.663998, 1.618714, 1.598034, 0.928565, 1.648626)


def test_that_the_first_versions_recording_opens(tmp_path: Path) -> None:
    path = tmp_path / "run.cvz"
    path.write_bytes(gzip.decompress(FILE.read_bytes()))
    with Recording(path) as run:
        head = run.head
        assert (head.name, head.begin, head.minibatches, head.precision) == ("golden", 0, 3, "float32")
        assert (head.data.name, head.data.train_images, run.ended, run.last_step) == ("noise", 10, "finished", 9)
        curve = run.minibatches()
        assert curve.steps.tolist() == list(range(1, 10))
        np.testing.assert_allclose(curve.loss, LOSSES, rtol=1e-5)
        assert [event.kind for event in run.events()] == ["learning_rate", "design", "ended"]
        assert run.last_design.training.epochs == 3
        assert len(run.epochs()) == 3
        points = run.key_points()
        assert [point.step for point in points] == [0, 2, 4, 6, 8, 9]
        assert [point.learning_rate for point in points][:3] == [0.01, 0.01, 0.02]
        for point in points:
            state = run.state(point)
            assert state.problem() == ("", "")
            assert state.arrays["conv1.weight"].shape == (2, 1, 3, 3)
        steps, measures = run.measures()
        assert measures.shape == (len(steps), 2, 7)
        steps, cells = run.filters()
        assert cells.shape == (len(steps), 2, 1, 3, 3)
