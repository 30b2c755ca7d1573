"""A data set of other images than the network takes: the window says which, and offers to change the input."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.support.whole_window import WholeWindow


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    path = tmp_path / "cifar.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for part, count in (("train", 40), ("test", 20)):
            file[f"x_{part}"] = rng.random((count, 3072), np.float32)
            file[f"y_{part}"] = rng.integers(0, 10, (count, 1)).astype(np.int32)
    return path


def test_that_a_click_changes_the_input_and_opens_the_file(qtbot, window: WholeWindow, coloured: Path) -> None:
    before = window.edited.design
    window.data.open_path(coloured)
    qtbot.waitUntil(lambda: window.message.isVisible() and window.message.kind == "error", timeout=10000)
    assert window.message.text().endswith("expected 1×10×10 images, got 3×32×32")
    assert window.edited.design == before
    (offer,) = window.message.action_buttons
    assert offer.text() == "Change the input to 3×32×32"
    qtbot.mouseClick(offer, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.data_name == "cifar.h5", timeout=10000)
    assert window.run.train is not None
    assert window.run.train.images.shape == (40, 3, 32, 32)
    qtbot.waitUntil(lambda: window.run.design.input.channels == 3, timeout=10000)
    assert window.edited.design.layers == before.layers
    window.edited.document.undo_stack.undo()
    assert window.edited.design.input == before.input
