"""A window that is kept as it is while it changes, and then painted in pieces."""

from __future__ import annotations

import math
import time
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from shiboken6 import isValid

from convviz.gui.theme import held_painting
from convviz.gui.theme.held_painting import HeldPainting, pieces_of
from convviz.gui.widgets.turns import paint_apart, paint_later

HEIGHT = 20


class Coloured(QWidget):
    """Fills itself with a colour, and notes the colours that it was painted in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colour = "red"
        self.painted: list[str] = []
        self.fails = False
        self.setFixedHeight(HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.fails:
            raise ValueError("expected a colour")
        self.painted.append(self.colour)
        QPainter(self).fillRect(event.rect(), QColor(self.colour))


class Page:
    """A window whose page has several widgets, one below the other, and one widget beside the page."""

    def __init__(self, qtbot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        column = QVBoxLayout(self.window)
        self.beside = Coloured()
        self.page = QWidget()
        column.addWidget(self.beside)
        column.addWidget(self.page)
        inside = QVBoxLayout(self.page)
        self.parts = [Coloured() for _ in range(6)]
        for one in self.parts:
            inside.addWidget(one)
        self.window.resize(200, 300)
        self.window.show()
        qtbot.waitUntil(lambda: all(one.painted for one in (*self.parts, self.beside)))
        QApplication.processEvents()
        self.forget()

    def forget(self) -> None:
        for one in (*self.parts, self.beside):
            one.painted.clear()

    def change(self, colour: str) -> None:
        for one in (*self.parts, self.beside):
            one.colour = colour
            one.update()

    def seen(self) -> list[str]:
        """The colours in a picture of the window that is taken now."""
        image: QImage = self.window.grab().toImage()
        ratio = image.devicePixelRatio()
        middles = [one.mapTo(self.window, one.rect().center()) * ratio for one in self.parts]
        return [image.pixelColor(at).name() for at in middles]


@pytest.fixture
def page(qtbot, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr(held_painting, "LATEST", math.inf)  # however long a test is stopped for
    return Page(qtbot)


def test_that_a_page_is_painted_piece_by_piece_and_each_piece_once(page: Page) -> None:
    held = HeldPainting.of(page.window)
    held.divide(page.page)
    page.change("blue")
    QApplication.processEvents()
    assert not any(one.painted for one in page.parts)
    done: list[int] = []
    while not held.paint(0.0):
        done.append(sum(bool(one.painted) for one in page.parts))
    assert done == sorted(done)
    assert len(set(done)) > 2
    assert [one.painted for one in page.parts] == [["blue"]] * 6
    assert page.beside.painted == ["blue"]
    QApplication.processEvents()
    assert [one.painted for one in page.parts] == [["blue"]] * 6, "nothing is left to paint"


def test_that_all_that_is_left_is_painted_at_once_when_it_has_taken_too_long(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_painting, "LATEST", 0.0)
    held = HeldPainting.of(page.window)
    held.divide(page.page)
    page.change("blue")
    assert held.paint(0.0)
    assert [one.painted for one in (*page.parts, page.beside)] == [["blue"]] * 7


def test_that_the_time_of_a_change_is_not_that_of_its_painting(
    qtbot, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, asked, going = [0.0], [], [True]
    monkeypatch.setattr(held_painting, "LATEST", 0.15)
    times = SimpleNamespace(thread_time=time.thread_time, monotonic=lambda: clock[0])
    monkeypatch.setattr(held_painting, "time", times)
    held = HeldPainting.of(page.window)
    held.divide(page.page)
    page.change("blue")
    assert not held.paint(0.0)

    def still() -> bool:
        asked.append(clock[0])
        return going[0]

    paint_apart(page.page, still)
    clock[0] = 1.0
    qtbot.waitUntil(lambda: 1.0 in asked)
    assert not held.paint(0.0), "what is left comes in pieces"
    clock[0] = 2.0
    assert held.paint(0.0), "but not for longer than ever"
    assert [one.painted[-1] for one in page.parts] == ["blue"] * 6


def test_that_a_window_that_is_resized_on_the_way_is_painted_at_once(page: Page) -> None:
    held = HeldPainting.of(page.window)
    held.divide(page.page)
    page.change("blue")
    assert not held.paint(0.0)
    page.window.resize(260, 340)
    page.change("green")
    assert held.paint(0.0)
    assert all(one.painted[-1] == "green" for one in (*page.parts, page.beside))


def test_that_a_picture_taken_on_the_way_has_everything(page: Page) -> None:
    held = HeldPainting.of(page.window)
    held.divide(page.page)
    page.change("blue")
    blue = QColor("blue").name()
    while True:
        assert page.seen() == [blue] * 6
        if held.paint(0.0):
            break
    assert page.seen() == [blue] * 6


def test_that_what_changes_on_the_way_is_painted_as_it_is_at_last(qtbot, page: Page) -> None:
    held = HeldPainting.of(page.window)
    held.divide(page.page)
    page.change("blue")
    for _ in range(3):
        assert not held.paint(0.0)
    page.change("green")
    paint_later(page.page)
    while not held.paint(0.0):
        pass
    assert [one.painted[-1] for one in page.parts] == ["green"] * 6
    page.change("white")  # and afterwards as ever
    qtbot.waitUntil(lambda: all(one.painted[-1] == "white" for one in page.parts))


def test_that_a_page_that_is_hidden_or_deleted_on_the_way_leaves_the_window_as_it_should_be(qtbot, page: Page) -> None:
    paint_later(page.page)
    page.change("blue")
    page.page.hide()
    qtbot.waitUntil(lambda: page.beside.painted[-1:] == ["blue"])
    page.page.show()
    qtbot.waitUntil(lambda: all(one.painted for one in page.parts))
    held = HeldPainting.of(page.window)
    held.divide(page.page)
    assert not held.paint(0.0)
    page.page.deleteLater()
    held.start()
    qtbot.waitUntil(lambda: not isValid(page.page))
    page.beside.painted.clear()
    page.beside.update()
    qtbot.waitUntil(lambda: bool(page.beside.painted))


def test_that_a_window_that_is_closed_on_the_way_is_whole_when_it_is_shown_again(qtbot, page: Page) -> None:
    paint_later(page.page)
    page.change("blue")
    page.window.close()
    page.window.show()
    qtbot.waitUntil(lambda: all(one.painted[-1:] == ["blue"] for one in page.parts))


def test_that_nothing_is_painted_until_all_changes_of_several_turns_are_done(qtbot, page: Page) -> None:
    going = {"first", "second"}
    for change in sorted(going):
        paint_apart(page.page, lambda change=change: change in going)
    page.change("blue")
    turns: list[bool] = []

    def next_turn() -> bool:
        turns.append(any(one.painted for one in page.parts))
        return len(turns) % 4 == 0

    qtbot.waitUntil(next_turn)
    going.discard("first")
    qtbot.waitUntil(next_turn)
    assert not any(turns)
    going.clear()
    qtbot.waitUntil(lambda: all(one.painted for one in page.parts))


def test_that_an_error_in_the_painting_of_one_widget_keeps_no_other_from_it(qtbot, page: Page) -> None:
    others = (*page.parts[:2], *page.parts[3:], page.beside)
    with qtbot.captureExceptions() as errors:
        paint_later(page.page)
        page.change("blue")
        page.parts[2].fails = True
        qtbot.waitUntil(lambda: all(one.painted[-1:] == ["blue"] for one in others) and bool(errors))
        page.parts[2].fails = False
        page.change("green")
        qtbot.waitUntil(lambda: all(one.painted[-1:] == ["green"] for one in page.parts))


def test_that_a_change_that_fails_to_say_whether_it_is_done_holds_nothing(qtbot, page: Page) -> None:
    def fails() -> bool:
        raise ValueError("expected an answer")

    with qtbot.captureExceptions() as errors:
        paint_apart(page.page, fails)
        page.change("blue")
        qtbot.waitUntil(lambda: all(one.painted for one in page.parts))
    assert len(errors) == 1


class Tiled(QWidget):
    """A large widget that is painted by parts."""

    def painted_parts(self) -> list[QRect]:
        return [QRect(0, 20 * number, 60, 20) for number in range(5)]


def test_that_a_widget_may_say_in_which_parts_it_is_painted(qtbot) -> None:
    window = Tiled()
    qtbot.addWidget(window)
    window.resize(60, 100)
    window.show()
    qtbot.waitExposed(window)
    parts = pieces_of(window)
    assert parts == [QRegion(one) for one in window.painted_parts()]
