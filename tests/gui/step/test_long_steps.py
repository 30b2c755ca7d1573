"""A step that takes long is run in slices: the window answers meanwhile, and moves come one after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from step_hands import Key, card, course, press

from convviz.core.network import Network
from convviz.gui.workspaces.step import player
from convviz.gui.workspaces.step.page import StepPage
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass
from convviz.training.stepping import Pass
from convviz.training.waiting import is_long


@pytest.fixture
def slow(workspace: StepPage, monkeypatch: pytest.MonkeyPatch) -> StepPage:
    """A workspace that takes every step for a long one."""
    course(workspace)
    monkeypatch.setattr(player, "is_long", lambda run, step: True)
    return workspace


def at(step: StepPage, number: int, inside: bool = False) -> Callable[[], bool]:
    return lambda: (step.run.cursor.step, step.run.cursor.inside) == (number, inside) and not step.player.busy


def test_that_a_move_over_a_long_step_is_made_once_it_has_run(qtbot: QtBot, slow: StepPage) -> None:
    heading = slow.views.heading.text()
    press(slow, Key.Key_F10)
    assert not slow.run.cursor.done
    assert slow.views.heading.text() == heading
    assert not slow.is_idle()
    qtbot.waitUntil(at(slow, 0))
    assert slow.run.whole
    assert card(slow, "x_pad").view.picture.states is None


def test_that_every_key_counts_while_a_step_runs(qtbot: QtBot, slow: StepPage) -> None:
    for _ in range(4):
        press(slow, Key.Key_F10)
    qtbot.waitUntil(at(slow, 3))
    press(slow, Key.Key_F10)
    press(slow, Key.Key_Backspace)
    qtbot.waitUntil(at(slow, 3))
    press(slow, Key.Key_F11)
    press(slow, Key.Key_F11)
    qtbot.waitUntil(at(slow, slow.run.cursor.step, inside=True))


def test_that_no_key_waits_for_a_step_that_runs(qtbot: QtBot, slow: StepPage) -> None:
    for _ in range(3):
        press(slow, Key.Key_F10)
        assert not slow.run.cursor.done
    qtbot.waitUntil(at(slow, 2))
    for _ in range(3):
        press(slow, Key.Key_F10)
    slow.pick_cell("conv1.z", (0, 0, 5, 5))  # comes after them, at once
    assert slow.run.cursor.step == 5
    assert not slow.player.busy
    assert slow.debugger.pinned.index == (0, 0, 5, 5)


def test_that_what_is_done_while_a_step_runs_comes_after_it(qtbot: QtBot, slow: StepPage) -> None:
    press(slow, Key.Key_F10)
    slow.pick_cell("conv1.x_pad", (0, 0, 5, 5))
    assert slow.run.cursor.step == 0
    assert slow.run.whole
    assert slow.debugger.pinned.index == (0, 0, 5, 5)
    press(slow, Key.Key_F10)
    slow.step_to(5)  # wherever the cursor is
    qtbot.waitUntil(at(slow, 5))


def test_that_moves_that_were_begun_are_made_when_the_workspace_is_back(qtbot: QtBot, slow: StepPage) -> None:
    for _ in range(3):
        press(slow, Key.Key_F10)
    ran = slow.run.ran
    slow.hide()
    for _ in range(5):
        QApplication.processEvents()
    assert slow.run.ran == ran  # the page that comes in front waits for no step, and nobody sees one run
    assert not slow.run.cursor.done
    slow.show()
    qtbot.waitUntil(at(slow, 2))
    qtbot.waitUntil(lambda: slow.views.equation.title.text().startswith("w_row"))


def test_that_playing_ends_when_the_workspace_is_left(qtbot: QtBot, slow: StepPage) -> None:
    slow.command("play")
    qtbot.waitUntil(lambda: slow.run.cursor.step >= 1)
    slow.hide()
    assert not slow.player.busy
    place = slow.run.cursor
    slow.show()
    assert not slow.player.busy
    assert slow.run.cursor == place


def test_that_a_step_of_a_pass_that_is_left_moves_no_other(qtbot: QtBot, slow: StepPage) -> None:
    press(slow, Key.Key_F10)
    course(slow, count=2)
    QApplication.processEvents()
    assert not slow.player.busy
    assert not slow.run.cursor.done


def test_that_playing_waits_for_long_steps_and_goes_on(qtbot: QtBot, slow: StepPage) -> None:
    slow.command("play")
    qtbot.waitUntil(lambda: slow.run.cursor.step >= 3)
    assert slow.player.playing
    slow.command("play")
    assert not slow.player.playing
    assert not slow.player.busy


@pytest.mark.parametrize(("images", "expected"), [(1, False), (128, True)])
def test_that_steps_of_a_minibatch_are_long_and_those_of_an_image_are_not(images: int, expected: bool) -> None:
    run = unrun("keras-twin", images)
    steps = run.program.steps
    assert any(is_long_alone(run, step.index) for step in steps) is expected
    assert not is_long_alone(run, 0)


def unrun(name: str, images: int) -> Pass:
    design = preset(name)
    return make_pass(design, Network(design).arrays, np.zeros((images, 1, 28, 28), np.float32), np.zeros(images, int))


def is_long_alone(run: Pass, step: int) -> bool:
    """Whether one step is long, as if all before it had run."""
    run.ran = step
    return is_long(run, step)
