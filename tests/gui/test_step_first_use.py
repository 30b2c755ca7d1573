"""The Step workspace as one meets it first: what is hovered is what is told, and keys do what a debugger's keys do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convviz.core.arrays import Index
from convviz.core.network import Network
from convviz.gui.theme import Theme
from convviz.gui.workspaces.step import StepWorkspace
from convviz.gui.workspaces.step.pane_card import PaneCard
from convviz.present.numbers import format_value
from convviz.storage.presets import preset


def shown(qtbot: QtBot, theme: Theme, name: str) -> StepWorkspace:
    step = StepWorkspace(theme)
    qtbot.addWidget(step)
    images = np.random.default_rng(0).random((3, 1, 28, 28), dtype=np.float32) ** 3
    design = preset(name)
    step.set_pass_source(design, Network(design).arrays, images, np.array([4, 7, 1]), "noise")
    step.resize(1440, 850)
    step.show()
    qtbot.waitExposed(step)
    return step


@pytest.fixture
def course(qtbot: QtBot, theme: Theme) -> Iterator[StepWorkspace]:
    step = shown(qtbot, theme, "course-7x7")
    yield step
    step.close()


def go(step: StepWorkspace, output: str, qtbot: QtBot) -> None:
    assert step.run is not None
    step.step_to(next(s.index for s in step.run.program.steps if s.output == output))
    qtbot.waitUntil(step.is_idle)


def card(step: StepWorkspace, title: str) -> PaneCard:
    return next(c for c in step.parts.panes.cards if c.title.text() == title)


def hover(step: StepWorkspace, name: str, index: Index) -> None:
    for found in step.parts.panes.cards:
        if found.pane.array == name and found.pane.view.holds(index) and found.pane.content == "array":
            place = found.pane.view.places(np.asarray([index]))[0]
            QTest.mouseMove(found.view, QPoint(1, 1))
            QTest.mouseMove(found.view, found.view.rect_of(tuple(int(i) for i in place)).center())
            return
    raise AssertionError(f"{name}{index} is not shown")


def words(step: StepWorkspace) -> str:
    return step.parts.inspector.explanation.text()


# --- what is hovered -----------------------------------------------------------------------------------------------


def test_that_a_product_that_is_hovered_is_told_with_its_own_numbers(course: StepWorkspace, qtbot: QtBot) -> None:
    go(course, "conv1.z_row", qtbot)
    f = course.looking.selection.filter
    hover(course, "conv1.wx_row", (f, 230))
    assert f"For z_row[{f}, 230]:" in words(course)
    run = course.run
    before, bias, after = (
        run.value(*cell) for cell in (("conv1.wx_row", (f, 230)), ("conv1.bias", (f,)), ("conv1.z_row", (f, 230)))
    )
    added = format_value(bias) if bias >= 0 else f"({format_value(bias)})"
    assert f"Here: {format_value(before)} + {added} = {format_value(after)}." in words(course)
    assert course.parts.equation.title.text() == f"z_row[{f}, 230]"
    assert course.parts.inspector.cell_title.text() == f"wx_row[{f}, 230]"


def test_that_a_landing_column_that_is_hovered_is_drawn_folded_and_told(course: StepWorkspace, qtbot: QtBot) -> None:
    go(course, "conv1.d_x_pad", qtbot)
    before = [one.pane.title for one in course.parts.panes.cards]
    course.parts.panes.cellHovered.emit("conv1.d_x_col", (37, 251))
    # Row 37 of a 7×7 window is its cell (5, 2).
    row, column = divmod(251, course.run.program.arrays["conv1.z"].shape[3])
    y, x = row + 5, column + 2
    assert f"On ({y}, {x}) of" in words(course)
    assert course.parts.equation.title.text() == f"d_x_pad[0, 0, {y}, {x}]"
    assert "column 251" in [one.pane.title for one in course.parts.panes.cards]
    written = course.parts.equation.flow.written
    assert any(
        span.part is not None and span.part.index == (37, 251) for piece in written.pieces for span in piece.spans
    )
    course._left()
    assert [one.pane.title for one in course.parts.panes.cards] == before


def test_that_a_cell_of_a_pooling_window_is_told_with_its_window_and_layers(qtbot: QtBot, theme: Theme) -> None:
    step = shown(qtbot, theme, "best-small")
    run = step.run
    pool = next(s for s in run.program.steps if s.op.name == "maxpool2d")
    go(step, pool.output, qtbot)
    channel = step.looking.selection.of("filter", pool.shape[1])
    index = (0, channel, 5, 1)
    hover(step, pool.inputs[0], index)
    fed = pool.op.feeds(run.program.in_shapes(pool), pool.shape, 0, index)[0].tolist()
    assert f"For {pool.output}{fed}:" in words(step)
    assert "rows 4–5 and columns 0–1" in words(step)
    assert f"{pool.inputs[0]}[0, {channel}, 5, 1] has a part in 1 cell of {pool.output}." in words(step)
    step.close()


def test_that_folded_columns_follow_the_pointer_but_not_under_it(course: StepWorkspace, qtbot: QtBot) -> None:
    go(course, "conv1.x_col", qtbot)
    shown_before = next(c for c in course.parts.panes.cards if c.pane.title.startswith("column"))
    column = int(shown_before.pane.title.split()[1])
    course.parts.panes.cellHovered.emit("conv1.x_col", (3, 10))
    assert shown_before.pane.title == "column 10"
    course._left()
    assert shown_before.pane.title == f"column {column}"
    course.parts.panes.cellHovered.emit("conv1.x_col", (3, column))
    assert shown_before.pane.title == f"column {column}"


# --- keys ----------------------------------------------------------------------------------------------------------


def test_that_over_finishes_the_step_that_is_walked_before_it_goes_on(course: StepWorkspace, qtbot: QtBot) -> None:
    go(course, "conv1.z_row", qtbot)
    course.command("into")
    course.command("into")
    here = course.run.cursor.step
    assert course.run.cursor.inside
    assert not course.run.whole
    course.command("over")
    assert course.run.cursor.step == here
    assert course.run.whole
    assert not course.run.cursor.inside
    course.command("over")
    assert course.run.cursor.step == here + 1
