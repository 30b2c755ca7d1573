"""Which pass is stepped: another network, another image, a minibatch; what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from step_hands import CONTROL, Key, card, course, go, hover, press

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.core.program import Program
from convviz.data.toy import toy_images
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.storage.presets import preset
from convviz.training import make_pass as make_pass_module
from convviz.training.make_pass import make_pass
from convviz.training.pass_source import PassKind


def test_that_switching_the_network_in_the_middle_of_a_pass_leaves_no_old_number(
    workspace: StepPage, qtbot: QtBot
) -> None:
    go(workspace, "conv1.d_x_pad")
    press(workspace, Key.Key_F11)
    hover(card(workspace, "d_x_pad"), 1, 1)
    with qtbot.waitSignal(workspace.statusChanged):
        course(workspace)
    assert workspace.run.cursor.step == 0
    assert len(workspace.views.panes.cards) == len(workspace.scene.panes)
    for shown in workspace.views.panes.cards:
        assert shown.view.picture.values.size == shown.pane.view.size
    qtbot.waitUntil(workspace.is_idle)
    go(workspace, "conv1.wx_row")
    assert "epoch 1, step 0" in workspace.status


def test_that_another_image_is_stepped_at_the_same_place(workspace: StepPage, qtbot: QtBot) -> None:
    course(workspace)
    go(workspace, "conv1.x_col")
    first = card(workspace, "x_col").view.picture.values.copy()
    workspace.views.chooser.spins["sample"].setValue(2)
    qtbot.waitUntil(lambda: workspace.run.step.output == "conv1.x_col")
    assert (card(workspace, "x_col").view.picture.values != first).any()
    assert "image 2 (label 2)" in workspace.status


def test_that_the_whole_minibatch_can_be_stepped(workspace: StepPage, qtbot: QtBot) -> None:
    course(workspace)
    go(workspace, "conv1.wx_row")
    workspace.choose_rows((0, 1, 2))
    qtbot.waitUntil(lambda: workspace.run.step.output == "conv1.wx_row")
    assert workspace.run.program.batch == 3
    run = workspace.run
    press(workspace, Key.Key_Right, CONTROL)
    assert workspace.run is run
    shown = card(workspace, "x_pad").view.picture.values[0]
    np.testing.assert_array_equal(shown, run.array("conv1.x_pad")[1, 0])
    column = workspace.debugger.cell().index[1]
    assert 576 <= column < 1152


def test_that_the_chosen_image_stays_chosen_when_the_minibatch_is_stepped(workspace: StepPage, qtbot: QtBot) -> None:
    course(workspace)
    workspace.choose_image(2)
    workspace.choose_rows((0, 1, 2))
    go(workspace, "softmax.losses")
    assert workspace.debugger.selection.sample == 2
    assert workspace.debugger.cell().index == (2,)
    assert "image 2 (label 2) of 3" in workspace.status


def test_that_images_that_do_not_fit_are_refused_and_the_pass_stays(workspace: StepPage) -> None:
    go(workspace, "conv1.z")
    run = workspace.run
    with pytest.raises(DesignError, match="expected images of"):
        workspace.set_offer(Offer(preset("course-7x7"), {}, np.zeros((1, 1, 4, 4), np.float32), np.array([0])))
    assert workspace.run is run
    press(workspace, Key.Key_F10)
    assert workspace.run.step.output == "relu1.a"


def test_that_where_there_is_no_room_for_many_images_one_is_stepped_and_it_says_why(
    workspace: StepPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(design: Design, program: Program, _bytes_each: int) -> None:
        if program.batch > 1:
            raise DesignError(f"{design.name}: no room for {program.batch} images")

    monkeypatch.setattr(make_pass_module, "check_room_to_step", check)
    course(workspace)
    workspace.choose_rows((0, 1, 2))
    assert workspace.run.program.batch == 1
    kind = workspace.views.pass_choice.kind
    assert kind.value is PassKind.ONE
    told = kind.itemData(kind.values.index(PassKind.CHOSEN), Qt.ItemDataRole.ToolTipRole)
    assert told.endswith("no room for 3 images")


def test_that_a_run_goes_on_when_the_workspace_is_shown_again(workspace: StepPage, qtbot: QtBot) -> None:
    course(workspace)
    workspace.step_to(workspace.run.last)
    workspace.hide()
    QApplication.processEvents()
    assert workspace.run.cursor.step < workspace.run.last
    workspace.show()
    qtbot.waitUntil(lambda: workspace.run.cursor.step == workspace.run.last)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_that_a_pass_full_of_nan_or_infinity_is_shown_to_its_end(workspace: StepPage, bad: float) -> None:
    design = preset("toy-4x4")
    arrays = dict(Network(design).arrays)
    arrays["conv1.weight"] = np.full_like(arrays["conv1.weight"], bad)
    images, labels = toy_images()
    workspace.set_offer(Offer(design, arrays, images, labels, "toy-4x4"))
    for _ in workspace.run.program.steps:
        press(workspace, Key.Key_F10)
        QApplication.processEvents()
    go(workspace, "conv1.wx_row")
    assert card(workspace, "wx_row[0]").view.picture.has_bad_cells
    assert any(word in workspace.views.equation.flow.written.pieces[-1].text for word in ("NaN", "∞"))


def test_that_a_step_looks_at_the_same_cell_whether_walked_to_or_jumped_to() -> None:
    design = preset("course-7x7")
    image = np.random.default_rng(2).random((1, 1, 28, 28), dtype=np.float32)
    walked = Debugger(make_pass(design, {}, image, np.array([3])))
    for number in range(len(walked.run.program.steps)):
        walked.move("over")
        jumped = Debugger(make_pass(design, {}, image, np.array([3])))
        jumped.to(number)
        assert walked.focus() == jumped.focus(), walked.run.step.where
