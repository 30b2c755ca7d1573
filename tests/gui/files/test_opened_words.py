"""What is said of a run that was opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from convviz.gui.files.run_files import opened_words
from convviz.run.messages import Origin
from convviz.run.recorded_run import RecordedRun
from convviz.storage.network_state import EpochMeasures
from convviz.training.events import Position

MEASURES = EpochMeasures(0.5, 0.4, 0.9, 0.45, 0.88, 1.0)


@pytest.mark.parametrize(
    ("step", "ended", "said"),
    [
        (6, "ended unexpectedly", "Opened small. It ended unexpectedly at epoch 2, step 6: Resume goes on from there."),
        (6, "failed", "Opened small. It failed at epoch 2, step 6: Resume goes on from there."),
        (6, "stopped", "Opened small. It stopped at epoch 2, step 6: Resume goes on from there."),
        (0, "ended unexpectedly", "Opened small. It ended before its first minibatch: Train begins it."),
        (
            0,
            "running",
            "Opened small as it is at its beginning, while another window trains it: Resume would go on in a copy.",
        ),
        (12, "finished", "Opened small: all 3 epochs are done, and any moment is on the timeline."),
    ],
)
def test_that_it_says_how_far_a_run_got(step: int, ended: str, said: str) -> None:
    epoch, minibatch = divmod(max(step - 1, 0), 4)
    position = Position(epoch + bool(step), minibatch + bool(step), step, 3, 4)
    run = RecordedRun(Path("small.cvz"), "1", "", ended, ())
    assert (
        opened_words(Origin("small", position, goes_on=True, epochs=(MEASURES,) * (step // 4), recorded=run), run)
        == said
    )
