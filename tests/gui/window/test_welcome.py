"""The front page of a first start: what convviz is, and three ways in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QWidget
from small_run import DESIGN
from whole_window import BUILD, DATA, WholeWindow

from convviz.data.known.catalogue import KnownFile, known_set
from convviz.gui.files.downloads import Downloads
from convviz.gui.window.help.about import LINKS
from convviz.gui.window.help.dialog import TITLES, HelpDialog
from convviz.gui.window.help.pages import AboutPage
from convviz.gui.window.welcome.data_choice import DataChoice
from convviz.gui.window.welcome.page import Welcome
from convviz.run.state import State
from convviz.storage.presets import preset
from tests.data import layouts
from tests.support.known_server import Server, served_file, server

__all__ = ["server"]


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


def test_that_it_says_which_digits_are_in_use(qtbot, window: WholeWindow, page: Welcome) -> None:
    assert page.data.builtin.button.text() == "Use", "noise is in use"
    assert "in use" not in page.data.mnist.about.text()
    window.edited.document.replace(preset("course-7x7"), "open")
    qtbot.mouseClick(page.data.builtin.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.data.builtin.about.text().endswith("in use"), timeout=20000)
    assert window.run.data_name == "built-in digits"
    assert page.isVisible()
    assert not page.data.builtin.button.isVisible()


@pytest.fixture
def offered(qtbot, theme, server: Server, tmp_path: Path) -> Iterator[Welcome]:
    """The page alone, with MNIST from this machine."""
    (tmp_path / "made").mkdir()
    made = layouts.idx_packed(tmp_path / "made")
    files = [served_file(server, file.name, file.read_bytes()) for file in sorted(made.path.iterdir())]
    downloads = Downloads([replace(known_set("mnist"), files=tuple(files))], tmp_path / "cache")
    downloads.pause = 0.01
    window = QWidget()
    over = QWidget(window)
    over.resize(1000, 640)
    qtbot.addWidget(window)
    window.resize(1000, 640)
    window.show()
    page = Welcome(over, downloads)
    page.downloads = downloads
    page.open()
    yield page
    downloads.close()


def test_that_mnist_is_fetched_by_one_click_stopped_and_tried_again(qtbot, offered: Welcome, server: Server) -> None:
    row = offered.data.mnist
    server.manner = "silent"
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(server.asked), timeout=10000)
    assert row.close_button.isVisible()
    assert " MB" in row.about.text()
    qtbot.mouseClick(row.close_button, Qt.MouseButton.LeftButton)
    server.go_on.set()
    qtbot.waitUntil(row.button.isVisible, timeout=20000)
    server.manner = "failing"
    qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "HTTP 503" in row.about.text(), timeout=10000)
    server.manner = "honest"
    with qtbot.waitSignal(offered.downloads.fetched, timeout=10000) as fetched:
        qtbot.mouseClick(row.button, Qt.MouseButton.LeftButton)
    offered.data.show_used(fetched.args[1], builtin=False)
    assert row.about.text() == "60,000 + 10,000 · in use"
    assert offered.data.builtin.button.text() == "Use"


def test_that_a_computer_without_a_network_is_told_so(qtbot, theme, tmp_path: Path) -> None:
    nowhere = KnownFile("train-images-idx3-ubyte.gz", "0" * 32, ("http://127.0.0.1:9/none.gz",))
    downloads = Downloads([replace(known_set("mnist"), files=(nowhere,))], tmp_path)
    downloads.pause = 0.01
    choice = DataChoice(downloads)
    qtbot.addWidget(choice)
    choice.show()
    qtbot.mouseClick(choice.mnist.button, Qt.MouseButton.LeftButton)
    told = "No connection: is this computer online?"
    qtbot.waitUntil(lambda: choice.mnist.about.text() == told, timeout=10000)
    assert choice.mnist.button.accessibleName().startswith("Try again")
    downloads.close()


def test_that_the_links_of_about_open_their_addresses(
    qtbot, window: WholeWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    dialog = HelpDialog(window, window.stack)
    dialog.go_to(TITLES.index("About"))
    about = dialog.front
    assert isinstance(about, AboutPage)
    for one in about.links:
        one.click()
    dialog.deleteLater()
    assert [one.toString() for one in opened][-len(LINKS) :] == list(LINKS.values())
    assert all(one.isValid() and one.scheme() == "https" and one.host() for one in opened)
