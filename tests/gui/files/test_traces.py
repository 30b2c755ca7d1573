"""A pass in a file opens in Step, with its own weights and images."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import convviz
from convviz.__main__ import main
from tests.support.whole_window import STEP, WholeWindow


def test_that_a_trace_is_stepped_with_its_weights_and_images(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    path = tmp_path / "pass.h5"
    flags = ["--preset", "lenet-5", "--seed", "5", "--sample", "12", "--batch", "3"]
    assert main(["step", *flags, "--export", str(path)]) == 0
    trace = convviz.open_trace(path)
    window.opener.open_path(path)
    qtbot.waitUntil(lambda: window.message.isVisible() and window.message.text().startswith("Opened"), timeout=20000)
    assert window.message.text() == "Opened the pass of pass.h5: its network, and its images as data. Step shows it."
    assert window.stack.currentIndex() == STEP
    assert window.run.train is not None
    np.testing.assert_array_equal(window.run.train.images, trace.images)
    np.testing.assert_array_equal(window.run.train.labels, trace.labels)

    def is_shown() -> bool:
        run = window.step.run  # of the network before, until the session has answered
        return run is not None and np.array_equal(run.env.get("conv1.weight"), trace.weights["conv1.weight"])

    qtbot.waitUntil(is_shown, timeout=20000)
    for name, weight in trace.weights.items():
        np.testing.assert_array_equal(window.step.run.env[name], weight, err_msg=name)
    assert window.models.recent.paths()[0] == path


def test_that_a_damaged_trace_changes_nothing(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    import h5py

    path = tmp_path / "pass.h5"
    assert main(["step", "--preset", "toy-4x4", "--export", str(path)]) == 0
    with h5py.File(path, "r+") as file:
        file.attrs["version"] = 7
    before = window.run.design
    window.opener.open_path(path)
    qtbot.waitUntil(lambda: window.message.isVisible() and window.message.kind == "error", timeout=10000)
    assert "version: expected 1 or an earlier one, got 7, which a newer convviz wrote" in window.message.text()
    assert window.run.design == before
