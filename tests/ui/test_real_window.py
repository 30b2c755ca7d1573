"""The virtual screen that tests of the whole app stand on, and the libraries Qt needs to draw on it."""

from __future__ import annotations

import os
import subprocess
import sys

from patience import PATIENCE

SHOW_A_WINDOW = """
from PySide6.QtWidgets import QApplication, QWidget
from PySide6.QtTest import QTest

app = QApplication([])
window = QWidget()
window.resize(320, 200)
window.show()
assert QTest.qWaitForWindowExposed(window), "the window never appeared"
screen = app.primaryScreen().size()
print(app.platformName(), screen.width(), screen.height(), window.grab().toImage().isNull())
"""


def test_that_a_process_of_its_own_opens_a_window_on_the_virtual_screen(real_window: dict[str, str]) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW_A_WINDOW], env=real_window, capture_output=True, text=True, timeout=PATIENCE
    )

    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.split() == ["xcb", "1600", "1000", "False"]


def test_that_the_virtual_screen_does_not_leak_into_this_process(real_window: dict[str, str]) -> None:
    assert os.environ.get("DISPLAY") != real_window["DISPLAY"]
