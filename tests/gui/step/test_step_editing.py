"""Numbers of a pass are replaced, painted and nudged."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from step_hands import CONTROL, SHIFT, Key, card, click, go, marked, point_of, press

from convviz.core.ops.activation import ReluGrad
from convviz.gui.workspaces.step.page import StepPage


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
    QApplication.processEvents()
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
