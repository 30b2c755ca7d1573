"""The Build workspace for tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from convviz.core.design import Design
from convviz.gui.run_model.edited_design import FIRST
from convviz.gui.theme import Theme, current_theme
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.storage.presets import preset


@pytest.fixture(scope="module")
def shared_build(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuildPage]:
    """The workspace of the module, shown: making its widgets takes longer than most tests do."""
    kept = QSettings(str(tmp_path_factory.mktemp("build") / "settings.ini"), QSettings.Format.IniFormat)
    made = BuildPage(current_theme(), settings=kept)
    made.setProperty("kept", kept)
    made.show()
    yield made
    made.close_down()
    made.close()
    made.deleteLater()


@pytest.fixture
def build(qtbot, theme: Theme, shared_build: BuildPage) -> Iterator[BuildPage]:
    """The workspace in a window as it was first shown, with nothing measured in the background."""
    made = shared_build
    made.set_training(True)
    made.edited.data = None
    made.set_design(Design(name="another"))  # no card of the last test is left
    made.set_design(preset(FIRST))
    made.edited.dataChanged.emit()
    made.message.say("")
    made.side.tabs.set_index(0)
    made.property("kept").clear()
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    if not made.isActiveWindow():
        # A window that was hidden and shown again is the active one for Qt's platform, not for its widgets, and can't
        # be made so before another one was.
        other = QWidget()
        other.show()
        other.activateWindow()
        qtbot.waitUntil(other.isActiveWindow)
        other.close()
        other.deleteLater()
    made.activateWindow()  # without a window manager nobody else does
    qtbot.waitUntil(made.isActiveWindow)
    QApplication.processEvents()  # it is laid out anew after it was made wide
    yield made
    made.picking.list.close()


@pytest.fixture
def no_double_clicks(qapp: QApplication) -> Iterator[None]:
    """Let a drop-down take a click as soon as it is open; Qt waits so long for a double click."""
    before = qapp.doubleClickInterval()
    qapp.setDoubleClickInterval(0)
    yield
    qapp.setDoubleClickInterval(before)
