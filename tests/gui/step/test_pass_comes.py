"""A pass comes in turns of the event loop: the one before stays on the screen, and what the user does is in order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from step_hands import Key, card, course, go, press

from convviz.core.network import Network
from convviz.gui.workspaces.step import beginning
from convviz.gui.workspaces.step.beginning import run_on
from convviz.gui.workspaces.step.offer import Offer, PassChoice
from convviz.gui.workspaces.step.page import StepPage
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass
from convviz.training.pass_source import PassKind


@pytest.fixture
def stepped(workspace: StepPage, qtbot: QtBot) -> Iterator[StepPage]:
    """A pass of the course network over the first of four images, at its first product."""
    course(workspace, 4)
    go(workspace, "conv1.wx_row")
    qtbot.waitUntil(workspace.is_idle)
    yield workspace
    workspace.show()


def offer_of(count: int, seed: int = 0, **changes: object) -> Offer:
    draw = np.random.default_rng(seed)
    design = preset("course-7x7")
    images = draw.random((count, 1, 28, 28), dtype=np.float32)
    return Offer(design, Network(design).arrays, images, np.arange(count) % 10, "noise", **changes)  # type: ignore[arg-type]


def test_that_the_previous_pass_stays_whole_until_the_next_can_be_shown(stepped: StepPage, qtbot: QtBot) -> None:
    status, title = stepped.status, stepped.views.cell_title
    picture, said = card(stepped, "x_pad").view, title.text()
    before = picture.picture.values.copy()
    stepped.set_offer(offer_of(4, seed=1, where="epoch 2, step 9"))
    assert stepped.is_coming
    assert not stepped.is_idle()
    np.testing.assert_array_equal(picture.picture.values, before)
    assert title.text() == said
    assert stepped.status == status
    qtbot.waitUntil(stepped.is_idle)
    assert not stepped.is_coming
    assert "epoch 2, step 9" in stepped.status
    np.testing.assert_array_equal(picture.picture.values[0], stepped.run.array("conv1.x_pad")[0, 0])
    assert not np.array_equal(picture.picture.values, before)


def test_that_keys_pressed_meanwhile_move_the_pass_that_comes(stepped: StepPage, qtbot: QtBot) -> None:
    before, at = stepped.run, stepped.run.cursor.step
    stepped.set_offer(offer_of(4, seed=1))
    press(stepped, Key.Key_F10)
    press(stepped, Key.Key_F10)
    press(stepped, Key.Key_Backspace)
    assert stepped.run is not before
    assert stepped.run.cursor.step == at + 1
    qtbot.waitUntil(stepped.is_idle)
    assert stepped.run.cursor.step == at + 1


def test_that_of_two_offers_only_the_newer_is_stepped(stepped: StepPage, qtbot: QtBot) -> None:
    begun: list[str] = []
    stepped.begun.connect(lambda: begun.append(stepped.source.design.name))
    stepped.set_offer(offer_of(4, seed=1))
    stepped.set_offer(offer_of(3, seed=2))
    qtbot.waitUntil(stepped.is_idle)
    assert len(begun) == 1
    np.testing.assert_array_equal(stepped.run.array("x"), offer_of(3, seed=2).images[:1])


def test_that_choices_of_the_user_come_one_after_the_other(stepped: StepPage, qtbot: QtBot) -> None:
    stepped.choose_image(2)
    stepped.choose_rows((1, 2, 3))
    qtbot.waitUntil(stepped.is_idle)
    assert stepped.source.rows == (1, 2, 3)
    assert stepped.debugger.selection.sample == 1  # image 2 stays chosen


def test_that_a_pass_on_its_way_is_there_when_the_workspace_is_entered_again(stepped: StepPage, qtbot: QtBot) -> None:
    stepped.choose_image(3)
    stepped.hide()
    QApplication.processEvents()
    assert not stepped.is_coming
    stepped.show()
    qtbot.waitUntil(lambda: not stepped.is_coming and stepped.is_idle())
    assert stepped.source.rows == (3,)
    assert "image 3" in stepped.status


def test_that_a_listing_of_the_previous_pass_leads_to_no_step_that_is_not_there(stepped: StepPage) -> None:
    last = stepped.run.last
    stepped.choose_testing(True)  # without an update
    stepped.views.listing.stepPicked.emit(last)
    assert stepped.run.last < last
    assert not stepped.player.busy
    stepped.choose_testing(False)


def test_that_a_pass_is_brought_to_a_chosen_cell_in_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning, "SLICE", 0.0)
    offer = offer_of(4)
    run = make_pass(offer.design, offer.arrays, offer.images, offer.labels)
    pauses = list(run_on(run, run.last))
    assert len(pauses) >= run.last
    assert run.ran == run.last + 1


def test_that_a_cell_chosen_late_in_a_pass_is_followed_in_the_next_one(stepped: StepPage, qtbot: QtBot) -> None:
    stepped.choose_rows((0, 1, 2, 3))
    scores = next(step.output for step in stepped.run.program.steps if step.shape == (4, 10))
    go(stepped, scores)
    stepped.pick_cell(scores, (1, 4))
    press(stepped, Key.Key_F10)
    stepped.command("start")
    stepped.choose_rows((1, 2, 3))
    qtbot.waitUntil(stepped.is_idle)
    assert stepped.debugger.place.cells[0].name == scores
    assert not stepped.debugger.progress.done


def test_that_a_pass_that_cannot_be_made_leaves_the_previous_one(stepped: StepPage, qtbot: QtBot) -> None:
    run, offer = stepped.run, offer_of(4)
    labels = np.full(4, 77)  # a class that the network does not have
    with qtbot.waitSignal(stepped.failed) as failed:
        stepped.set_offer(Offer(offer.design, offer.arrays, offer.images, labels, "noise"), PassChoice(PassKind.ONE))
    assert "expected one class of 0 to 9" in failed.args[0]
    assert stepped.run is run
    assert not stepped.is_coming
    status = stepped.status
    stepped.pick_cell("conv1.x_pad", (0, 0, 3, 4))
    assert stepped.status != status, "it is told of what is still shown"
    assert "x_pad[0, 0, 3, 4]" in stepped.status
    stepped.set_offer(offer)
    qtbot.waitUntil(stepped.is_idle)
    assert stepped.run is not run
