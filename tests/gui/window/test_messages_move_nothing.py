"""A message comes and goes without moving what is under the pointer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from whole_window import BUILD, STEP, WATCH, WholeWindow

from convviz.gui.theme import Theme
from convviz.gui.widgets.messages.inline_message import InlineMessage
from convviz.gui.widgets.messages.overlay import MessageOverlay
from convviz.gui.widgets.status_line import StatusLine

LONG = "The file bad.h5 is no data set: expected images and labels in it, and found neither of them. " * 6


def places(page: QWidget) -> dict[QWidget, QRect]:
    """Where everything in sight on a page is."""
    QApplication.processEvents()
    return {one: one.geometry() for one in (page, *page.findChildren(QWidget)) if one.isVisible()}


def settled(qtbot, window: WholeWindow, page: QWidget) -> dict[QWidget, QRect]:
    """The same, once what was begun before (an answer, a measured time) has come and moved what it moves."""
    measurer = window.build.totals_model.measurer
    qtbot.waitUntil(lambda: not measurer.is_busy and not window.run.is_busy and window.inspections == 0)
    found: list[dict[QWidget, QRect]] = []

    def rests() -> bool:
        found.append(places(page))
        return len(found) > 2 and found[-3] == found[-2] == found[-1]

    qtbot.waitUntil(rests)
    return found[-1]


@pytest.mark.parametrize("sentence", ["Saved.", LONG])
@pytest.mark.parametrize("number", [BUILD, WATCH])
def test_that_the_windows_message_moves_nothing(qtbot, window: WholeWindow, number: int, sentence: str) -> None:
    window.go_to(number)
    before = settled(qtbot, window, window.stack)
    window.message.say(sentence, "info", {"Do it": lambda: None})
    assert places(window.stack) == before
    shown = QRect(window.message.mapTo(window, QPoint(0, 0)), window.message.size())
    assert window.rect().contains(shown)
    below = QRect(window.status.mapTo(window, QPoint(0, 0)), window.status.size())
    assert shown.intersects(below) == (sentence is not LONG), "one line lies over the status line, and hides nothing"
    if sentence is not LONG:
        left = below.width() - window.status.covered
        assert shown.left() >= left, "the status line ends where the message begins"
        assert left > below.width() // 2, "and still says where one is"
    assert window.message.height() >= window.message.heightForWidth(window.message.width())
    middle = window.message.mapTo(window, window.message.rect().center())
    assert window.message.isAncestorOf(window.childAt(middle)), "it lies on top"
    window.message.say("")
    assert window.status.covered == 0
    assert places(window.stack) == before


@pytest.mark.parametrize("sentence", ["Saved.", LONG])
def test_that_builds_message_moves_nothing(qtbot, window: WholeWindow, sentence: str) -> None:
    window.go_to(BUILD)
    page = window.build
    before = settled(qtbot, window, page)
    page.message.say(sentence, "info", {"Undo": lambda: None})
    now = places(page)
    assert page.message in now
    assert {one: place for one, place in now.items() if one in before} == before
    page.message.close_button.click()
    assert places(page) == before


def test_that_a_message_does_not_cover_the_equation(qtbot, window: WholeWindow) -> None:
    window.message.say(LONG, "info")
    window.go_to(STEP)
    qtbot.waitUntil(lambda: (foot := window.stack.foot()) is not None and foot.isVisible(), timeout=10000)
    settled(qtbot, window, window.stack)
    foot = window.stack.foot()
    assert foot is not None
    shown = QRect(window.message.mapTo(window, QPoint(0, 0)), window.message.size())
    top = foot.mapTo(window, QPoint(0, 0)).y()
    assert top - 30 < shown.bottom() < top
    window.go_to(WATCH)
    assert window.stack.foot() is not foot
    window.message.say("")


def test_that_a_message_follows_the_window(window: WholeWindow) -> None:
    window.message.say(LONG)
    for size in ((900, 600), (1200, 800)):
        window.resize(*size)
        QApplication.processEvents()
        foot = window.stack.geometry().bottom()
        assert 0 < foot - window.message.geometry().bottom() < 20
        assert window.stack.geometry().contains(window.message.geometry())
    window.message.say("")


@pytest.mark.parametrize("size", [(1440, 900), (1100, 700)])
def test_that_a_message_of_one_line_covers_nothing_of_the_page(window: WholeWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    for number in (BUILD, WATCH, STEP):
        window.go_to(number)
        window.message.say("Training is held; Resume goes on.", "info", {"Show": lambda: None})
        QApplication.processEvents()
        assert window.message.geometry().top() > window.stack.geometry().bottom()
        assert window.message.geometry().bottom() <= window.status.geometry().bottom()
    window.message.say("")


@pytest.mark.parametrize("number", [BUILD, WATCH, STEP])
def test_that_a_message_of_one_line_stays_within_a_window_that_is_resized(window: WholeWindow, number: int) -> None:
    window.resize(1440, 900)
    window.go_to(number)
    window.message.say("Training is held; Resume goes on.", "info", {"Show": lambda: None})
    QApplication.processEvents()
    for size in ((1100, 700), (1440, 900), (1000, 660)):
        window.resize(*size)
        QApplication.processEvents()
        assert window.status.geometry().contains(window.message.geometry()), size
    window.message.say("")


def test_that_a_message_follows_the_line_that_is_moved_after_the_page(qtbot, theme: Theme) -> None:
    host, page, line = QWidget(), QWidget(), StatusLine()
    qtbot.addWidget(host)
    column = QVBoxLayout(host)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(page, 1)
    column.addWidget(line)
    message = InlineMessage()
    MessageOverlay(message, page, host, below=line)
    host.resize(1200, 600)
    host.show()
    message.say("Saved.", "info", {"Show": lambda: None})
    QApplication.processEvents()
    for size in ((800, 400), (1000, 500), (700, 300)):
        host.resize(*size)  # no later event needs to put it right
        assert line.geometry().contains(message.geometry()), size
