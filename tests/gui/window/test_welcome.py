"""The front page of a first start: what convviz is, and three ways in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel
from small_run import DESIGN
from whole_window import BUILD, DATA, WholeWindow

from convviz.gui.window.help.about import LINKS
from convviz.gui.window.help.dialog import HelpDialog
from convviz.gui.window.welcome.page import Welcome
from convviz.run.state import State


@pytest.fixture
def page(qtbot, window: WholeWindow) -> Iterator[Welcome]:
    window.ways_in.offer()
    found = window.ways_in.page
    assert found.isVisible()
    yield found
    found.dismiss()
    window.edited.document.reset(DESIGN)


def test_that_a_first_start_shows_it_over_the_workspaces(window: WholeWindow, page: Welcome) -> None:
    assert page.geometry() == window.stack.geometry()
    window.resize(1000, 650)
    assert page.geometry() == window.stack.geometry()
    labels = [one for one in page.findChildren(QLabel) if one.isVisible()]
    assert all(page.rect().contains(one.mapTo(page, one.rect().bottomRight())) for one in labels)


def test_that_it_is_dismissed_by_esc_and_not_offered_again(qtbot, window: WholeWindow, page: Welcome) -> None:
    qtbot.keyClick(page.buttons["watch"], Qt.Key.Key_Escape)
    assert not page.isVisible()
    assert window.ways_in.is_seen
    window.ways_in.offer()
    assert not page.isVisible()


def test_that_a_tab_dismisses_it_and_help_brings_it_back(qtbot, window: WholeWindow, page: Welcome) -> None:
    qtbot.mouseClick(window.top.switch.button(DATA), Qt.MouseButton.LeftButton)
    assert not page.isVisible()
    assert window.stack.title == "Data"
    next(one for one in window.menu.help.actions() if one.text() == "Welcome").trigger()
    assert page.isVisible()


@pytest.mark.parametrize("pressed", ["train", "step"])
def test_that_training_from_the_bar_dismisses_it(qtbot, window: WholeWindow, page: Welcome, pressed: str) -> None:
    qtbot.mouseClick(getattr(window.top, pressed), Qt.MouseButton.LeftButton)
    assert not page.isVisible()
    qtbot.waitUntil(lambda: window.run.is_trained, timeout=20000)


def test_that_the_status_line_tells_of_nothing_that_it_covers(window: WholeWindow, page: Welcome) -> None:
    assert window.status.text() == "Welcome"
    page.dismiss()
    assert window.status.text() not in ("", "Welcome")


def test_that_watching_starts_training(qtbot, window: WholeWindow, page: Welcome) -> None:
    window.go_to(BUILD)
    page.open()
    qtbot.mouseClick(page.buttons["watch"], Qt.MouseButton.LeftButton)
    assert window.stack.title == "Watch"
    qtbot.waitUntil(lambda: window.run.is_trained or window.run.state is State.RUNNING, timeout=10000)


def test_that_stepping_opens_the_toy(qtbot, window: WholeWindow, page: Welcome) -> None:
    qtbot.mouseClick(page.buttons["step"], Qt.MouseButton.LeftButton)
    assert window.stack.title == "Step"
    qtbot.waitUntil(lambda: window.step.run is not None and window.step.run.program.arrays["x"].shape[-1] == 4)
    assert window.edited.design.name == "toy-4x4"


def test_that_watch_is_entered_before_its_first_picture_of_another_number_of_classes(
    qtbot, window: WholeWindow, page: Welcome
) -> None:
    assert window.watch.look.moment.design.classes == 10
    qtbot.mouseClick(page.buttons["step"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.design.classes == 2, timeout=10000)
    window.watch.set_class_names(window.run.class_names)  # as on the way in, with the picture of before
    window.watch.show_all()
    assert window.watch.look.class_names == ()


def test_that_building_goes_to_build(qtbot, window: WholeWindow, page: Welcome) -> None:
    qtbot.mouseClick(page.buttons["build"], Qt.MouseButton.LeftButton)
    assert window.stack.title == "Build"


def test_that_the_links_of_about_open_their_addresses(
    qtbot, window: WholeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    dialog = HelpDialog(window, window.stack)
    about = dialog.pages[-1]
    for one in about.links:
        one.click()
    dialog.deleteLater()
    assert [one.toString() for one in opened][-len(LINKS) :] == list(LINKS.values())
    assert all(one.isValid() and one.scheme() == "https" and one.host() for one in opened)
