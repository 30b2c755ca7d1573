"""The views at the side of Build follow in turns of their own, and nobody sees or touches an old one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from convviz.gui.workspaces.builder import side_views
from convviz.gui.workspaces.builder.page import BuildPage
from convviz.storage.presets import preset


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds, in a list of one: on a busy machine two edits may be further apart than views are waited for."""
    now = [0.0]
    monkeypatch.setattr(side_views, "monotonic", lambda: now[0])
    return now


class Screen(QWidget):
    """Lies over a page and counts how often it is painted."""

    times = 0

    def paintEvent(self, event) -> None:
        self.times += 1


def test_that_the_screen_stays_as_it_was_until_all_views_are_up_to_date(build: BuildPage, qtbot) -> None:
    build.set_design(preset("course-7x7"))
    qtbot.waitUntil(lambda: not build.side_views.is_waiting)
    screen = Screen(build)
    screen.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    screen.resize(build.size())
    screen.show()
    qtbot.waitUntil(lambda: screen.times > 0)
    waited: list[bool] = []
    seen = screen.times

    def look() -> bool:
        nonlocal seen
        if screen.times > seen:
            seen = screen.times
            waited.append(build.side_views.is_waiting)
        return bool(waited) and not build.side_views.is_waiting

    build.editor.set_layer_field(0, "filters", 7)
    assert build.side_views.is_waiting
    qtbot.waitUntil(look)
    assert not any(waited)


def test_that_a_view_that_is_asked_for_is_up_to_date(build: BuildPage) -> None:
    build.set_design(preset("course-7x7"))
    build.editor.set_setting(("training", "batch_size"), 17)
    assert build.side_views.is_waiting
    assert build.hyper.rows["training", "batch_size"].editor.value == 17
    assert not build.side_views.is_waiting


def test_that_a_click_beside_the_layers_meets_views_of_the_selected_layer(build: BuildPage, qtbot) -> None:
    build.set_design(preset("course-7x7"))
    build.layers.focus_card(0)
    picture = build.inspector.picture
    at = picture.mapTo(build, QPoint(2, picture.height() // 2))
    build.editor.duplicate_layer(0)
    assert build.layers.selected == 1
    assert build.side_views.is_waiting
    QTest.mouseClick(build.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    assert not build.side_views.is_waiting


def test_that_undoing_many_times_at_once_ends_with_the_first_design(build: BuildPage, qtbot) -> None:
    build.set_design(preset("course-7x7"))
    first = build.design()
    for filters in range(3, 9):
        build.editor.set_layer_field(0, "filters", filters)
        build.document.end_gesture()
        build.editor.set_setting(("training", "batch_size"), 10 * filters)
        build.document.end_gesture()
    count = build.undo_stack.count()
    assert count == 12
    build.layers.focus_card(0)
    for _ in range(count):
        QTest.keyClick(build.windowHandle(), Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert build.design() == first
    qtbot.waitUntil(lambda: not build.side_views.is_waiting)
    assert build.layers.cards[0].layer == first.layers[0]
    assert build.hyper.rows["training", "batch_size"].editor.value == first.training.batch_size
    assert build.layers.cards[0].hasFocus()
    for _ in range(count):
        QTest.keyClick(build.windowHandle(), Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert build.hyper.rows["training", "batch_size"].editor.value == 80


def test_that_views_of_a_page_that_is_left_or_closed_meanwhile_ask_for_nothing(build: BuildPage, qtbot) -> None:
    build.set_design(preset("course-7x7"))
    build.editor.set_layer_field(0, "filters", 5)
    assert build.side_views.is_waiting
    build.set_live(False)
    build.hide()
    assert not build.side_views.is_waiting
    build.show()
    build.set_live(True)
    build.editor.set_layer_field(0, "filters", 6)
    build.hide()
    qtbot.waitUntil(lambda: not build.side_views.is_waiting)
    build.editor.set_layer_field(0, "filters", 7)  # a page out of sight has no turns
    assert not build.side_views.is_waiting


def test_that_edits_without_a_pause_do_not_keep_the_screen_as_it_was(build: BuildPage, clock: list[float]) -> None:
    build.set_design(preset("course-7x7"))
    waits: list[bool] = []
    for filters in range(11, 15):  # no turn comes between these
        clock[0] += 0.4 * side_views.LONGEST
        build.editor.set_layer_field(0, "filters", filters)
        waits.append(build.side_views.is_waiting)
    assert waits == [True, True, False, True]
