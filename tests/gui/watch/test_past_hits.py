"""A hit of the past opens the page of its minibatch, replayed from the recording."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from whole_window import STEP, WholeWindow

from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.hold import HoldModel
from convviz.gui.run_model.search import SearchModel
from convviz.present.watch.hold.look import Order
from convviz.run.breakpoints.condition import Breakpoint
from convviz.run.breakpoints.grammar import read_condition
from convviz.run.commands import Train
from convviz.run.state import State
from convviz.storage.recording.read import Recording

END, HIT = 18, 8


@pytest.fixture
def trained(qtbot, recording: WholeWindow) -> WholeWindow:
    """A recorded run to its end, with a breakpoint that only marked a step, and one that holds by its loss."""
    run, timeline = recording.run, recording.watch.timeline
    points = recording.findChild(BreakpointsModel)
    points.set_points((*points.points, Breakpoint(6, read_condition(f"step {HIT}"), holds=False)))
    run.bridge.send(Train())
    qtbot.waitUntil(lambda: run.position.step == END and run.state is State.IDLE, timeout=30_000)
    qtbot.waitUntil(lambda: timeline.plot.last == END and timeline.isVisible(), timeout=20_000)
    qtbot.waitUntil(lambda: bool(timeline.plot.marks), timeout=20_000)
    qtbot.waitUntil(lambda: recording.recorded == END, timeout=20_000)
    return recording


@pytest.fixture
def opened(qtbot, trained: WholeWindow) -> WholeWindow:
    """The same, with the page of the mark, which was clicked, and all that is worked out of it."""
    plot, hold = trained.watch.timeline.plot, trained.findChild(HoldModel)
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(plot.x_of(HIT - 1)), 9))
    qtbot.waitUntil(trained.watch.hold.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: hold.look is not None and hold.look.tested is not None, timeout=30_000)
    qtbot.waitUntil(lambda: hold.look.usual is not None or bool(hold.look.no_usual), timeout=30_000)
    return trained


def test_that_a_click_on_a_mark_opens_its_minibatch_as_it_was(qtbot, opened: WholeWindow) -> None:
    look, run = opened.findChild(HoldModel).look, opened.run
    assert (look.step, look.is_past, look.problem) == (HIT, True, "")
    assert look.seen.loss == run.history.minibatches.column(1)[HIT - 1]
    assert look.usual.count == HIT - 1
    with Recording(run.recording) as recording:
        recorded = [(one.step, one.text) for one in recording.events() if one.kind == "mark"]
    assert [(one.step, one.text) for one in opened.watch.timeline.plot.marks] == recorded
    strip = opened.watch.break_strip
    assert strip.headline.text() == f"Step {HIT} comes"
    assert strip.step.isVisible()
    assert not strip.edit.isVisible()
    assert not opened.watch.timeline.step_button.isVisible()
    assert not opened.watch.past_strip.isVisible()  # its own strip says that it is the past, and leads back
    assert strip.where.texts[0].startswith(f"the past: before the update of step {HIT}, ")
    page = opened.watch.hold
    qtbot.waitUntil(lambda: page.update_card.title.text() == "What the update did", timeout=10_000)
    assert page.after.text().startswith("After it, this minibatch had loss ")
    assert opened.watch.held_image.isVisible()
    step = max(page.curve.series[0].x)
    assert step > HIT  # it is known how it went on


def test_that_it_is_left_with_its_moment_and_found_again_by_keys(qtbot, opened: WholeWindow) -> None:
    hold, page = opened.findChild(HoldModel), opened.watch
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: hold.look is None and not page.hold.isVisible(), timeout=10_000)
    assert not page.break_strip.isVisible()
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(page.hold.isVisible, timeout=20_000)
    qtbot.mouseClick(page.break_strip.other, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.network.isVisible() and not page.hold.isVisible(), timeout=10_000)
    assert page.break_strip.isVisible()


def test_that_its_strip_leads_back_to_the_live_network(qtbot, opened: WholeWindow) -> None:
    qtbot.mouseClick(opened.watch.break_strip.back, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not opened.watch.break_strip.isVisible() and opened.watch.shown_step == END, timeout=20_000)


def test_that_s_steps_it_from_the_image_that_is_looked_at(qtbot, opened: WholeWindow) -> None:
    hold = opened.findChild(HoldModel)
    hold.walk(2)
    row, before = hold.row, opened.step.source
    opened.watch.setFocus()
    QTest.keyClick(opened.watch, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: opened.stack.currentIndex() == STEP, timeout=20_000)
    source = opened.past_pass(qtbot, before)
    assert source.position.step == HIT
    qtbot.waitUntil(lambda: source.rows[opened.step.debugger.selection.sample] == row, timeout=10_000)


def test_that_images_are_sorted_by_their_gradients(qtbot, opened: WholeWindow) -> None:
    page, hold = opened.watch.hold, opened.findChild(HoldModel)
    page.order.selected.emit(list(Order).index(Order.GRADIENT))
    qtbot.waitUntil(lambda: hold.look.gradients is not None, timeout=20_000)
    norms = np.asarray(hold.look.gradients)
    tiles = page.picture_of(opened.watch.look).minibatch.tiles
    assert [tile.place for tile in tiles] == np.argsort(-norms, kind="stable").tolist()
    assert tiles[0].gradient in tiles[0].sentence
    page.order.selected.emit(list(Order).index(Order.LOSS))


def test_that_what_a_search_finds_is_opened_too(qtbot, trained: WholeWindow) -> None:
    losses = np.array(trained.run.history.minibatches.column(1))
    limit = float(np.sort(losses)[-3])
    expected = int(np.flatnonzero(losses > limit)[-1]) + 1
    trained.findChild(SearchModel).start(read_condition(f"loss > {limit!r}"))
    hold = trained.findChild(HoldModel)
    qtbot.waitUntil(lambda: hold.look is not None and hold.look.seen is not None, timeout=20_000)
    assert (hold.look.step, hold.look.seen.loss) == (expected, losses[expected - 1])
    assert trained.watch.break_strip.headline.text().startswith("Loss ")


def test_that_a_click_on_a_curve_goes_to_that_moment_and_a_double_click_does_not(qtbot, trained: WholeWindow) -> None:
    page = trained.watch
    curve = page.curves.loss
    asked: list[int] = []
    page.curves.stepAsked.connect(asked.append)
    curve.picked.emit(5.0)
    curve.fit()  # what a double click does
    curve.picked.emit(6.0)
    qtbot.waitUntil(lambda: page.shown_step == 6, timeout=20_000)
    assert asked == [6]


def test_that_the_run_is_held_at_the_end_of_its_epoch_by_a_button(qtbot, trained: WholeWindow) -> None:
    run, top = trained.run, trained.top
    assert not top.finish.isVisible()
    points = trained.findChild(BreakpointsModel)
    points.set_points((*points.points[:1], Breakpoint(7, read_condition("step 2"))))
    run.bridge.send(Train())
    qtbot.waitUntil(lambda: run.state is State.PAUSED and run.position.step == 1, timeout=30_000)
    top.finishPressed.emit(True)
    run.go_on()
    qtbot.waitUntil(lambda: run.state is State.PAUSED and run.position.step == 6, timeout=30_000)
    assert len(run.history.epochs) == 1
    assert not top.finish.isChecked()
