"""For screen readers: what is behind the tabs of a workspace, and in every dialog, has a name too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from controls import controls, nameless
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QDialog
from whole_window import PROBE, TITLES, WholeWindow

from convviz.gui.files.importing.code import ImportCode
from convviz.gui.window.help.dialog import TITLES as HELP
from convviz.gui.window.help.dialog import HelpDialog
from convviz.gui.window.runs.dialog import RunsDialog
from convviz.gui.workspaces.builder.files.code_dialog import CodeDialog
from convviz.gui.workspaces.compare.page import TABS as COMPARE
from convviz.gui.workspaces.data.drawing.crop import CropDialog
from convviz.gui.workspaces.probe.page import TABS
from convviz.storage.presets import preset


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


def test_that_everything_in_the_dialogs_of_an_import_has_a_name(qtbot, window: WholeWindow, tmp_path: Path) -> None:
    path = tmp_path / "standard.npz"  # nothing says which value is black, so that it is asked
    images = np.random.default_rng(1).normal(0, 2, (40, 10, 10)).astype(np.float32)
    labels = np.arange(40) % 10
    np.savez(path, x_train=images, y_train=labels, x_test=images[:10], y_test=labels[:10])
    window.opener.open_path(path)
    qtbot.waitUntil(lambda: window.data.dialog is not None and window.data.dialog.seen is not None, timeout=10_000)
    dialog = window.data.dialog
    found = nameless(dialog)
    there = list(controls(dialog))
    dialog.as_code.click()
    (as_code,) = dialog.findChildren(ImportCode)
    found += nameless(as_code)
    there += list(controls(as_code))
    as_code.close()
    dialog.cancel.click()
    assert len(there) > 10
    assert not found


def test_that_everything_in_the_list_of_runs_has_a_name(window: WholeWindow) -> None:
    dialog = RunsDialog(window, window.runs)
    dialog.open_list()
    found, there = nameless(dialog), list(controls(dialog))
    dialog.close()
    dialog.deleteLater()
    assert len(there) >= 6
    assert not found


def test_that_everything_behind_compares_tabs_has_a_name(window: WholeWindow) -> None:
    window.go_to(TITLES.index("Compare"))
    page = window.stack.made["Compare"].page
    found: list[str] = []
    for number, title in enumerate(COMPARE):
        page.tabs.go_to(number)
        assert page.tab == title
        found += nameless(page)
    page.tabs.go_to(0)
    assert not found


@pytest.fixture
def help_pages(window: WholeWindow) -> Iterator[HelpDialog]:
    dialog = HelpDialog(window, window.stack)
    yield dialog
    dialog.close()
    dialog.deleteLater()


def test_that_everything_in_help_has_a_name(help_pages: HelpDialog) -> None:
    found: list[str] = []
    for title in HELP:
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
