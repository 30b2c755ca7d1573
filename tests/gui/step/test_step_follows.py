"""The selected cell is followed through the links, backwards as well as forwards, whichever way one moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from convviz.core.network import Network
from convviz.data.toy import toy_images
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.storage.presets import preset

Begin = Callable[..., StepPage]
Load = Callable[[str], StepPage]
Way = Callable[[StepPage, int], None]


@pytest.fixture
def load(begin: Begin) -> Callable[[str], StepPage]:
    """Begin to step a preset."""

    def loaded(name: str) -> StepPage:
        design = preset(name)
        images, labels = toy_images()
        if name != "toy-4x4":
            images, labels = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32) ** 3, np.array([3])
        return begin(design, Network(design).arrays, images, labels, name)

    return loaded


def number_of(step: StepPage, output: str) -> int:
    return next(s.index for s in step.run.program.steps if s.output == output)


def by_listing(step: StepPage, number: int) -> None:
    shown = step.views.listing
    index = shown.steps.index(shown.steps.row_of_step(number))
    shown.scrollTo(index)
    QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=shown.visualRect(index).center())


def by_back(step: StepPage, number: int) -> None:
    while step.run.cursor.step > number:
        QTest.mouseClick(step.views.transport.buttons["back"], Qt.MouseButton.LeftButton)


def by_over(step: StepPage, number: int) -> None:
    QTest.mouseClick(step.views.transport.buttons["start"], Qt.MouseButton.LeftButton)
    while not (step.run.cursor.step == number and step.run.whole):
        QTest.mouseClick(step.views.transport.buttons["over"], Qt.MouseButton.LeftButton)


def by_keys(step: StepPage, number: int) -> None:
    target: QWidget = step
    while step.run.cursor.step > number:
        QTest.keyClick(target, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)


WAYS = pytest.mark.parametrize("way", [by_listing, by_back, by_over, by_keys])
CASES = pytest.mark.parametrize(
    ("name", "chosen", "expected"),
    [("toy-4x4", (0, 0, 2, 3), (0, 13)), ("course-7x7", (0, 5, 10, 12), (5, 252))],
)


@WAYS
@CASES
def test_that_a_cell_of_the_maps_leads_back_to_its_product(
    load: Load, qtbot: QtBot, way: Way, name: str, chosen: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    step = load(name)
    step.step_to(number_of(step, "conv1.z"))
    qtbot.waitUntil(step.is_idle)
    step.pick_cell("conv1.z", chosen)
    number = number_of(step, "conv1.wx_row")
    way(step, number)
    qtbot.waitUntil(lambda: step.run.cursor.step == number and step.is_idle())
    assert step.views.cell_title.text() == f"wx_row{list(expected)}"
    assert step.views.equation.title.text() == f"wx_row{list(expected)}"
    assert "one of" not in step.views.explanation.text(), "there is exactly one related cell"


@WAYS
@CASES
def test_that_of_several_related_cells_the_leading_one_is_shown_and_the_text_says_of_how_many(
    load: Load, qtbot: QtBot, way: Way, name: str, chosen: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    step = load(name)
    step.step_to(number_of(step, "conv1.z"))
    qtbot.waitUntil(step.is_idle)
    step.pick_cell("conv1.z", chosen)
    number = number_of(step, "conv1.x_col")
    way(step, number)
    qtbot.waitUntil(lambda: step.run.cursor.step == number and step.is_idle())
    weights, column = step.run.array("conv1.w_row")[expected[0]], step.run.array("conv1.x_col")[:, expected[1]]
    row = int(np.abs(weights * column).argmax())
    cell = step.debugger.cell()
    assert (cell.name, cell.index) == ("conv1.x_col", (row, expected[1]))
    said = f"x_col{[row, expected[1]]} is one of {len(column)} cells that z{list(chosen)} comes from."
    assert step.views.explanation.text().startswith(said)


def test_that_a_pixel_leads_forwards_to_one_of_its_windows_and_the_text_says_of_how_many(
    load: Load, qtbot: QtBot
) -> None:
    step = load("course-7x7")
    step.step_to(number_of(step, "conv1.x_pad"))
    qtbot.waitUntil(step.is_idle)
    step.pick_cell("x", (0, 0, 12, 12))
    step.command("over")
    cell = step.debugger.cell()
    assert cell.name == "conv1.x_col"
    assert step.run.value("conv1.x_col", cell.index) == step.run.value("x", (0, 0, 12, 12))
    assert "is one of 49 cells that come from x[0, 0, 12, 12]." in step.views.explanation.text()


def test_that_a_chosen_weight_keeps_the_window_that_was_chosen_before(load: Load, qtbot: QtBot) -> None:
    step = load("course-7x7")
    step.step_to(number_of(step, "conv1.wx_row"))
    qtbot.waitUntil(step.is_idle)
    step.pick_cell("conv1.wx_row", (5, 252))
    step.pick_cell("conv1.weight", (7, 0, 3, 3))
    assert step.debugger.focus() == (7, 252)
    step.command("over")
    assert step.debugger.cell().index == (7, 252)


def test_that_forward_leads_again_to_where_a_jump_led(load: Load, qtbot: QtBot) -> None:
    step = load("toy-4x4")
    step.step_to(number_of(step, "dense1.z"))
    qtbot.waitUntil(step.is_idle)
    step.pick_cell("conv1.x_pad", (0, 0, 2, 2))
    there = step.run.cursor.step, step.debugger.cell()
    QTest.keyClick(step, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert step.run.step.output == "dense1.z"
    QTest.keyClick(step, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert (step.run.cursor.step, step.debugger.cell()) == there


def test_that_a_workspace_that_is_not_in_front_computes_nothing_and_catches_up(load: Load, qtbot: QtBot) -> None:
    step = load("toy-4x4")
    step.step_to(number_of(step, "conv1.z"))
    qtbot.waitUntil(step.is_idle)
    run, status = step.run, step.status
    step.hide()
    design = preset("course-7x7")
    images = np.random.default_rng(0).random((1, 1, 28, 28), dtype=np.float32)
    step.set_offer(Offer(design, Network(design).arrays, images, np.array([3]), "course-7x7"))
    step.choose_image(0)
    assert step.run is run
    assert step.status == status
    step.show()
    assert step.run is not run
    assert step.run.program.arrays["x"].shape == (1, 1, 28, 28)
    assert "course-7x7" in step.status
