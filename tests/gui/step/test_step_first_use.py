"""The Step workspace as one meets it first: what is hovered is what is told, and keys do what a debugger's keys do."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convviz.core.arrays import Index
from convviz.core.equation import Equation, Factor, Term
from convviz.core.network import Network
from convviz.gui.theme import Theme
from convviz.gui.widgets.fields.segmented import SegmentedControl
from convviz.gui.workspaces.step.offer import Offer
from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.step.views.panes.card import PaneCard
from convviz.present.colour import Scope
from convviz.present.numbers import format_value
from convviz.present.step.terms import Expansion
from convviz.present.step.wording import Written, write
from convviz.storage.presets import preset

Begin = Callable[..., StepPage]


def shown(begin: Begin, name: str) -> StepPage:
    images = np.random.default_rng(0).random((3, 1, 28, 28), dtype=np.float32) ** 3
    design = preset(name)
    return begin(design, Network(design).arrays, images, np.array([4, 7, 1]), "noise")


@pytest.fixture
def course(begin: Begin) -> StepPage:
    return shown(begin, "course-7x7")


def go(step: StepPage, output: str, qtbot: QtBot) -> None:
    assert step.run is not None
    step.step_to(next(s.index for s in step.run.program.steps if s.output == output))
    qtbot.waitUntil(step.is_idle)


def card(step: StepPage, title: str) -> PaneCard:
    return next(c for c in step.views.panes.cards if c.title.text() == title)


def hover(step: StepPage, name: str, index: Index) -> None:
    for found in step.views.panes.cards:
        if found.pane.array == name and found.pane.view.holds(index) and found.pane.content == "array":
            place = found.pane.view.places(np.asarray([index]))[0]
            QTest.mouseMove(found.view, QPoint(1, 1))
            QTest.mouseMove(found.view, found.view.rect_of(tuple(int(i) for i in place)).center())
            return
    raise AssertionError(f"{name}{index} is not shown")


def words(step: StepPage) -> str:
    return step.views.explanation.text()


# --- what is hovered -----------------------------------------------------------------------------------------------


def test_that_a_product_that_is_hovered_is_told_with_its_own_numbers(course: StepPage, qtbot: QtBot) -> None:
    go(course, "conv1.z_row", qtbot)
    f = course.debugger.selection.filter
    hover(course, "conv1.wx_row", (f, 230))
    assert f"For z_row[{f}, 230]:" in words(course)
    run = course.run
    before, bias, after = (
        run.value(*cell) for cell in (("conv1.wx_row", (f, 230)), ("conv1.bias", (f,)), ("conv1.z_row", (f, 230)))
    )
    added = format_value(bias) if bias >= 0 else f"({format_value(bias)})"
    assert f"Here: {format_value(before)} + {added} = {format_value(after)}." in words(course)
    assert course.views.equation.title.text() == f"z_row[{f}, 230]"
    assert course.views.cell_title.text() == f"wx_row[{f}, 230]"


def test_that_a_landing_column_that_is_hovered_is_drawn_folded_and_told(course: StepPage, qtbot: QtBot) -> None:
    go(course, "conv1.d_x_pad", qtbot)
    before = [one.pane.title for one in course.views.panes.cards]
    course.views.panes.cellHovered.emit("conv1.d_x_col", (37, 251))
    # Row 37 of a 7×7 window is its cell (5, 2).
    row, column = divmod(251, course.run.program.arrays["conv1.z"].shape[3])
    y, x = row + 5, column + 2
    assert f"On ({y}, {x}) of" in words(course)
    assert course.views.equation.title.text() == f"d_x_pad[0, 0, {y}, {x}]"
    assert "column 251" in [one.pane.title for one in course.views.panes.cards]
    written = course.views.equation.flow.written
    assert any(
        span.part is not None and span.part.index == (37, 251) for piece in written.pieces for span in piece.spans
    )
    course.views.panes.cellLeft.emit()
    assert [one.pane.title for one in course.views.panes.cards] == before


def test_that_a_cell_of_a_pooling_window_is_told_with_its_window_and_layers(qtbot: QtBot, begin: Begin) -> None:
    step = shown(begin, "best-small")
    run = step.run
    pool = next(s for s in run.program.steps if s.op.name == "maxpool2d")
    go(step, pool.output, qtbot)
    channel = step.debugger.selection.of("filter", pool.shape[1])
    index = (0, channel, 5, 1)
    hover(step, pool.inputs[0], index)
    fed = pool.op.feeds(run.program.in_shapes(pool), pool.shape, 0, index)[0].tolist()
    assert f"For {pool.output}{fed}:" in words(step)
    assert "rows 4–5 and columns 0–1" in words(step)
    assert f"{pool.inputs[0]}[0, {channel}, 5, 1] has a part in 1 cell of {pool.output}." in words(step)


def test_that_folded_columns_follow_the_pointer_but_not_under_it(course: StepPage, qtbot: QtBot) -> None:
    go(course, "conv1.x_col", qtbot)
    shown_before = next(c for c in course.views.panes.cards if c.pane.title.startswith("column"))
    column = int(shown_before.pane.title.split()[1])
    course.views.panes.cellHovered.emit("conv1.x_col", (3, 10))
    assert shown_before.pane.title == "column 10"
    course.views.panes.cellLeft.emit()
    assert shown_before.pane.title == f"column {column}"
    course.views.panes.cellHovered.emit("conv1.x_col", (3, column))
    assert shown_before.pane.title == f"column {column}"


# --- keys ----------------------------------------------------------------------------------------------------------


def test_that_over_finishes_the_step_that_is_walked_before_it_goes_on(course: StepPage, qtbot: QtBot) -> None:
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


@pytest.fixture
def paged(qtbot: QtBot, theme: Theme) -> Iterator[tuple[SegmentedControl, StepPage, QLineEdit]]:
    """A window with tabs, another page and Step, as the app has them."""
    window = QWidget()
    qtbot.addWidget(window)
    tabs, pages, other = SegmentedControl(["Other", "Step"]), QStackedWidget(), QLineEdit()
    step = StepPage(theme)
    pages.addWidget(other)
    pages.addWidget(step)
    tabs.selected.connect(pages.setCurrentIndex)
    design = preset("toy-4x4")
    images = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)
    step.set_offer(Offer(design, Network(design).arrays, images, np.zeros(1, dtype=int), "toy"))
    column = QVBoxLayout(window)
    column.addWidget(tabs)
    column.addWidget(pages)
    window.resize(1200, 800)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    yield tabs, step, other
    window.close()


def test_that_keys_of_step_work_while_the_focus_is_on_its_tab(
    paged: tuple[SegmentedControl, StepPage, QLineEdit], qtbot: QtBot
) -> None:
    tabs, step, _ = paged
    tab = tabs.button(1)
    QTest.mouseClick(tab, Qt.MouseButton.LeftButton)
    tab.setFocus()
    assert step.isVisible()
    before = step.run.cursor
    QTest.keyClick(tab, Qt.Key.Key_F10)
    assert step.run.cursor.done > before.done
    QTest.keyClick(tab, Qt.Key.Key_F10)
    assert step.run.cursor.step == 1
    QTest.keyClick(tab, Qt.Key.Key_F11)
    assert step.run.cursor.inside
    QTest.keyClick(tab, Qt.Key.Key_Space)
    assert step.player.playing
    QTest.keyClick(tab, Qt.Key.Key_Space)
    assert not step.player.playing


def test_that_keys_of_step_do_nothing_while_another_page_is_in_front(
    paged: tuple[SegmentedControl, StepPage, QLineEdit], qtbot: QtBot
) -> None:
    tabs, step, other = paged
    QTest.mouseClick(tabs.button(1), Qt.MouseButton.LeftButton)
    before = step.run.cursor
    QTest.mouseClick(tabs.button(0), Qt.MouseButton.LeftButton)
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_F10)
    QTest.keyClick(other, Qt.Key.Key_E)
    assert step.run.cursor == before
    assert other.text() == "e"


# --- what is read --------------------------------------------------------------------------------------------------


def test_that_a_small_step_of_a_weight_is_seen_in_sentence_and_equation(course: StepPage, qtbot: QtBot) -> None:
    go(course, "conv1.weight_new", qtbot)
    run = course.run
    rate = run.value("lr", ())
    old, gradient, new = (run.array(f"conv1.{name}") for name in ("weight", "d_weight", "weight_new"))
    moves = np.where(old != new, np.abs(rate * gradient / old), np.inf)
    index = tuple(int(i) for i in np.unravel_index(int(moves.argmin()), moves.shape))
    course.pick_cell("conv1.weight_new", index)
    was, now = (format_value(run.value(f"conv1.{name}", index)) for name in ("weight", "weight_new"))
    assert was == now
    start, end = words(course).partition("weight goes")[2].split(": ")[1].split(" = ")[::2]
    assert start.split(" ")[0] != end.rstrip(".")
    pieces = [piece.text for piece in course.views.equation.flow.written.pieces]
    assert pieces[-1] not in pieces[:-1]


def test_that_the_branch_of_the_source_that_ran_is_lit_and_before_it_ran_the_one_that_will(
    course: StepPage, qtbot: QtBot
) -> None:
    source, title = course.views.source, course.views.source.title
    source.switch.button(1).click()
    go(course, "conv1.x_pad", qtbot)
    assert title.text() == "Source that ran"
    course.command("start")
    assert title.text() == "Source that will run"
    go(course, "conv1.x_col", qtbot)
    lit = [source.source.lines[n].strip() for n in sorted(source.source.lit)]
    assert lit == ["np.copyto(blocks, runs)"]


def test_that_classes_are_numbered_and_the_label_is_marked_and_looked_at(course: StepPage, qtbot: QtBot) -> None:
    for image, label in ((0, 4), (1, 7), (2, 1)):
        course.choose_image(image)
        go(course, "softmax.p", qtbot)
        assert course.debugger.cell().index == (0, label)
        names = card(course, "p").view.names
        assert [name.split()[0] for name in names] == [str(n) for n in range(10)]
        assert [n for n, name in enumerate(names) if "label" in name] == [label]
        assert f"label {label}" in card(course, "p").caption.text()
    course.moves.turn("unit", 1)
    course.choose_image(0)
    qtbot.waitUntil(course.is_idle)
    assert course.debugger.cell().index == (0, 2), "a class that was chosen stays"


def test_that_a_jump_along_the_way_back_offers_to_return(course: StepPage, qtbot: QtBot) -> None:
    button = course.views.way_back
    go(course, "relu1.a", qtbot)
    course.pick_cell("relu1.a", (0, 0, 9, 12))
    here = course.run.cursor.step
    assert not button.isVisible()
    course.pick_cell("x", (0, 0, 9, 12))
    assert course.run.cursor.step != here
    assert button.isVisible()
    assert button.text() == "← back to a[0, 0, 9, 12]"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert course.run.cursor.step == here
    assert course.debugger.cell().index == (0, 0, 9, 12)
    assert not button.isVisible()
    assert course.hasFocus(), "the next key is one of Step's, not text in a field"


def test_that_numbers_in_cells_are_written_for_their_own_array_whatever_the_scale(
    course: StepPage, qtbot: QtBot
) -> None:
    go(course, "conv1.d_w_row", qtbot)
    course.views.scale.choose(Scope.LAYER)
    before = {one.pane.title: one.view.picture.exponent for one in course.views.panes.cards}
    course.views.scale.choose(Scope.NETWORK)
    assert {one.pane.title: one.view.picture.exponent for one in course.views.panes.cards} == before


def test_that_the_listing_names_what_every_step_makes(course: StepPage) -> None:
    model = course.views.listing.steps
    said = [str(model.data(model.index(row))) for row in range(model.rowCount())]
    assert any(text.startswith("matmul → d_w_row") for text in said)
    assert any(text.startswith("matmul → d_x_col") for text in said)
    assert any(text.startswith("sgd_update → weight ") for text in said)
    assert any(text.startswith("sgd_update → bias ") for text in said)


def test_that_a_long_sum_begins_with_its_largest_terms_unless_the_user_wants_their_order(
    course: StepPage, qtbot: QtBot
) -> None:
    def factors() -> list[float]:
        """The products that are written, one after the other."""
        pieces = [piece for piece in flow.written.pieces if piece.kind == "term"]
        found = [[span.part.value for span in piece.spans if span.part is not None] for piece in pieces]
        return [float(np.prod(one)) for one in found]

    equation, flow = course.views.equation, course.views.equation.flow
    go(course, "conv1.d_w_row", qtbot)
    course.pick_cell("conv1.d_w_row", (5, 24))
    run = course.run
    products = run.array("conv1.d_z_row")[5].astype(float) * run.array("conv1.x_col")[24].astype(float)
    order = np.argsort(-np.abs(products), kind="stable")
    assert equation.order.isVisible()
    assert factors() == list(products[order][: len(factors())])
    first = next(piece for piece in flow.written.pieces if piece.kind == "term")
    flow.partPicked.emit(first.spans[0].part)
    assert course.debugger.cell().index == (5, order[0]), "the number leads to its cell"
    course.pick_cell("conv1.d_w_row", (5, 24))
    equation.order.button(1).click()
    assert factors() == list(products[products != 0][: len(factors())])
    course.pick_cell("conv1.d_w_row", (5, 25))
    assert equation.order.index == 1, "the choice stays"
    equation.order.button(0).click()
    flow.unfolded.emit()
    assert np.all(np.diff(np.abs(factors())) <= 0)
    assert equation.order.isVisible()
    assert equation.fold()
    go(course, "conv1.z_row", qtbot)
    assert not equation.order.isVisible(), "two terms fit"


def test_that_a_sum_of_few_terms_and_many_zeros_is_not_written_again_and_again(course: StepPage) -> None:
    step = course.run.step
    values = [0.5 if n < 3 else 0.0 for n in range(576)]
    terms = tuple(Term((Factor(0, (0, n), value),)) for n, value in enumerate(values))
    expansion = Expansion(step.output, (0, 0), 1.5, (), Equation((0, 0), terms), step.inputs)
    rooms: list[int] = []

    def writer(room: int) -> Written:
        rooms.append(room)
        return write(expansion, room)

    course.views.equation.set_equation(writer)
    assert "573 more, all zero" in " ".join(piece.text for piece in course.views.equation.flow.written.pieces)
    assert len(rooms) < 12


def test_that_a_hit_count_is_not_told_as_a_number_of_the_array(course: StepPage, qtbot: QtBot) -> None:
    go(course, "conv1.d_x_pad", qtbot)
    course.command("into")
    course.command("into")
    counts, array = card(course, "hit count").view, card(course, "d_x_pad").view
    assert counts.cell_text((0, 0, 0)) == "hit count[0, 0, 0, 0] = 1"
    assert counts.cell_text((0, 20, 20)) == "hit count[0, 0, 20, 20] = 0"
    assert array.cell_text((0, 20, 20)) == "d_x_pad[0, 0, 20, 20] = 0.0"


def test_that_a_turned_filter_says_which_weight_is_where(course: StepPage, qtbot: QtBot) -> None:
    go(course, "conv1.d_x", qtbot)
    shown = next(c for c in course.views.panes.cards if c.pane.content == "flipped")
    held = course.run.array("conv1.weight")
    for place in ((0, 0, 0), (0, 1, 5), (0, 6, 6)):
        index = shown.pane.index(*place)
        assert shown.view.picture.values[place] == held[index]
        assert [tuple(int(i) for i in row) for row in shown.pane.places(np.asarray([index]))] == [place]
    assert shown.pane.index(0, 0, 0)[2:] == (6, 6)


def test_that_indices_stand_beside_the_columns_in_sight_and_follow_zoom_and_scroll(
    course: StepPage, qtbot: QtBot
) -> None:
    go(course, "conv1.wx_row", qtbot)
    shown = card(course, "x_col")
    holder, view = shown.view.parentWidget(), shown.view

    def numbered() -> list[int]:
        for tick in holder.ticks():
            x, y = view.viewport.to_cells(tick.place.center().x() - view.x(), tick.place.center().y() - view.y())
            assert abs((y if tick.is_row else x) - int(tick.text) - 0.5) < 0.01
        seen = view.visible_cells()
        columns = [int(tick.text) for tick in holder.ticks() if not tick.is_row]
        assert all(seen.left() - 0.6 <= column <= seen.right() for column in columns)
        return columns

    before = numbered()
    assert len(before) > 3
    view.zoom_by(3.0)
    zoomed = numbered()
    assert zoomed != before
    view.pan_by(-400, 0)
    assert numbered() != zoomed


def test_that_one_goes_to_a_cell_by_its_index(course: StepPage, qtbot: QtBot) -> None:
    go(course, "conv1.wx_row", qtbot)
    view = course.views.go_to
    qtbot.keyClick(course, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert view.isVisible()
    qtbot.keyClicks(view.field, "x_col[24, 9999]")
    qtbot.keyClick(view.field, Qt.Key.Key_Return)
    assert view.isVisible()
    assert view.reason.text() == "Expected 0 to 575 as column of x_col, got 9,999."
    view.field.clear()
    qtbot.keyClicks(view.field, "x_c")
    assert view.offered.text() == "Tab: conv1.x_col"
    qtbot.keyClick(view.field, Qt.Key.Key_Tab)
    assert view.field.text() == "conv1.x_col["
    qtbot.keyClicks(view.field, "24, 100]")
    qtbot.keyClick(view.field, Qt.Key.Key_Return)
    assert not view.isVisible()
    assert (course.debugger.cell().name, course.debugger.cell().index) == ("conv1.x_col", (24, 100))
    course.views.go.click()
    view.field.setText("conv1.bias[3]")
    qtbot.keyClick(view.field, Qt.Key.Key_Return)
    assert course.debugger.step.output == "conv1.z_row"
    assert course.debugger.cell().index == (3,)
    course.views.go.click()
    qtbot.keyClick(view.field, Qt.Key.Key_Escape)
    assert not view.isVisible()
