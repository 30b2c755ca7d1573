"""For screen readers: what is behind the tabs of a workspace, and in every dialog, has a name too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from controls import controls, name, said
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from whole_window import PROBE, WholeWindow

from convviz.gui.window.help.dialog import TITLES, HelpDialog
from convviz.gui.workspaces.builder.files.code_dialog import CodeDialog
from convviz.gui.workspaces.data.drawing.crop import CropDialog
from convviz.gui.workspaces.probe.page import TABS
from convviz.storage.presets import preset


def nameless(widget: QWidget) -> list[str]:
    """What is in sight, can be used, and has no name."""
    QApplication.processEvents()
    return [said(one) for one in controls(widget) if not name(one)]


def code(window: WholeWindow) -> QDialog:
    return CodeDialog(preset("course-7x7"), Path(), window, save_weights=lambda _path: None)


def crop(window: WholeWindow) -> QDialog:
    picture = QImage(60, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    return CropDialog("a photograph", picture, (1, 28, 28), window)


@pytest.mark.parametrize("make", [code, crop], ids=lambda make: make.__name__)
def test_that_everything_in_a_dialog_has_a_name(
    qtbot, window: WholeWindow, make: Callable[[WholeWindow], QDialog]
) -> None:
    dialog = make(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    found = nameless(dialog)
    assert list(controls(dialog))
    dialog.close()
    dialog.deleteLater()
    assert not found


@pytest.fixture
def help_pages(window: WholeWindow) -> Iterator[HelpDialog]:
    dialog = HelpDialog(window, window.stack)
    yield dialog
    dialog.close()
    dialog.deleteLater()


def test_that_everything_in_help_has_a_name(help_pages: HelpDialog) -> None:
    found: list[str] = []
    for title in TITLES:
        help_pages.open_at(title)
        help_pages.shortcuts.turns.finish()
        assert help_pages.front.accessibleName() == title
        found += nameless(help_pages)
    assert not found


def test_that_everything_behind_probes_tabs_has_a_name(qtbot, window: WholeWindow) -> None:
    window.go_to(PROBE)
    probe = window.stack.made["Probe"]
    qtbot.waitUntil(lambda: probe.is_current, timeout=20_000)
    found: list[str] = []
    for number in range(len(TABS)):
        probe.page.go_to(number)
        qtbot.waitUntil(lambda number=number: probe.page.tab == TABS[number])
        found += nameless(probe.page)
    probe.page.go_to(0)
    assert not found
