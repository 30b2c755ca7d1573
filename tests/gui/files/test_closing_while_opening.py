"""Closing the window does not wait for a data set that is being read."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from convviz.data import save_hdf5
from convviz.data.checks import PixelCheck
from convviz.data.readers import hdf5
from tests.support.patience import PATIENCE
from tests.support.small_run import noise_data
from tests.support.whole_window import WholeWindow


def test_that_the_rest_of_a_file_is_not_read(
    qtbot, window: WholeWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.h5"
    save_hdf5(path, noise_data())
    monkeypatch.setattr(hdf5, "_BLOCK", 1)
    reading, go_on, looked = threading.Event(), threading.Event(), []
    look = PixelCheck.look

    def slowly(self: PixelCheck, start: int, block: np.ndarray) -> None:
        looked.append(start)
        reading.set()
        assert go_on.wait(PATIENCE)
        look(self, start, block)

    monkeypatch.setattr(PixelCheck, "look", slowly)
    window.data.open_path(path)
    qtbot.waitUntil(reading.is_set, timeout=10000)
    # The first block comes in once the window waits for the thread.
    threading.Timer(0.2, go_on.set).start()
    window.close()
    assert not window.run.bridge.running
    assert looked == [0]
