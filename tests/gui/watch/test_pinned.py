"""Pinned numbers, the console and the search back, in the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from whole_window import STEP, WATCH, WholeWindow

from convviz.core.lower import LOSS
from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.hold import HoldModel
from convviz.gui.run_model.pins import PinsModel, read_pins
from convviz.run.commands import Train
from convviz.run.state import State

HELD = 4


@pytest.fixture
def held(qtbot, window: WholeWindow) -> Iterator[WholeWindow]:
    """The window with a pinned number, held before the update of a minibatch."""
    window.go_to(WATCH)
    pins = window.findChild(PinsModel)
    assert pins.pin("norm(conv1.weight)") == ""
    window.findChild(BreakpointsModel).add(f"step {HELD}")
    window.run.bridge.send(Train())
    hold = window.findChild(HoldModel)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED and hold.look is not None, timeout=60_000)
    qtbot.waitUntil(lambda: hold.look.seen is not None, timeout=60_000)
    yield window
    for pin in pins.pins:
        pins.remove(pin.number)


def test_that_a_number_is_measured_before_each_update_and_its_curve_drawn(qtbot, held: WholeWindow) -> None:
    track = held.findChild(PinsModel).look.tracks[0]
    assert track.text == "norm(conv1.weight)"
    assert track.steps[0] == 1
    assert set(track.steps) <= set(range(1, HELD + 1))
    held.findChild(HoldModel).set_open(False)
    held.watch.views.cards.go_to("Pinned")
    card = held.watch.pinned
    qtbot.waitUntil(lambda: card.isVisible() and len(card.curve.series) == 1, timeout=10_000)
    assert card.curve.series[0].name == "norm(conv1.weight)"


def test_that_the_console_of_a_hold_answers_over_its_pass(qtbot, held: WholeWindow) -> None:
    held.findChild(HoldModel).set_open(True)
    console = held.watch.hold.console
    qtbot.waitUntil(console.isVisible, timeout=10_000)
    console.field.clear()
    QTest.keyClicks(console.field, "step")
    QTest.keyClick(console.field, Qt.Key.Key_Escape)
    QTest.keyClick(console.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: console.answer.text().startswith(str(HELD)), timeout=20_000)


def test_that_step_answers_over_what_is_computed_and_pins_the_chosen_number(qtbot, held: WholeWindow) -> None:
    page, before = held.step, held.step.source
    held.go_to(STEP)
    qtbot.waitUntil(lambda: page.source is not before and page.run is not None, timeout=20_000)
    console = page.views.console
    console.field.setText("loss")
    QTest.keyClick(console.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "go there first" in console.answer.text(), timeout=10_000)
    page.step_to(page.run.last)
    qtbot.waitUntil(lambda: page.run.has(LOSS) and page.is_idle(), timeout=20_000)
    QTest.keyClick(console.field, Qt.Key.Key_Return)
    wanted = float(page.run.array(LOSS))
    qtbot.waitUntil(lambda: console.answer.text() and not console.answer.text().startswith("column"), timeout=10_000)
    assert float(console.answer.text()) == pytest.approx(wanted)
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_P)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [one.text().split(" of ")[0] for one in menu.actions()][1] == "Pin the norm"
    menu.actions()[1].trigger()
    menu.close()
    assert held.findChild(PinsModel).pins[-1].text.startswith("norm(")


def test_that_pins_are_read_back_and_damaged_ones_are_none() -> None:
    assert [pin.text for pin in read_pins('["loss", "norm(conv1.weight)", "loss"]')] == ["loss", "norm(conv1.weight)"]
    for damaged in (None, 7, "{", "[1]"):
        assert read_pins(damaged) == ()
