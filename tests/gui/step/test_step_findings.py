"""The Step workspace: what is in sight, what is told, and where it begins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from convviz.core.design import Design, Input
from convviz.core.layers import Dense, Dropout, Flatten
from convviz.core.network import Network
from convviz.gui.theme import Theme
from convviz.gui.widgets.array.numbers import MIN_WIDTH
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.layout import Views
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.present.colour import Scope
from convviz.present.numbers import superscript
from convviz.present.step.explain import explain, title_of
from convviz.storage.presets import preset
from convviz.training.make_pass import make_pass

Begin = Callable[..., StepPage]


@pytest.fixture
def course(begin: Begin) -> StepPage:
    """The course network over 64 images that are black but for the middle."""
    images = np.zeros((64, 1, 28, 28), dtype=np.float32)
    images[:, :, 8:20, 8:20] = np.random.default_rng(0).random((64, 1, 12, 12), dtype=np.float32)
    design = preset("course-7x7")
    return begin(design, Network(design).arrays, images, np.arange(64) % 10, "squares")


def go(step: StepPage, op: str, qtbot: QtBot) -> None:
    assert step.run is not None
    step.step_to(next(s.index for s in step.run.program.steps if s.op.name == op))
    qtbot.waitUntil(step.is_idle)


def lit_lines(step: StepPage) -> list[str]:
    step.views.source.switch.button(1).click()
    source = step.views.source.source
    assert source is not None
    return [source.lines[n].strip() for n in sorted(source.lit)]


def test_that_the_source_lights_the_line_that_made_the_cell(course: StepPage, qtbot: QtBot) -> None:
    go(course, "pad2d", qtbot)
    course.pick_cell("conv1.x_pad", (0, 0, 0, 0))
    assert lit_lines(course) == ["x_pad.fill(value)"]
    course.pick_cell("conv1.x_pad", (0, 0, 14, 14))
    assert lit_lines(course) == ["np.copyto(inside, x)"]


def test_that_the_number_of_the_pass_decides_the_dropout_masks() -> None:
    design = Design(
        name="dropping",
        input=Input(channels=1, height=4, width=4),
        classes=3,
        layers=(Flatten(), Dropout(), Dense(units=3)),
    ).named()
    images, labels = np.ones((1, 1, 4, 4), dtype=np.float32), np.zeros(1, dtype=np.int64)

    def masks(number: int) -> list[bytes]:
        run = make_pass(design, {}, images, labels, step=number)
        return [run.env[name].tobytes() for name in run.program.sources if "mask" in name]

    assert masks(3)
    assert masks(3) == masks(3)
    assert masks(3) != masks(4)


@pytest.mark.parametrize("whole", [False, True])
def test_that_the_walk_begins_and_stays_at_a_window_of_the_chosen_image_that_is_not_black(
    course: StepPage, qtbot: QtBot, whole: bool
) -> None:
    course.choose_image(5)
    if whole:
        course.choose_rows(tuple(range(8)))
    assert course.run is not None
    assert course.debugger is not None
    for op in ("im2col", "matmul", "add_bias", "fold_maps"):
        go(course, op, qtbot)
        assert "image 5 (label 5)" in course.status
        if op == "matmul":
            column = course.debugger.cell().index[1]
            assert course.run.array("conv1.x_col")[:, column].any()


@pytest.mark.parametrize("whole", [False, True])
def test_that_a_jump_to_the_product_looks_at_a_window_of_the_chosen_image(
    course: StepPage, qtbot: QtBot, whole: bool
) -> None:
    course.choose_image(5)
    if whole:
        course.choose_rows(tuple(range(8)))
    go(course, "matmul", qtbot)
    assert course.run is not None
    assert course.debugger is not None
    assert "image 5 (label 5)" in course.status
    assert course.run.array("conv1.x_col")[:, course.debugger.cell().index[1]].any()


def test_that_what_cannot_be_done_with_a_cell_is_disabled_and_says_why(course: StepPage, qtbot: QtBot) -> None:
    inspector = course.views.inspector
    go(course, "matmul", qtbot)
    course.pick_cell("conv1.wx_row", (16, 250))
    qtbot.waitUntil(course.is_idle)
    assert not inspector.edit.isEnabled()
    assert "wx_row[16, 250] is computed" in inspector.edit.toolTip()
    course.pick_cell("conv1.weight", (0, 0, 0, 0))
    qtbot.waitUntil(course.is_idle)
    assert inspector.edit.isEnabled()
    assert inspector.nudge.isEnabled()
    assert "(E)" in inspector.edit.toolTip()
    assert "(N)" in inspector.nudge.toolTip()
    go(course, "cross_entropy", qtbot)
    course.pick_cell("labels", (0,))
    qtbot.waitUntil(course.is_idle)
    assert not inspector.nudge.isEnabled()
    assert "no gradient for labels" in inspector.nudge.toolTip()


def test_that_a_number_that_is_none_is_refused_with_a_reason(course: StepPage) -> None:
    course.pick_cell("conv1.weight", (0, 0, 0, 0))
    course.editing.edit()
    editor = course.views.editor
    assert not editor.reason.isVisible()
    editor.field.setText("nan")
    editor.field.textEdited.emit("nan")
    assert editor.reason.isVisible()
    assert editor.reason.text() == "Expected a finite number such as 0.5, got nan."
    editor.field.setText("0.5")
    editor.field.textEdited.emit("0.5")
    assert not editor.reason.isVisible()


def test_that_resting_on_a_cell_brings_its_column_into_sight(course: StepPage, qtbot: QtBot) -> None:
    go(course, "matmul", qtbot)
    wide = next(c for c in course.views.panes.cards if c.pane is not None and c.pane.array == "conv1.x_col")
    before = wide.view.visible_cells()
    far = 20 if before.left() > 40 else 560
    course.views.panes.cellHovered.emit("conv1.wx_row", (16, far))
    assert wide.strip is not None
    assert wide.strip.columns == (far,)
    assert wide.view.visible_cells() == before
    qtbot.waitUntil(lambda: wide.view.visible_cells().left() <= far < wide.view.visible_cells().right())
    assert wide.view.visible_cells().width() == pytest.approx(before.width())


def test_that_a_product_comes_from_both_of_its_factors_and_says_of_how_many(course: StepPage, qtbot: QtBot) -> None:
    go(course, "matmul", qtbot)
    course.pick_cell("conv1.wx_row", (16, 250))
    qtbot.waitUntil(course.is_idle)
    text = course.views.origins.text()
    assert "w_row[16, " in text
    assert ">weight[16, " in text
    assert "x_col[" in text
    assert ">x[0, " in text
    assert text.count("(one of 49)") == 2


def test_that_a_border_cell_is_the_padding_and_not_given(course: StepPage, qtbot: QtBot) -> None:
    go(course, "pad2d", qtbot)
    course.pick_cell("conv1.x_pad", (0, 0, 0, 0))
    qtbot.waitUntil(course.is_idle)
    text = course.views.origins.text()
    assert "0 is the padding's value" in text
    assert "given" not in text


def test_that_dropout_is_told_with_the_numbers_of_its_cell() -> None:
    design = Design(
        name="dropping",
        input=Input(channels=1, height=4, width=4),
        classes=3,
        layers=(Flatten(), Dropout(), Dense(units=3)),
    ).named()
    run = make_pass(design, {}, np.full((1, 1, 4, 4), 0.25, dtype=np.float32), np.zeros(1, dtype=np.int64))
    run.run_to_end()
    step = next(step for step in run.program.steps if step.op.name == "dropout")
    kept = run.array(step.inputs[1])[0] > 0
    spoke = explain(run, step, (0, int(np.argmax(kept))))
    silent = explain(run, step, (0, int(np.argmin(kept))))
    assert "0.2500 · 2" in spoke
    assert "0.2500 becomes 0" in silent


@pytest.mark.parametrize(
    "output", ["conv1.wx_row", "conv1.x_col", "conv1.d_w_row", "conv1.d_x_pad", "conv1.weight_new"]
)
def test_that_the_numbers_of_a_7x7_filter_are_read_in_a_small_window(
    course: StepPage, qtbot: QtBot, output: str
) -> None:
    course.resize(1100, 650)
    course.step_to(next(s.index for s in course.run.program.steps if s.output == output))
    qtbot.waitUntil(course.is_idle)
    small = [card for card in course.views.panes.cards if card.pane.view.fold == (1, 7, 7)]
    assert small
    for card in small:
        assert card.view.viewport.scale_x >= MIN_WIDTH
        exponent = card.view.number_exponent()
        if exponent:
            assert card.caption.shown_text().startswith(f"×{superscript(exponent)}")


def test_that_no_fact_is_cut_off_in_a_small_window(course: StepPage, qtbot: QtBot) -> None:
    course.resize(1100, 650)
    for step in course.run.program.steps:
        course.step_to(step.index)
        qtbot.waitUntil(course.is_idle)
        for row in course.views.facts.rows:
            if row.isVisible():
                assert row.label.shown_text() == row.label.text()
                assert row.value.shown_text() == row.value.text()


@pytest.mark.parametrize("name", ["course-7x7", "best-small", "lenet-5", "keras-twin", "toy-4x4"])
@pytest.mark.parametrize("walked", [False, True])
def test_that_the_pass_begins_at_a_pixel_and_a_window_that_are_not_background(name: str, walked: bool) -> None:
    design = preset(name)
    images = np.zeros((2, 1, design.input.height, design.input.width), dtype=np.float32)
    images[1, 0, 2:4, 1:] = 1.0
    run = make_pass(design, {}, images[1:], np.zeros(1, int))
    debugger = Debugger(run)
    columns = next(step for step in run.program.steps if step.op.name == "im2col")
    if walked:
        debugger.focus()
        while run.step is not columns:
            debugger.move("over")
            debugger.focus()
    debugger.to(columns.index)
    column = debugger.focus()[1]
    assert run.array(columns.output)[:, column].any()
    assert run.value(columns.output, debugger.focus()) == 1.0


def ends(step: StepPage) -> dict[str, float]:
    return {card.pane.array: card.view.picture.vmax for card in step.views.panes.cards}


def test_that_the_scope_of_colour_scales_is_chosen_by_key_and_stated(course: StepPage, qtbot: QtBot) -> None:
    go(course, "matmul", qtbot)
    run = course.run
    assert run is not None
    assert course.status.endswith("scale: this layer")
    assert ends(course)["conv1.wx_row"] == run.largest("conv1.wx_row")
    QTest.keyClick(course, Qt.Key.Key_S)
    assert course.status.endswith("scale: whole network")
    weights = [name for name, spec in run.program.arrays.items() if spec.role.value == "weight" and run.has(name)]
    assert ends(course)["conv1.weight"] == ends(course)["conv1.w_row"] == max(map(run.largest, weights))
    QTest.keyClick(course, Qt.Key.Key_S)
    assert course.status.endswith("scale: this picture")
    for card in course.views.panes.cards:
        picture = card.view.picture
        assert picture.vmax == pytest.approx(float(np.abs(picture.values).max()))
        assert card.scale_bar.levels.scope.value == "picture"


def test_that_a_locked_scale_only_grows_whatever_image_comes_next(course: StepPage, qtbot: QtBot) -> None:
    go(course, "matmul", qtbot)
    QTest.keyClick(course, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert course.status.endswith("scale: this layer, locked over time")
    highest = 0.0
    for image in (0, 7, 3, 12, 1):
        course.choose_image(image)
        qtbot.waitUntil(course.is_idle)
        end = ends(course)["conv1.wx_row"]
        assert end >= highest
        assert end >= course.run.largest("conv1.wx_row")
        highest = end
    QTest.keyClick(course, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert ends(course)["conv1.wx_row"] == course.run.largest("conv1.wx_row")


def test_that_no_scale_moves_while_a_picture_is_filled(course: StepPage, qtbot: QtBot) -> None:
    course.views.scale.choose(Scope.PICTURE)
    for op in ("matmul", "col2im"):
        go(course, op, qtbot)
        whole = ends(course)
        course.command("into")
        course.command("into")
        assert course.run.cursor.inside
        changed = {name for name, end in ends(course).items() if end != pytest.approx(whole[name])}
        assert changed <= {"conv1.d_x_col"}  # another column is drawn folded


def test_that_a_click_on_a_scale_opens_the_choice_and_the_keyboard_reaches_it(course: StepPage, qtbot: QtBot) -> None:
    go(course, "matmul", qtbot)
    choice = course.views.scale
    assert choice.focusPolicy() & Qt.FocusPolicy.TabFocus
    shown = next(card for card in course.views.panes.cards if card.scale_bar.isVisible())
    QTest.mouseClick(shown.scale_bar, Qt.MouseButton.LeftButton)
    assert choice.scopes.isVisible()
    choice.scopes.close()
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Space)
    qtbot.waitUntil(choice.scopes.isVisible)
    choice.scopes.close()


def test_that_hidden_units_are_looked_at_where_they_are_active_and_the_class_stays() -> None:
    design = preset("lenet-5")
    run = make_pass(design, {}, np.random.default_rng(3).random((1, 1, 28, 28), dtype=np.float32), np.array([7]))
    debugger = Debugger(run)
    for step in run.program.steps:
        debugger.to(step.index)
        index = debugger.focus()
        if step.output == "dense1.xw":
            assert run.array(step.output)[index] == run.array(step.output).max()
        if step.output in ("dense3.z", "softmax.p", "dense3.d_z"):
            assert index == (0, 7)
            assert debugger.selection.of("unit", 10) == 7
        if step.output == "tanh4.d_a":
            assert any(pane.title == "weight[:, 7]" for pane in debugger.scene().panes)


def test_that_the_gradient_of_normalised_maps_is_shown_for_the_filter_that_is_looked_at() -> None:
    run = make_pass(preset("best-small"), {}, np.ones((1, 1, 28, 28), dtype=np.float32), np.zeros(1, int))
    debugger = Debugger(run)
    for step in run.program.steps:
        debugger.to(step.index)
        debugger.focus()
        if step.op.name == "unfold_maps":
            debugger.choose("filter", 5)
            assert debugger.scene().panes[0].title == "d_centred[5]"


def test_that_the_heading_of_every_step_is_read_whole_in_a_small_window(qtbot: QtBot, theme: Theme) -> None:
    workspace = StepPage(theme)
    qtbot.addWidget(workspace)
    design = preset("best-small")
    workspace.set_offer(Offer(design, {}, np.ones((1, 1, 28, 28), dtype=np.float32), np.zeros(1, int)))
    workspace.resize(1100, 650)
    workspace.show()
    qtbot.waitExposed(workspace)
    heading, program = workspace.views.heading, workspace.run.program
    for title in {title_of(program, step) for step in program.steps}:
        heading.set_text(title)
        assert heading.shown_text() == title


def test_that_nothing_in_the_inspector_is_wider_than_it(course: StepPage, qtbot: QtBot) -> None:
    inspector = course.views.inspector
    for width in (1100, 1440):
        course.resize(width, 500)
        go(course, "matmul", qtbot)
        scroll = inspector.findChild(QScrollArea)
        assert scroll.verticalScrollBar().isVisible()
        assert scroll.widget().width() == scroll.viewport().width()


def test_that_a_long_way_back_is_written_short_and_in_full_when_asked(course: StepPage, qtbot: QtBot) -> None:
    go(course, "softmax", qtbot)
    qtbot.waitUntil(course.is_idle)
    origins = course.views.origins
    assert "steps …" in origins.text()
    origins.linkActivated.emit("all")
    assert "steps …" not in origins.text()
    assert "x_col" in origins.text()


@pytest.mark.parametrize("name", ["course-7x7", "best-small", "lenet-5", "keras-twin", "toy-4x4"])
def test_that_the_pass_begins_at_the_strongest_answer_so_that_something_comes_of_it(name: str) -> None:
    design = preset(name)
    draw = np.random.default_rng(4).random((1, 1, design.input.height, design.input.width), dtype=np.float32)
    run = make_pass(design, {}, draw**4, np.zeros(1, int))
    debugger = Debugger(run)
    product = next(step for step in run.program.steps if step.op.name == "matmul")
    activation = next(step for step in run.program.steps if step.op.name in ("relu", "tanh"))
    for step in run.program.steps[: activation.index + 1]:
        debugger.to(step.index)
        index = debugger.focus()
        if step is product:
            assert run.value(step.output, index) == run.array(step.output).max()
    assert run.value(activation.output, debugger.focus()) > 0


def test_that_widgets_which_are_still_being_made_belong_to_the_page(qtbot: QtBot, theme: Theme) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    before = set(QApplication.topLevelWidgets())
    turns = 0
    for _ in Views(parent, theme).make():
        turns += 1
        made = set(QApplication.topLevelWidgets()) - before
        assert [one for one in made if one.parentWidget() is None] == []
    assert turns > 5
