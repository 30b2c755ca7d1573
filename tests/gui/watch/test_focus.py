"""The keys of Watch work without a search for the focus: after it was entered, a click, and what takes itself away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from whole_window import DATA, STEP, WATCH, WholeWindow

from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.hold import HoldModel
from convviz.gui.theme import current_theme
from convviz.gui.workspaces.watch.views.over_time import OverTimePlot
from convviz.run.commands import Train
from convviz.run.state import State

HELD = 9


@pytest.fixture
def held(qtbot, recording: WholeWindow) -> WholeWindow:
    """A recorded run, held before the update of its ninth minibatch."""
    recording.go_to(WATCH)
    recording.findChild(BreakpointsModel).add(f"step {HELD}")
    recording.run.bridge.send(Train())
    model = recording.findChild(HoldModel)
    qtbot.waitUntil(lambda: recording.run.state is State.PAUSED and model.look is not None)
    qtbot.waitUntil(recording.watch.hold.isVisible)
    qtbot.waitUntil(lambda: recording.recorded == HELD - 1)
    return recording


def click(widget: QWidget, place: QPoint | None = None) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place or widget.rect().center())


def test_that_a_tab_gives_its_page_the_keys(qtbot, held: WholeWindow) -> None:
    held.watch.setFocus()
    click(held.top.switch.button(DATA))
    click(held.top.switch.button(WATCH))
    assert held.focusWidget() is held.watch
    QTest.keyClick(held.focusWidget(), Qt.Key.Key_S)
    qtbot.waitUntil(lambda: held.stack.currentIndex() == STEP)


def test_that_the_arrow_keys_still_go_from_tab_to_tab(recording: WholeWindow) -> None:
    recording.go_to(WATCH)
    chosen = recording.top.switch.button(WATCH)
    chosen.setFocus()
    QTest.keyClick(chosen, Qt.Key.Key_Right)
    assert recording.stack.currentIndex() == WATCH + 1
    assert recording.focusWidget() is recording.top.switch.button(WATCH + 1)
    QTest.keyClick(recording.focusWidget(), Qt.Key.Key_Left)
    assert recording.stack.currentIndex() == WATCH


def test_that_a_message_leaves_the_keys_to_the_page(qtbot, recording: WholeWindow) -> None:
    recording.go_to(WATCH)
    recording.watch.setFocus()
    recording.message.say("Last time: digits", "info", {"Take it up": lambda: recording.message.say("")})
    (take_up,) = recording.message.action_buttons
    qtbot.waitUntil(take_up.isVisible)
    click(take_up)
    assert not recording.message.isVisible()
    assert recording.focusWidget() is recording.watch


def test_that_any_click_on_the_page_gives_it_the_keys(qtbot, recording: WholeWindow) -> None:
    recording.go_to(WATCH)
    page = recording.watch
    floor = page.views.cards.parentWidget()
    page.views.cards.go_to("Over time")
    (ridges,) = page.findChildren(OverTimePlot)
    qtbot.waitUntil(ridges.isVisible)
    for widget, place in ((floor, QPoint(3, 3)), (ridges, None)):
        recording.top.switch.button(WATCH).setFocus()
        click(widget, place)
        assert recording.focusWidget() is page, widget


def test_that_a_hint_goes_with_the_page_that_it_is_about(recording: WholeWindow) -> None:
    recording.go_to(WATCH)
    recording.status.hint("S counts with the focus on the page of Watch")
    recording.go_to(STEP)
    assert recording.status.hinted == ""


def test_that_back_to_live_leaves_the_keys_to_the_page(qtbot, held: WholeWindow) -> None:
    page = held.watch
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Left)
    qtbot.waitUntil(page.past_strip.isVisible)
    click(page.past_strip.back)
    qtbot.waitUntil(lambda: not page.past_strip.isVisible() and page.hold.isVisible())
    assert held.focusWidget() is page


def test_that_the_frame_of_the_first_image_is_whole(qtbot, held: WholeWindow) -> None:
    images = held.watch.hold.images
    qtbot.waitUntil(images.isVisible)
    shot, area = images.grab().toImage(), images.spot(0).area
    y, accent = round(area.center().y()), current_theme().colour("accent").name()
    beside = range(round(area.left())), range(round(area.right()) + 1, round(area.right()) + 8)
    assert [[shot.pixelColor(x, y).name() for x in side].count(accent) for side in beside] == [2, 2]
