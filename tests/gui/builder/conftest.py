"""The Build workspace for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from convviz.gui.theme import Theme
from convviz.gui.workspaces.builder import BuildPage


@pytest.fixture
def build(qtbot, theme: Theme, tmp_path: Path) -> Iterator[BuildPage]:
    """The workspace in a window, with settings of its own, and nothing measured in the background."""
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = BuildPage(theme, settings=settings)
    made.set_training(True)
    qtbot.addWidget(made)
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()  # without a window manager nobody else does
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    made.close_down()


@pytest.fixture
def no_double_clicks(qapp: QApplication) -> Iterator[None]:
    """Let a drop-down take a click as soon as it is open; Qt waits so long for a double click."""
    before = qapp.doubleClickInterval()
    qapp.setDoubleClickInterval(0)
    yield
    qapp.setDoubleClickInterval(before)
