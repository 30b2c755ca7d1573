"""The Step workspace as a person uses it: keys, pointer, clicks."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from step_hands import FIRST_ROW, SHIFT, Key, card, click, course, go, hover, marked, press

from convviz.gui.theme import Theme
from convviz.gui.workspaces.step.page import StepPage
from convviz.present.step.explain import title_of


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
    qtbot.waitUntil(workspace.is_idle)
    QApplication.processEvents()
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
    for first, size in enumerate(((900, 560), (1100, 700), (1440, 900))):
        workspace.resize(*size)
        for number in range(first, workspace.run.last + 1, 5):
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
    for _ in range(10):
        QApplication.processEvents()  # each could take it a step on
    assert step.run.cursor == before, "a closed workspace goes no further"
