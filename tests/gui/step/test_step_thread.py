"""The thread from number to number is not lost: the weight looked for stays, and the wide matrix shows the image."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.step.views.panes.card import PaneCard
from tests.support.step_hands import course

PER_IMAGE = 24 * 24


@pytest.fixture
def gradient(workspace: StepPage, qtbot: QtBot) -> StepPage:
    """The gradient of the filters over 32 images, looked at in image 29, with weight 24 of filter 0 chosen."""
    course(workspace, 32)
    workspace.choose_rows(tuple(range(32)))
    go(workspace, "conv1.d_w_row", qtbot)
    workspace.choose_image(29)
    workspace.pick_cell("conv1.d_w_row", (0, 24))
    qtbot.waitUntil(workspace.is_idle)
    return workspace


def go(step: StepPage, output: str, qtbot: QtBot) -> None:
    number = next(s.index for s in step.run.program.steps if s.output == output)
    step.step_to(number)
    qtbot.waitUntil(lambda: step.run.cursor.step == number and step.is_idle())


def windows(step: StepPage) -> PaneCard:
    return next(shown for shown in step.views.panes.cards if shown.pane.array == "conv1.x_col")


def seen(step: StepPage) -> range:
    """The columns of the matrix of windows that are in sight."""
    cells = windows(step).view.visible_cells()
    return range(round(cells.left()), round(cells.right()))


def test_that_a_number_of_the_equation_leads_to_its_cell_and_the_weight_stays(gradient: StepPage, qtbot: QtBot) -> None:
    flow = gradient.views.equation.flow
    part = next(span.part for piece in flow.written.pieces for span in piece.spans if span.part is not None)
    assert part.name == "conv1.d_z_row"
    QTest.mouseClick(flow, Qt.MouseButton.LeftButton, pos=flow.place_of(part).center())
    qtbot.waitUntil(gradient.is_idle)
    assert gradient.views.cell_title.text() == f"d_z_row{list(part.index)}"
    assert "For d_w_row[0, 24]:" in gradient.views.explanation.text()
    assert gradient.debugger.focus() == (0, 24)


def test_that_a_link_of_the_way_back_keeps_the_weight(gradient: StepPage, qtbot: QtBot) -> None:
    origins = gradient.views.origins
    qtbot.waitUntil(lambda: "d_z_row" in origins.text())
    origins.linkActivated.emit("0.0")
    qtbot.waitUntil(gradient.is_idle)
    assert gradient.views.cell_title.text().startswith("d_z_row[0, ")
    assert "For d_w_row[0, 24]:" in gradient.views.explanation.text()


def test_that_the_way_back_of_a_gradient_leads_to_the_loss_and_not_through_the_mask(
    gradient: StepPage, qtbot: QtBot
) -> None:
    origins = gradient.views.origins
    gradient.pick_cell("conv1.d_z_row", (0, 300))
    qtbot.waitUntil(lambda: gradient.is_idle() and "d_z[" in origins.text())
    origins.linkActivated.emit("all")
    words = re.sub("<[^>]*>", " ", origins.text()).split("←")
    names = [word.split("[")[0].split("(")[0].strip() for word in words]
    assert names[:8] == ["d_z_row", "unfold_maps", "d_z", "relu_grad", "d_a", "reshape", "d_flat", "matmul"]
    assert names[8:] == ["d_z", "softmax_grad", "d_losses", "mean_grad"]


@pytest.mark.parametrize("image", [29, 0, 13])
def test_that_the_windows_matrix_shows_the_image_that_is_looked_at(
    gradient: StepPage, qtbot: QtBot, image: int
) -> None:
    gradient.choose_image(image)
    qtbot.waitUntil(gradient.is_idle)
    own = range(image * PER_IMAGE, (image + 1) * PER_IMAGE)
    assert seen(gradient)[0] in own
    assert seen(gradient)[-1] in own


@pytest.mark.parametrize("column", [85, 300, 29 * PER_IMAGE + 301])
def test_that_the_window_of_a_chosen_gradient_comes_into_sight_and_is_marked(
    gradient: StepPage, qtbot: QtBot, column: int
) -> None:
    gradient.pick_cell("conv1.d_z_row", (0, column))
    qtbot.waitUntil(gradient.is_idle)
    shown = windows(gradient)
    assert column in seen(gradient)
    assert shown.strip.columns == (column,)
    assert any(mark.kind in ("linked", "here") for mark in shown.view.marks)


def test_that_go_to_says_which_of_the_cells_that_were_left_open_it_chose(gradient: StepPage, qtbot: QtBot) -> None:
    field = gradient.views.go_to.field
    gradient.views.go_to.open()
    field.setText("x_col[:, 75]")
    with qtbot.waitSignal(gradient.refused) as said:
        QTest.keyClick(field, Qt.Key.Key_Return)
    cell = gradient.debugger.cell()
    assert cell.index[1] == 75
    assert said.args == [f"x_col{list(cell.index)}: of these 49 numbers the one furthest from zero"]
