"""The page of a hold, with real keys and clicks."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from whole_window import BUILD, STEP, WATCH, WholeWindow

from convviz.gui.run_model.breakpoints import BreakpointsModel
from convviz.gui.run_model.hold import HoldModel
from convviz.gui.workspaces.watch.views.hold.update_table import GAP, LARGEST, SMALLEST, tiled
from convviz.present.watch.hold.image import image_of
from convviz.present.watch.hold.look import HoldLook, Order
from convviz.present.watch.hold.minibatch import minibatch_picture
from convviz.present.watch.hold.page import hold_picture
from convviz.run.commands import Train
from convviz.run.rehearsal import MinibatchSeen
from convviz.run.state import State
from convviz.training.pass_source import PassKind


@pytest.fixture
def held(qtbot, window: WholeWindow) -> WholeWindow:
    """The window, held before the update of the fourth minibatch, with all that is worked out."""
    window.go_to(WATCH)
    window.findChild(BreakpointsModel).add("step 4")
    window.run.bridge.send(Train())
    model = window.findChild(HoldModel)
    qtbot.waitUntil(lambda: window.run.state is State.PAUSED and model.look is not None, timeout=60_000)
    qtbot.waitUntil(lambda: model.look.tested is not None, timeout=60_000)
    qtbot.waitUntil(lambda: model.look.usual is not None or bool(model.look.no_usual), timeout=60_000)
    qtbot.waitUntil(window.watch.hold.isVisible, timeout=10_000)
    return window


def test_that_the_worst_image_comes_first_and_is_where_step_begins(qtbot, held: WholeWindow) -> None:
    look = held.findChild(HoldModel).look
    losses = np.asarray(look.seen.losses)
    tiles = held.watch.hold.picture_of(held.watch.look).minibatch.tiles
    assert [tile.place for tile in tiles[:3]] == np.argsort(-losses, kind="stable")[:3].tolist()
    assert sum(tile.share for tile in tiles) == pytest.approx(1)
    assert held.watch.held_image.title.text() == f"Training image {tiles[0].row:,}"
    visible = [
        button for button in (held.watch.break_strip.step, held.watch.timeline.step_button) if button.isVisible()
    ]
    assert visible == [held.watch.break_strip.step]  # two of them would mean two minibatches
    qtbot.mouseClick(visible[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: held.stack.currentIndex() == STEP, timeout=60_000)
    qtbot.waitUntil(lambda: held.step.source is not None and held.step.source.kind is PassKind.NEXT, timeout=60_000)
    qtbot.waitUntil(lambda: held.step.debugger.selection.sample == tiles[0].place, timeout=10_000)
    assert held.step.source.position.step == 4
    assert held.run.position.step == 3


def test_that_a_held_minibatch_is_worked_out_once_when_its_page_is_entered(held: WholeWindow, monkeypatch) -> None:
    page, asked = held.watch.hold, []
    monkeypatch.setattr(page, "picture_of", lambda look: asked.append(look) or hold_picture(look))
    held.go_to(BUILD)
    asked.clear()
    held.go_to(WATCH)
    assert len(asked) == 1
    assert page.isVisible()


def test_that_another_image_can_be_chosen_by_hand_and_s_steps_it(qtbot, held: WholeWindow) -> None:
    images = held.watch.hold.images
    picture = held.watch.hold.picture_of(held.watch.look).minibatch
    third = images.spot(2).area.center().toPoint()
    qtbot.mouseClick(images, Qt.MouseButton.LeftButton, pos=third)
    images.setFocus()
    qtbot.keyClick(images, Qt.Key.Key_Right)
    wanted = picture.tiles[3]
    assert held.watch.held_image.title.text() == f"Training image {wanted.row:,}"
    qtbot.keyClick(images, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: held.stack.currentIndex() == STEP, timeout=60_000)
    qtbot.waitUntil(lambda: held.step.source is not None and held.step.source.kind is PassKind.NEXT, timeout=60_000)
    qtbot.waitUntil(lambda: held.step.debugger.selection.sample == wanted.place, timeout=10_000)


def test_that_the_table_has_the_update_that_training_then_makes(qtbot, held: WholeWindow) -> None:
    look = held.findChild(HoldModel).look
    picture = held.watch.hold.picture_of(held.watch.look)
    assert [row.layer for row in picture.update.rows] == [one.layer for one in look.update.layers]
    assert f"{look.update.loss_after:.3f}"[:4] in picture.update.after
    steps = len(held.run.history.minibatches)
    held.run.go_on()
    qtbot.waitUntil(lambda: len(held.run.history.minibatches) > steps, timeout=60_000)
    assert held.run.history.minibatches.column(1)[steps] == look.seen.loss
    qtbot.waitUntil(lambda: not held.watch.hold.isVisible() and held.watch.network.isVisible(), timeout=10_000)
    assert held.findChild(HoldModel).look is None


def test_that_the_network_can_be_looked_at_meanwhile(qtbot, held: WholeWindow) -> None:
    strip = held.watch.break_strip
    assert not held.watch.detail.isVisible()
    qtbot.mouseClick(strip.other, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: held.watch.network.isVisible() and not held.watch.hold.isVisible(), timeout=10_000)
    assert held.watch.detail.isVisible()
    assert strip.other.text() == "Show the minibatch"
    qtbot.mouseClick(strip.other, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(held.watch.hold.isVisible, timeout=10_000)


def test_that_images_can_be_sorted_and_the_bar_clicked(qtbot, held: WholeWindow) -> None:
    page = held.watch.hold
    page.order.selected.emit(list(Order).index(Order.LABEL))
    labels = [tile.label for tile in page.picture_of(held.watch.look).minibatch.tiles]
    assert labels == sorted(labels)
    page.order.selected.emit(0)
    qtbot.mouseClick(page.images, Qt.MouseButton.LeftButton, pos=QPoint(page.images.width() - 2, 3))
    picture = page.picture_of(held.watch.look).minibatch
    assert picture.chosen == len(picture.tiles) - 1


@pytest.mark.parametrize("count", [1, 6, 32, 96])
def test_that_the_tiles_of_all_filters_fit(count: int) -> None:
    side, across, lines = tiled(count, 190, 44)
    assert across * lines >= count
    assert SMALLEST <= side <= LARGEST
    assert across * (side + GAP) - GAP <= 190
    assert lines * (side + GAP) - GAP <= 44


def test_that_images_whose_scores_are_no_numbers_have_no_answer() -> None:
    scores = np.array([[0.9, 0.1], [math.nan, math.nan]])
    images, rows, labels = np.zeros((2, 1, 2, 2), np.float32), np.array([4, 7]), np.array([0, 0])
    seen = MinibatchSeen(1, rows, images, labels, scores, scores[:, 0], math.nan)
    picture = minibatch_picture(HoldLook(1, seen=seen, order=Order.DRAWN))
    assert picture.caption == "2 images, 1 without an answer: their scores are NaN"
    assert [(tile.taken, tile.is_wrong) for tile in picture.tiles] == [("0", False), ("NaN", True)]
    shown = image_of(HoldLook(1, seen=seen, order=Order.DRAWN, chosen=7))
    assert shown is not None
    assert shown.row == 7
    assert [score.kind for score in shown.scores] == ["label", ""]
    other = image_of(HoldLook(1, seen=replace(seen, labels=np.array([0, 1])), order=Order.DRAWN, chosen=7))
    assert other is not None
    assert [score.kind for score in other.scores] == ["", "label"], "no class has been answered"
