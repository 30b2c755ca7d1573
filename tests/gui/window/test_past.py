"""The past of a run in the window, with keys and mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from convviz.core.lower import LOSSES
from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.pins import PinsModel
from convviz.gui.run_model.search import SearchModel
from convviz.run.commands import Train
from convviz.run.state import State
from convviz.storage.recording.names import name_of_recording
from convviz.storage.recording.read import Recording
from convviz.training.pass_source import PassKind
from tests.support.small_run import DESIGN
from tests.support.whole_window import STEP, WATCH, WholeWindow

END = 18


@pytest.fixture
def trained(qtbot, recording: WholeWindow) -> WholeWindow:
    run, watch = recording.run, recording.watch
    run.bridge.send(Train())
    qtbot.waitUntil(lambda: run.position.step == END and run.state is State.IDLE, timeout=30_000)
    qtbot.waitUntil(lambda: shown(recording) == END and watch.timeline.plot.last == END, timeout=20_000)
    qtbot.waitUntil(watch.timeline.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: recording.recorded == END, timeout=20_000)
    return recording


def walk(qtbot, window: WholeWindow, which: Qt.Key, step: int) -> None:
    """Press a key that leads to a step."""
    key(window, which)
    qtbot.waitUntil(lambda: shown(window) == step)


def shown(window: WholeWindow) -> int:
    """Step of the moment on the screen."""
    moment = window.watch.look.moment
    return -1 if moment is None else moment.position.step


def key(window: WholeWindow, which: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.watch.setFocus()
    QTest.keyClick(window.watch, which, held)


def test_that_a_click_on_the_timeline_shows_that_moment_and_end_the_live_one(qtbot, trained: WholeWindow) -> None:
    plot, page = trained.watch.timeline.plot, trained.watch
    live = trained.seen("conv1.weight").copy()
    assert page.timeline.isVisible()
    assert not page.past_strip.isVisible()
    QTest.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(round(plot.x_of(7)), 40))
    qtbot.waitUntil(lambda: shown(trained) == 7, timeout=20_000)
    assert not np.array_equal(trained.seen("conv1.weight"), live)
    assert page.past_strip.isVisible()
    assert page.past_strip.accessibleName().startswith("Looking at the past: epoch ")
    assert page.past_strip.headline.isVisible()
    loss = trained.run.history.minibatches.column(1)[-1]
    where = f"the live network, which is at {END} with loss {loss:.4g}"
    qtbot.waitUntil(lambda: where in page.past_strip.text.texts[0])
    assert page.timeline.sign.text() == "Past"
    assert trained.stack.front.status().left[1].startswith("past: ")
    key(trained, Qt.Key.Key_End)
    assert shown(trained) == END
    assert not page.past_strip.isVisible()
    assert page.timeline.sign.text() == "Ended"
    assert np.array_equal(trained.seen("conv1.weight"), live)


def test_that_keys_walk_the_run(qtbot, trained: WholeWindow) -> None:
    walk(qtbot, trained, Qt.Key.Key_Left, END - 1)
    walk(qtbot, trained, Qt.Key.Key_Left, END - 2)
    walk(qtbot, trained, Qt.Key.Key_Home, 0)
    key(trained, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: shown(trained) > 1, timeout=20_000)


def test_that_playing_ends_at_the_live_network(qtbot, trained: WholeWindow) -> None:
    walk(qtbot, trained, Qt.Key.Key_Home, 0)
    seen: list[int] = []
    trained.watch.timeline.stepAsked.connect(seen.append)
    key(trained, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: shown(trained) == END, timeout=20_000)
    assert seen == [8, 16, 24]


def test_that_the_loss_marks_the_moment_that_is_looked_at_as_soon_as_the_timeline_does(
    qtbot, trained: WholeWindow
) -> None:
    loss = trained.watch.curves.loss
    qtbot.waitUntil(lambda: bool(loss.series) and len(loss.series[0].x) == END, timeout=20_000)
    trained.watch.timeline.stepAsked.emit(7)
    assert loss.moment.at == 7, "the network of then is still being replayed"
    qtbot.waitUntil(lambda: shown(trained) == 7, timeout=20_000)
    assert loss.moment.at == 7
    trained.watch.timeline.liveAsked.emit()
    assert loss.moment.at is None


def test_that_s_steps_through_exactly_that_minibatch(qtbot, trained: WholeWindow) -> None:
    before = trained.step.source
    walk(qtbot, trained, Qt.Key.Key_Left, END - 1)
    key(trained, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: trained.stack.currentIndex() == STEP, timeout=20_000)
    assert trained.past_pass(qtbot, before).position.step == END - 1
    assert trained.message.text() == f"The minibatch of step {END - 1}: replayed bit for bit."


def test_that_a_replayed_minibatch_with_a_changed_number_is_not_called_what_training_did(
    qtbot, trained: WholeWindow
) -> None:
    page, before = trained.step, trained.step.source
    walk(qtbot, trained, Qt.Key.Key_Left, END - 1)
    trained.go_to(STEP)
    trained.past_pass(qtbot, before)
    about, words = page.views.pass_choice.about, page.views.run_timeline.words
    qtbot.waitUntil(lambda: words.text() == "replayed bit for bit", timeout=20_000)
    qtbot.waitUntil(lambda: "bit for bit" in about.text(), timeout=20_000)
    page.editing.change("conv1.weight", (0, 0, 0, 0), 0.5)
    page.editing.change("conv1.weight", (0, 0, 0, 1), 0.5)
    says = f"What if: step {END - 1} with 2 changes of yours, which training did not have."
    qtbot.waitUntil(lambda: about.text() == says, timeout=20_000)
    qtbot.waitUntil(lambda: words.text() == "2 changes of yours", timeout=20_000)
    assert "2 changes of yours" in trained.status.text()
    page.step_to(page.run.last)
    qtbot.waitUntil(lambda: page.is_idle() and page.run.ran > page.run.last, timeout=20_000)
    assert page.views.pass_note.text.text().startswith("What if: training had other numbers here")
    page.editing.undo()
    page.editing.undo()
    qtbot.waitUntil(lambda: words.text() == "replayed bit for bit", timeout=20_000)
    qtbot.waitUntil(lambda: "bit for bit" in about.text(), timeout=20_000)
    assert "of yours" not in trained.status.text()


def test_that_the_timeline_under_step_goes_to_the_pass_of_a_minibatch_and_back(qtbot, trained: WholeWindow) -> None:
    def stepped(step: int) -> None:
        qtbot.waitUntil(lambda: page.source is not None and page.source.position.step == step, timeout=20_000)

    page, before = trained.step, trained.step.source
    walk(qtbot, trained, Qt.Key.Key_Left, END - 1)
    trained.go_to(STEP)
    assert trained.past_pass(qtbot, before).position.step == END - 1, "what was looked at in Watch"
    timeline = page.views.run_timeline
    assert timeline.isVisible()
    page.step_to(4)
    qtbot.waitUntil(lambda: page.is_idle() and page.debugger.place.step == 4, timeout=20_000)
    qtbot.mouseClick(timeline.plot, Qt.MouseButton.LeftButton, pos=QPoint(round(timeline.plot.x_of(7)), 30))
    stepped(7)
    qtbot.waitUntil(lambda: page.is_idle() and page.debugger.place.step == 4, timeout=20_000)
    qtbot.waitUntil(lambda: timeline.words.text() == "replayed bit for bit", timeout=20_000)
    assert page.debugger.selection.sample == page.run.array(LOSSES).argmax()
    says = f"It begins with image {page.debugger.selection.sample}, whose loss is the largest."
    assert says in page.views.pass_choice.about.text()
    QTest.keyClick(timeline.plot, Qt.Key.Key_Right)
    stepped(8)
    qtbot.waitUntil(lambda: "replayed bit for bit" in page.views.pass_choice.about.text(), timeout=20_000)
    trained.go_to(WATCH)
    qtbot.waitUntil(lambda: shown(trained) == 8, timeout=20_000)
    trained.go_to(STEP)
    stepped(8)
    QTest.keyClick(timeline.plot, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: page.source.kind is PassKind.LAST, timeout=20_000)
    stepped(END)
    assert timeline.where.text().startswith("live")


def test_that_b_begins_a_run_at_that_moment(qtbot, trained: WholeWindow) -> None:
    walk(qtbot, trained, Qt.Key.Key_Left, END - 1)
    weight, run = trained.seen("conv1.weight").copy(), trained.run
    parent = run.recording
    assert parent is not None
    with qtbot.waitSignal(run.prepared, timeout=20_000):
        key(trained, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: run.state is State.PAUSED and shown(trained) == END - 1, timeout=20_000)
    assert np.array_equal(trained.seen("conv1.weight"), weight)
    ((step, text, kind),) = run.history.marks
    assert (step, kind) == (END - 1, "fork")
    with Recording(parent) as recording:
        name = name_of_recording(recording)
    assert name.startswith(f"{DESIGN.name} of ")
    assert text == f"branched from {name} at step {END - 1}"
    assert not trained.watch.past_strip.isVisible()


def test_that_a_recording_that_is_gone_is_told_in_the_strip(qtbot, trained: WholeWindow) -> None:
    path = trained.run.recording
    assert path is not None
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    key(trained, Qt.Key.Key_Left)
    strip = trained.watch.past_strip
    qtbot.waitUntil(lambda: "can't be replayed" in strip.text.texts[0] if strip.text.texts else False, timeout=20_000)
    assert strip.isVisible()
    key(trained, Qt.Key.Key_End)
    assert not strip.isVisible()


def test_that_one_pinned_later_has_its_past_by_replay(qtbot, trained: WholeWindow) -> None:
    card, model = trained.watch.pinned, trained.findChild(PinsModel)
    trained.watch.views.cards.go_to("Pinned")
    card.console.field.clear()
    QTest.keyClicks(card.console.field, "conv1.weight[0, 0, 1")
    QTest.keyClicks(card.console.field, ", 1]")
    QTest.keyClick(card.console.field, Qt.Key.Key_Return)
    assert model.pins[-1].text == "conv1.weight[0, 0, 1, 1]"
    qtbot.waitUntil(lambda: len(model.look.tracks[-1].steps) > 0 and not model.look.doing, timeout=20_000)
    first = model.look.tracks[-1]
    assert first.steps[0] == 1
    QTest.keyClicks(card.console.field, "norm(nowhere)")
    QTest.keyClick(card.console.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "nowhere" in card.console.answer.text(), timeout=10_000)
    number = model.pins[-1].number
    card.rows[number].setFocus()
    QTest.keyClick(card.rows[number], Qt.Key.Key_Delete)
    assert all(pin.number != number for pin in model.pins)


def test_that_the_run_goes_back_to_where_a_condition_last_held(qtbot, trained: WholeWindow) -> None:
    losses = np.array(trained.run.history.minibatches.column(1))
    limit = float(np.sort(losses)[-3])
    points = trained.findChild(BreakpointsModel)
    points.add(f"loss > {limit!r}")
    number = max(trained.watch.breakpoints.rows)
    expected = int(np.flatnonzero(losses > limit)[-1]) + 1
    trained.watch.breakpoints.searched.emit(number)
    search = trained.findChild(SearchModel)
    qtbot.waitUntil(lambda: trained.watch.shown_step == expected - 1, timeout=20_000)
    qtbot.waitUntil(trained.watch.break_strip.isVisible)
    assert trained.watch.break_strip.headline.text().startswith("Loss ")
    qtbot.waitUntil(lambda: search.look is None)  # one strip says it
    points.add("loss > 1e9")
    trained.watch.breakpoints.searched.emit(max(trained.watch.breakpoints.rows))
    qtbot.waitUntil(lambda: search.look is not None and bool(search.look.result), timeout=20_000)
    assert search.look.result == f"Never from step 1 to {expected - 1}: loss above 1e+09"
    qtbot.waitUntil(trained.watch.search_strip.isVisible)
    qtbot.mouseClick(trained.watch.search_strip.stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not trained.watch.search_strip.isVisible())
