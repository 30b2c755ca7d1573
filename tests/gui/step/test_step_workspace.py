"""The Step workspace as a person uses it: keys, pointer, clicks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.network import Network
from convviz.core.ops.activation import ReluGrad
from convviz.core.program import Program
from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.step.views.panes.card import PaneCard
from convviz.present.step.heading import title_of
from convviz.present.step.toy import toy_images
from convviz.storage.presets import preset
from convviz.training import make_pass as make_pass_module
from convviz.training.make_pass import make_pass
from convviz.training.pass_source import Kind

Begin = Callable[..., StepPage]
Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
FIRST_ROW = [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 7, 0, 8, 9, 10, 11, 0, 12, 13, 14, 15]


@pytest.fixture
def workspace(begin: Begin) -> StepPage:
    """The toy network over its image."""
    return begin(preset("toy-4x4"), {}, *toy_images(), "toy-4x4")


def course(step: StepPage, count: int = 3) -> None:
    draw = np.random.default_rng(0)
    images = draw.random((count, 1, 28, 28), dtype=np.float32) ** 3
    design = preset("course-7x7")
    step.set_offer(Offer(design, Network(design).arrays, images, np.arange(count), "noise", where="epoch 1, step 0"))


def press(step: StepPage, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QApplication.focusWidget() or step, key, modifier)


def card(step: StepPage, title: str) -> PaneCard:
    return next(c for c in step.views.panes.cards if c.title.text() == title)


def point_of(shown: PaneCard, row: int, col: int, tile: int = 0) -> QPoint:
    return shown.view.rect_of((tile, row, col)).center()


def hover(shown: PaneCard, row: int, col: int, tile: int = 0) -> None:
    QTest.mouseMove(shown.view, QPoint(1, 1))
    QTest.mouseMove(shown.view, point_of(shown, row, col, tile))


def click(shown: PaneCard, row: int, col: int, tile: int = 0) -> None:
    QTest.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=point_of(shown, row, col, tile))


def marked(shown: PaneCard, kinds: tuple[str, ...] = ("here", "window", "linked")) -> set[tuple[int, int]]:
    tiles, height, width = shown.view.picture.shape
    mask = np.zeros((tiles, height, width), dtype=bool)
    for mark in shown.view.marks:
        if mark.kind in kinds:
            mark.paint_on(mask)
    return {(int(r), int(c)) for t, r, c in np.argwhere(mask) if t == 0}


def go(step: StepPage, output: str) -> None:
    assert step.run is not None
    step.step_to(next(s.index for s in step.run.program.steps if s.output == output))
    QApplication.processEvents()
    for _ in range(1000):  # a far step is run to in slices
        if not step.player.busy:
            break
        QTest.qWait(2)
    assert step.run.step.output == output


def test_that_two_steps_over_show_the_im2col_matrix_of_the_4x4_image(workspace: StepPage) -> None:
    press(workspace, Key.Key_F10)
    press(workspace, Key.Key_F10)

    shown = card(workspace, "x_col").view.picture.values[0]

    assert workspace.run.step.op.name == "im2col"
    padded = np.zeros((6, 6))
    padded[1:5, 1:5] = np.arange(16).reshape(4, 4)
    expected = [[padded[p + i, q + j] for p in range(5) for q in range(5)] for i in (0, 1) for j in (0, 1)]
    assert shown.shape == (4, 25)
    assert shown[0].tolist() == FIRST_ROW
    np.testing.assert_array_equal(shown, expected)


def test_that_the_keyboard_goes_through_the_whole_pass_and_back(workspace: StepPage) -> None:
    steps = workspace.run.program.steps
    for number in range(len(steps)):
        press(workspace, Key.Key_F10)
        assert workspace.run.cursor.step == number
        assert workspace.views.heading.text() == title_of(workspace.run.program, steps[number])
        written = workspace.views.equation.flow.written
        assert written is None or "computed yet" not in written.title
    for number in range(len(steps) - 2, -1, -1):
        press(workspace, Key.Key_Backspace)
        assert workspace.run.cursor.step == number
    press(workspace, Key.Key_F10, SHIFT)
    assert not workspace.run.has(steps[0].output)
    assert not card(workspace, "x_pad").view.picture.is_known((0, 2, 2))


def test_that_into_fills_the_output_cell_by_cell_and_out_finishes_it(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    for done in (1, 2, 3):
        press(workspace, Key.Key_F11)
        states = card(workspace, "wx_row[0]").view.picture.states
        assert (states == 0).sum() == done
        assert workspace.views.transport.place.text() == f"{done} / 25"
    assert marked(card(workspace, "x_col")) == {(k, 2) for k in range(4)}
    assert marked(card(workspace, "x_pad")) == {(0, 2), (0, 3), (1, 2), (1, 3)}
    press(workspace, Key.Key_Backspace)
    assert workspace.run.cursor.done == 2
    press(workspace, Key.Key_F11, SHIFT)
    assert card(workspace, "wx_row[0]").view.picture.states is None


def test_that_into_walks_the_map_that_is_looked_at(workspace: StepPage) -> None:
    course(workspace)
    go(workspace, "conv1.wx_row")
    workspace.views.chooser.spins["filter"].setValue(7)
    click(card(workspace, "wx_row[7]"), 12, 3)
    for done in (1, 2):
        press(workspace, Key.Key_F11)
        assert workspace.run.cursor.done == 7 * 576 + done
        assert workspace.views.transport.place.text() == f"{done} / 576"
        assert workspace.debugger.cell().index == (7, done - 1)
    assert (card(workspace, "wx_row[7]").view.picture.states == 0).sum() == 2


def test_that_hovering_a_pixel_lights_every_window_it_is_in(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    hover(card(workspace, "x_pad"), 2, 2)

    assert marked(card(workspace, "x_col")) == {(3, 6), (2, 7), (1, 11), (0, 12)}
    assert marked(card(workspace, "wx_row[0]")) == {(1, 1), (1, 2), (2, 1), (2, 2)}
    QTest.mouseMove(workspace.views.heading, QPoint(2, 2))


def test_that_hovering_a_weight_lights_every_input_it_meets(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    hover(card(workspace, "weight[0]"), 1, 0)

    assert marked(card(workspace, "w_row")) == {(0, 2)}
    assert marked(card(workspace, "x_col")) == {(2, column) for column in range(25)}
    assert marked(card(workspace, "x_pad")) == {(y, x) for y in range(1, 6) for x in range(5)}


def test_that_hovering_previews_and_leaving_brings_back_what_was_there(workspace: StepPage, qtbot: QtBot) -> None:
    go(workspace, "conv1.wx_row")
    before = workspace.views.equation.title.text()
    hover(card(workspace, "wx_row[0]"), 0, 4)
    assert workspace.views.equation.title.text() == "wx_row[0, 4]"
    workspace.views.panes.cellLeft.emit()
    assert workspace.views.equation.title.text() == before
    assert workspace.debugger.pinned is None


def test_that_a_click_pins_a_cell_and_escape_lets_go(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    click(card(workspace, "wx_row[0]"), 2, 3)
    assert workspace.debugger.pinned.index == (0, 13)
    workspace.views.panes.cellLeft.emit()
    assert workspace.views.equation.title.text() == "wx_row[0, 13]"
    assert "4 products" in workspace.views.equation.caption.text()
    press(workspace, Key.Key_Escape)
    assert workspace.debugger.pinned is None


def test_that_a_pinned_cell_is_followed_into_the_next_step(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    click(card(workspace, "wx_row[0]"), 2, 3)
    workspace.views.panes.cellLeft.emit()
    press(workspace, Key.Key_F10)
    assert workspace.debugger.cell().index == (0, 13)
    press(workspace, Key.Key_F10)
    assert workspace.debugger.cell().index == (0, 0, 2, 3)


def test_that_a_term_leads_to_its_cell_and_from_there_to_the_step_that_made_it(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    click(card(workspace, "wx_row[0]"), 2, 3)
    workspace.views.panes.cellLeft.emit()
    flow = workspace.views.equation.flow
    part = flow.written.pieces[0].spans[-1].part
    assert part.name == "conv1.x_col"
    QTest.mouseClick(flow, Qt.MouseButton.LeftButton, pos=flow.place_of(part).center())
    assert (workspace.debugger.pinned.name, workspace.debugger.pinned.index) == (part.name, part.index)
    workspace.pick_cell("conv1.x_pad", (0, 0, 3, 3))
    workspace.pick_cell("dense1.z", (0, 1))
    assert workspace.run.step.output == "dense1.z"
    press(workspace, Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert workspace.run.step.output == "conv1.wx_row"


def test_that_an_edited_weight_changes_the_pass_and_undo_takes_it_back(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    before = card(workspace, "wx_row[0]").view.picture.values.copy()
    click(card(workspace, "weight[0]"), 0, 1)
    press(workspace, Key.Key_E)
    field = workspace.views.editor.field
    assert workspace.views.editor.isVisible()
    assert field.hasFocus()
    field.selectAll()
    QTest.keyClicks(field, "0.5")
    QTest.keyClick(field, Key.Key_Return)

    assert not workspace.views.editor.isVisible()
    assert workspace.run.value("conv1.weight", (0, 0, 0, 1)) == 0.5
    after = card(workspace, "wx_row[0]").view.picture.values
    assert (after != before).any()
    assert marked(card(workspace, "wx_row[0]"), ("changed",))
    assert workspace.views.changes.count.text() == "1 change"

    press(workspace, Key.Key_Z, CONTROL)
    np.testing.assert_array_equal(card(workspace, "wx_row[0]").view.picture.values, before)
    press(workspace, Key.Key_Z, CONTROL | SHIFT)
    np.testing.assert_array_equal(card(workspace, "wx_row[0]").view.picture.values, after)


def test_that_editing_a_cell_of_x_col_edits_the_pixel_behind_it(workspace: StepPage) -> None:
    go(workspace, "conv1.x_col")
    click(card(workspace, "x_col"), 3, 12)
    press(workspace, Key.Key_F2)
    workspace.views.editor.field.setText("-2")
    QTest.keyClick(workspace.views.editor.field, Key.Key_Return)
    assert workspace.run.value("x", (0, 0, 2, 2)) == -2
    shown = card(workspace, "x_col").view.picture.values[0]
    assert [shown[3, 12], shown[2, 13], shown[1, 17], shown[0, 18]] == [-2, -2, -2, -2]


def test_that_shift_and_the_left_button_paint_into_the_image_as_one_stroke(workspace: StepPage) -> None:
    go(workspace, "conv1.x_pad")
    shown = card(workspace, "x")
    before = shown.view.picture.values.copy()
    QTest.mousePress(shown.view, Qt.MouseButton.LeftButton, SHIFT, point_of(shown, 0, 0))
    QTest.mouseMove(shown.view, point_of(shown, 0, 1))
    QTest.mouseMove(shown.view, point_of(shown, 1, 1))
    QTest.mouseRelease(shown.view, Qt.MouseButton.LeftButton, SHIFT, point_of(shown, 1, 1))
    painted = card(workspace, "x").view.picture.values[0]
    assert [painted[0, 0], painted[0, 1], painted[1, 1]] == [15, 15, 15]
    assert marked(card(workspace, "x_pad"), ("changed",)) == {(1, 1), (1, 2), (2, 2)}
    press(workspace, Key.Key_Z, CONTROL)
    np.testing.assert_array_equal(card(workspace, "x").view.picture.values, before)


def test_that_escape_leaves_the_editor_without_a_change(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    click(card(workspace, "weight[0]"), 0, 0)
    press(workspace, Key.Key_E)
    QTest.keyClick(workspace.views.editor.field, Key.Key_Escape)
    assert not workspace.views.editor.isVisible()
    assert workspace.run.edits == ()


def test_that_a_computed_number_is_not_edited_but_told_so(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    click(card(workspace, "wx_row[0]"), 0, 0)
    press(workspace, Key.Key_E)
    assert not workspace.views.editor.isVisible()
    assert "is computed" in workspace.views.inspector.result.text()


def test_that_a_nudge_shows_both_slopes_and_that_they_agree(workspace: StepPage, qtbot: QtBot) -> None:
    go(workspace, "conv1.wx_row")
    click(card(workspace, "weight[0]"), 1, 1)
    press(workspace, Key.Key_N)
    result = workspace.views.inspector.result
    assert result.text() == "weight[0, 0, 1, 1] is changed by ±ε …"
    qtbot.waitUntil(workspace.is_idle)
    assert result.text().startswith("Right. With weight[0, 0, 1, 1] ± 1e-4 the loss goes from")
    assert result.token == "success"


def test_that_a_gradient_can_be_nudged_and_its_weight_is(workspace: StepPage, qtbot: QtBot) -> None:
    go(workspace, "conv1.d_weight")
    workspace.pick_cell("conv1.d_weight", (0, 0, 1, 0))
    qtbot.waitUntil(workspace.is_idle)
    assert workspace.views.inspector.nudge.isEnabled()
    QTest.mouseClick(workspace.views.inspector.nudge, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(workspace.is_idle)
    assert workspace.views.inspector.result.text().startswith("Right. With weight[0, 0, 1, 0] ±")


def test_that_the_answer_to_a_nudge_is_not_shown_at_another_cell(workspace: StepPage, qtbot: QtBot) -> None:
    go(workspace, "conv1.d_weight")
    workspace.pick_cell("conv1.d_weight", (0, 0, 1, 0))
    press(workspace, Key.Key_N)
    workspace.pick_cell("conv1.d_weight", (0, 0, 1, 1))
    qtbot.waitUntil(workspace.is_idle)
    QTest.qWait(50)
    assert workspace.views.inspector.result.text() == ""


def test_that_a_wrong_gradient_is_told_in_the_colour_of_danger(
    workspace: StepPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(workspace, "conv1.wx_row")
    click(card(workspace, "weight[0]"), 1, 1)
    monkeypatch.setattr(ReluGrad, "kernel", staticmethod(lambda *arguments: np.copyto(arguments[-1], 1.0)))
    press(workspace, Key.Key_N)
    qtbot.waitUntil(workspace.is_idle)
    assert workspace.views.inspector.result.text().startswith("Wrong. With weight[0, 0, 1, 1] ± 1e-4")
    assert workspace.views.inspector.result.token == "danger"


def test_that_a_click_in_the_listing_runs_to_that_step(workspace: StepPage, qtbot: QtBot) -> None:
    shown = workspace.views.listing
    row = shown.steps.row_of_step(workspace.run.last)
    index = shown.steps.index(row)
    shown.scrollTo(index)
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualRect(index).center())
    qtbot.waitUntil(lambda: workspace.run.cursor.step == workspace.run.last)
    states = [shown.steps.state(shown.steps.index(i).data(Qt.ItemDataRole.UserRole)) for i in range(row)]
    assert set(states) <= {"done", "heading"}


def test_that_space_plays_and_pauses(workspace: StepPage, qtbot: QtBot) -> None:
    workspace.views.transport.pace.setValue(5)
    press(workspace, Key.Key_Space)
    assert workspace.player.playing
    qtbot.waitUntil(lambda: workspace.run.cursor.step >= 3)
    press(workspace, Key.Key_Space)
    assert not workspace.player.playing
    stopped = workspace.run.cursor
    QTest.qWait(120)
    assert workspace.run.cursor == stopped


def test_that_playing_inside_a_step_ends_with_it(workspace: StepPage, qtbot: QtBot) -> None:
    go(workspace, "conv1.d_x_pad")
    workspace.views.transport.pace.setValue(6)
    press(workspace, Key.Key_F11)
    press(workspace, Key.Key_Space)
    qtbot.waitUntil(lambda: not workspace.player.playing)
    assert workspace.run.cursor.done == 25


def test_that_col2im_shows_the_running_sum_and_how_often_it_was_hit(workspace: StepPage) -> None:
    go(workspace, "conv1.d_x_pad")
    workspace.scrub(13)
    counts = card(workspace, "hit count").view.picture.values[0]
    assert counts.sum() == 13 * 4
    total = card(workspace, "d_x_pad").view.picture.values[0]
    assert np.abs(total[4:]).max() == 0
    assert "landed" in workspace.views.equation.caption.text()
    facts = workspace.views.facts.texts()
    assert facts["landed"] == "2 of 4"
    press(workspace, Key.Key_F11, SHIFT)
    np.testing.assert_array_equal(
        card(workspace, "d_x_pad").view.picture.values, card(workspace, "after all 25").view.picture.values
    )


def test_that_the_slider_scrubs_the_micro_steps(workspace: StepPage) -> None:
    go(workspace, "conv1.x_col")
    workspace.views.transport.micro.setValue(7)
    assert (workspace.run.cursor.done, workspace.run.cursor.inside) == (7, True)
    assert marked(card(workspace, "x_col"), ("here",)) == {(k, 6) for k in range(4)}


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


def test_that_brackets_turn_to_the_next_filter(workspace: StepPage) -> None:
    course(workspace)
    go(workspace, "conv1.z")
    before = workspace.debugger.selection.filter
    press(workspace, Key.Key_BracketLeft if before else Key.Key_BracketRight)
    after = workspace.debugger.selection.filter
    assert abs(after - before) == 1
    shown = card(workspace, f"z[{after}]").view.picture.values[0]
    np.testing.assert_array_equal(shown, workspace.run.array("conv1.z")[0, after])


def test_that_the_keyboard_alone_reaches_cells_terms_and_steps(workspace: StepPage) -> None:
    go(workspace, "conv1.wx_row")
    view = card(workspace, "wx_row[0]").view
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget(), Key.Key_Tab)
        if view.hasFocus():
            break
    assert view.hasFocus()
    press(workspace, Key.Key_Right)
    press(workspace, Key.Key_Down)
    assert workspace.views.equation.title.text() == "wx_row[0, 6]"
    press(workspace, Key.Key_Return)
    assert workspace.debugger.pinned.index == (0, 6)
    flow = workspace.views.equation.flow
    flow.setFocus()
    press(workspace, Key.Key_Right)
    press(workspace, Key.Key_Return)
    assert workspace.debugger.pinned.name == "conv1.w_row"
    shown = workspace.views.listing
    shown.setFocus()
    press(workspace, Key.Key_Down)
    press(workspace, Key.Key_Return)
    QApplication.processEvents()
    assert workspace.run.step.output == "conv1.z_row"


def test_that_a_long_sum_unfolds_and_escape_folds_it_again(workspace: StepPage) -> None:
    course(workspace)
    go(workspace, "conv1.wx_row")
    flow = workspace.views.equation.flow
    folded = [piece for piece in flow.written.pieces if piece.kind == "fold"]
    assert folded
    place = flow.fold_place.center()
    QTest.mouseClick(flow, Qt.MouseButton.LeftButton, pos=place)
    assert sum(piece.kind == "term" for piece in flow.written.pieces) == 49
    press(workspace, Key.Key_Escape)
    assert any(piece.kind == "fold" for piece in flow.written.pieces)


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
    assert kind.value is Kind.ONE
    told = kind.itemData(kind.values.index(Kind.CHOSEN), Qt.ItemDataRole.ToolTipRole)
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


def test_that_nothing_is_built_before_it_is_shown(qtbot: QtBot, theme: Theme) -> None:
    step = StepPage(theme)
    qtbot.addWidget(step)
    course(step)
    assert not step.is_built
    assert step.findChildren(QWidget) == []
    assert step.is_idle()


def test_that_a_workspace_without_a_pass_takes_keys_in_silence(qtbot: QtBot, theme: Theme) -> None:
    step = StepPage(theme)
    qtbot.addWidget(step)
    step.show()
    for key in (Key.Key_F10, Key.Key_F11, Key.Key_Space, Key.Key_E, Key.Key_N, Key.Key_Escape):
        QTest.keyClick(step, key)
    assert step.run is None


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_that_every_step_is_drawn_at_every_size(workspace: StepPage, theme: Theme, mode: str) -> None:
    theme.set_mode(mode)
    for size in ((900, 560), (1100, 700), (1440, 900)):
        workspace.resize(*size)
        for number in range(0, workspace.run.last + 1, 3):
            workspace.step_to(number)
            QApplication.processEvents()
            image = workspace.grab().toImage()
            assert image.width() == size[0]
            for shown in workspace.views.panes.cards:
                assert workspace.views.panes.rect().contains(shown.geometry()), shown.title.text()


def test_that_closing_in_the_middle_of_a_run_is_quiet(qtbot: QtBot, theme: Theme) -> None:
    step = StepPage(theme)
    qtbot.addWidget(step)
    course(step)
    step.show()
    step.step_to(step.run.last)
    step.close()
    assert not step.isVisible()
    before = step.run.cursor
    QTest.qWait(30)
    assert step.run.cursor == before, "a closed workspace goes no further"
