"""A recorded run, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from convviz.run.recording.recorder import Bounds
from tests.support.recorded import Truth, noise_for, recorded_run, set_design, set_rate, with_training
from tests.support.small_run import DESIGN


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """The file of a run of 18 steps with edits, and what happened; nobody may write into it."""
    path = tmp_path_factory.mktemp("recorded") / "run.cvz"
    images = noise_for(DESIGN, 6)
    edits = {5: set_rate(0.02), 8: set_design(with_training(DESIGN, epochs=4))}
    truth, _ = recorded_run(path, DESIGN, images, images, bounds=Bounds(fine=4), at=edits)
    return path, truth
