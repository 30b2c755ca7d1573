"""Breakpoints in the window, with real keys and clicks."""

from __future__ import annotations

import json

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QApplication, QMenu
from shared_window import SharedWindow
from whole_window import STEP, WATCH, WholeWindow

from convviz.gui.run_model.breakpoints import FIRST, KEY, BreakpointsModel, read_points, write_points
from convviz.run.breakpoints.condition import AtStep, Breakpoint, IsTrue, LossAbove, NotFinite
from convviz.run.commands import Train
from convviz.run.state import State
from convviz.training.pass_source import PassKind


def add(qtbot, window: WholeWindow, text: str) -> int:
    """Type a condition into the drawer; returns the number of its breakpoint."""
    drawer = window.watch.breakpoints
    qtbot.mouseClick(drawer.add, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[-1].trigger()
    menu.close()
    drawer.expression.selectAll()  # what could not be used stays in it
    qtbot.keyClicks(drawer.expression, text)
    qtbot.keyClick(drawer.expression, Qt.Key.Key_Return)
    return max(drawer.rows)


def points_of(window: WholeWindow) -> tuple[Breakpoint, ...]:
    """The breakpoints that are set."""
    return window.findChild(BreakpointsModel).points


def held_at(qtbot, window: WholeWindow, step: int) -> None:
    """Wait until a breakpoint holds the run before the update of this step."""
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED and window.watch.break_strip.isVisible(), timeout=60_000)
    assert window.run.position.step == step - 1


def test_that_a_breakpoint_holds_says_why_steps_exactly_that_minibatch_and_lets_go_on(
    qtbot, window: WholeWindow
) -> None:
    window.go_to(WATCH)
    number = add(qtbot, window, "step 3")
    row = window.watch.breakpoints.rows[number]
    assert (row.words.text(), row.field.text(), row.row.is_on, row.row.holds) == ("step", "3", True, True)
    window.run.bridge.send(Train())
    held_at(qtbot, window, 3)
    strip = window.watch.break_strip
    assert (strip.headline.text(), strip.where.text()) == ("Step 3 comes", "held before the update of step 3")
    assert row.hits.text() == "1"
    top = window.top
    qtbot.waitUntil(lambda: top.held.isVisible() and top.held.toolTip().startswith("Step 3 comes: held before the"))
    assert not any("paused" in form for form in window.run.facts(""))
    assert "paused" not in top.facts.text()
    qtbot.mouseClick(strip.step, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.stack.currentIndex() == STEP and window.step.source is not None, timeout=60_000)
    qtbot.waitUntil(lambda: window.step.source.kind is PassKind.NEXT, timeout=60_000)
    assert window.run.position.step == 2  # its update is still to come
    window.go_to(WATCH)
    qtbot.mouseClick(window.top.train, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.run.position.step >= 3, timeout=60_000)
    qtbot.waitUntil(lambda: not strip.isVisible(), timeout=60_000)
    qtbot.waitUntil(lambda: not top.held.isVisible())


def test_that_a_held_run_has_the_losses_of_one_that_nobody_held(qtbot, window: WholeWindow) -> None:
    window.go_to(WATCH)

    def losses(count: int) -> list[float]:
        qtbot.waitUntil(lambda: len(window.run.history.minibatches) >= count, timeout=60_000)
        return list(window.run.history.minibatches.column(1)[:count])

    window.run.bridge.send(Train())
    plain = losses(5)
    number = add(qtbot, window, "step 3")
    window.run.bridge.send(Train())
    held_at(qtbot, window, 3)
    assert losses(2) == plain[:2]
    window.run.go_on()
    assert losses(5) == plain
    qtbot.keyClick(window.watch.breakpoints.rows[number], Qt.Key.Key_Delete)
    assert number not in window.watch.breakpoints.rows


def test_that_values_kinds_and_switches_are_changed_by_hand_and_remembered(
    qtbot, window: WholeWindow, shared_window: SharedWindow
) -> None:
    window.go_to(WATCH)
    row = window.watch.breakpoints.rows[2]
    qtbot.mouseClick(row.switch, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(row.dot, Qt.MouseButton.LeftButton)
    row.field.selectAll()
    qtbot.keyClicks(row.field, "two")
    qtbot.keyClick(row.field, Qt.Key.Key_Return)
    assert row.fault.text() == "Loss above: expected a number, got 'two'"
    assert row.field.text() == "two"
    assert window.focusWidget() is not row.switch  # one types on
    row.field.selectAll()
    qtbot.keyClicks(row.field, "2.5")
    qtbot.keyClick(row.field, Qt.Key.Key_Return)
    assert row.fault.isHidden()
    assert window.focusWidget() is row.switch  # S is a key again, and no letter
    expected = Breakpoint(2, LossAbove(2.5), holds=False, is_on=True)
    assert expected in points_of(window)
    row.field.setFocus()
    qtbot.keyClick(row.field, Qt.Key.Key_F9)
    assert not points_of(window)[1].is_on
    file = QSettings(str(shared_window.kept.parent / "settings.ini"), QSettings.Format.IniFormat)
    assert read_points(file.value(KEY)) == points_of(window)


def test_that_what_a_network_has_not_is_said_and_not_added(qtbot, window: WholeWindow) -> None:
    window.go_to(WATCH)
    before = set(window.watch.breakpoints.rows)
    add(qtbot, window, "mean(nowhere.weight) > 2")
    drawer = window.watch.breakpoints
    assert set(drawer.rows) == before
    assert "nowhere.weight" in drawer.fault.text()
    assert drawer.fault.isVisible()


def test_that_settings_are_read_back_and_damaged_ones_give_the_usual() -> None:
    points = (FIRST[0], Breakpoint(2, AtStep(7), holds=False), Breakpoint(3, IsTrue("loss > accuracy"), is_on=False))
    assert read_points(write_points(points)) == points
    for damaged in (
        None,
        3,
        "",
        "{",
        "[1]",
        '[{"when": 3}]',
        json.dumps([{"when": "loss >", "holds": True, "on": True}]),
    ):
        assert read_points(damaged) == FIRST


def test_that_nan_is_always_watched_for() -> None:
    off = json.dumps([{"when": "loss is nan", "holds": False, "on": False}])
    assert read_points(off) == (Breakpoint(1, NotFinite()),)


def test_that_the_keys_are_for_the_breakpoint_that_was_added(qtbot, window: WholeWindow) -> None:
    window.go_to(WATCH)
    drawer, asked = window.watch.breakpoints, list[int]()
    drawer.searched.connect(asked.append)
    number = add(qtbot, window, "step 1000")
    qtbot.keyClick(drawer, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    assert asked == [number]
    qtbot.keyClick(drawer, Qt.Key.Key_F9)
    assert not next(point for point in points_of(window) if point.number == number).is_on
    qtbot.keyClick(drawer.rows[number], Qt.Key.Key_Delete)
    qtbot.keyClick(drawer, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    assert asked == [number, 2], "else the first that can be switched"
