"""What the classes are called is read wherever the window shows one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QSettings

from convviz.gui.theme import Theme
from convviz.run.state import State
from tests.support.small_run import DESIGN, in_memory, noise
from tests.support.whole_window import FIRST_FOUR, STEP, WholeWindow

NAMES = ("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "a <b> truck")


def test_that_watch_and_step_name_the_classes(qtbot, theme: Theme, tmp_path: Path) -> None:
    data = in_memory("things", *noise(), NAMES)
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = WholeWindow(settings, workspaces=FIRST_FOUR)
    window.resize(1100, 700)
    window.show()
    try:
        window.start(DESIGN, data)
        qtbot.waitUntil(lambda: window.step is not None and window.run.state is State.IDLE, timeout=20000)
        qtbot.waitUntil(lambda: window.seen("x") is not None, timeout=10000)
        name = NAMES[data.y_test[0]]
        shown = window.watch.network.map.picture
        assert shown.image == f"image 0, label {name}"
        assert shown.class_names == NAMES
        window.go_to(STEP)
        qtbot.waitUntil(lambda: window.step.run is not None, timeout=20000)
        run = window.step.run
        assert [run.class_name(label) for label in range(11)] == [*NAMES, "10"]
        assert any(f"(label {one})" in window.status.text() for one in NAMES)
    finally:
        window.close()
        window.deleteLater()
    assert np.all(data.y_test < len(NAMES))
