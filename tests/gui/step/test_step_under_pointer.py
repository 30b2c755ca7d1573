"""The cell that is explained, told and selected is the one under the pointer, also after pictures moved under it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from convviz.gui.workspaces.step.page import StepPage
from convviz.gui.workspaces.step.views.panes.card import PaneCard
from tests.support.step_hands import course, point_of


@pytest.fixture
def product(workspace: StepPage, qtbot: QtBot) -> StepPage:
    """The first product of the course network."""
    course(workspace)
    number = next(s.index for s in workspace.run.program.steps if s.output == "conv1.wx_row")
    workspace.step_to(number)
    qtbot.waitUntil(lambda: workspace.run.cursor.step == number and workspace.is_idle())
    rest_on(workspace, workspace.views.heading, QPoint(2, 2))
    return workspace


def rest_on(step: StepPage, widget: QWidget, at: QPoint) -> None:
    """Move the pointer there as the window system does: widgets learn that it comes and leaves."""
    window = step.window().windowHandle()
    QTest.mouseMove(window, window.mapFromGlobal(widget.mapToGlobal(at)))


def written(name: str, index: tuple[int, ...]) -> str:
    return f"{name.rpartition('.')[2]}{list(index)}"


def output(step: StepPage) -> PaneCard:
    return next(shown for shown in step.views.panes.cards if shown.pane.array == "conv1.wx_row")


def under(shown: PaneCard, place: QPointF) -> str:
    """The cell that lies at a place on the screen."""
    cell = shown.view.cell_at(shown.view.mapFromGlobal(place))
    return "" if cell is None else written(shown.pane.array, shown.view.logical_index(cell))


def settle(step: StepPage, qtbot: QtBot) -> None:
    """Wait until the layout and the slower texts have followed."""
    later: list[bool] = []
    QTimer.singleShot(0, step, lambda: QTimer.singleShot(0, step, lambda: later.append(True)))
    qtbot.waitUntil(lambda: bool(later) and step.is_idle())


def unfold(step: StepPage, qtbot: QtBot) -> None:
    """Write out the equation, as one does with the pointer: the pictures get lower."""
    flow, high = step.views.equation.flow, step.views.panes.height()
    fold = flow.fold_place.center()
    rest_on(step, flow, fold)
    QTest.mouseClick(flow, Qt.MouseButton.LeftButton, pos=fold)
    assert flow.is_open
    qtbot.waitUntil(lambda: step.views.panes.height() < high)
    settle(step, qtbot)


def test_that_pictures_stay_where_they_are_while_the_pointer_is_on_them(product: StepPage, qtbot: QtBot) -> None:
    unfold(product, qtbot)
    shown, views = output(product), product.views
    at, area = point_of(shown, 20, 8), shown.view.rect_of((0, 20, 8))
    place = QPointF(shown.view.mapToGlobal(at))
    pointed = under(shown, place)
    rest_on(product, shown.view, at)
    settle(product, qtbot)
    assert shown.view.rect_of((0, 20, 8)) == area
    assert views.cell_title.text() == views.equation.title.text() == pointed
    QTest.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=at)
    settle(product, qtbot)
    pinned = product.debugger.pinned
    assert pinned is not None
    assert written(pinned.name, pinned.index) == pointed == under(shown, place)
    assert views.cell_title.text() == views.equation.title.text() == pointed
    rest_on(product, views.heading, QPoint(2, 2))
    settle(product, qtbot)
    assert shown.view.hovered_cell is None
    assert views.cell_title.text() == pointed


def test_that_an_unfolded_equation_comes_back_when_the_pointer_leaves_the_pictures(
    product: StepPage, qtbot: QtBot
) -> None:
    unfold(product, qtbot)
    views, cell = product.views, product.views.cell_title.text()
    shown, high = output(product), product.views.panes.height()
    rest_on(product, shown.view, point_of(shown, 20, 8))
    settle(product, qtbot)
    assert not views.equation.flow.is_open, "only of the chosen cell all is written"
    rest_on(product, views.heading, QPoint(2, 2))
    settle(product, qtbot)
    assert views.cell_title.text() == cell
    assert views.equation.flow.is_open
    assert views.panes.height() == high


def test_that_a_step_makes_room_for_its_own_equation_although_the_pointer_is_on_the_pictures(
    product: StepPage, qtbot: QtBot
) -> None:
    unfold(product, qtbot)
    high = product.views.equation.height()
    shown = output(product)
    rest_on(product, shown.view, point_of(shown, 20, 8))
    product.command("over")
    settle(product, qtbot)
    assert product.views.equation.height() < high


def test_that_another_cell_that_comes_under_a_resting_pointer_is_the_one_explained_and_told(
    product: StepPage, qtbot: QtBot
) -> None:
    shown, views = output(product), product.views
    at = point_of(shown, 20, 8)
    place = QPointF(shown.view.mapToGlobal(at))
    rest_on(product, shown.view, at)
    QApplication.sendEvent(shown.view, QHelpEvent(QEvent.Type.ToolTip, at, place.toPoint()))
    before = under(shown, place)
    assert views.cell_title.text() == before
    assert QToolTip.text().startswith(before)
    product.resize(1440, 880)
    qtbot.waitUntil(lambda: under(shown, place) != before)
    settle(product, qtbot)
    assert under(shown, place), "the place is still on the picture"

    def agree() -> bool:
        # The words of another cell may move the pictures once more. A tooltip closes by itself, too, which a slow
        # machine may wait for; Qt keeps the text of a closed one for a moment.
        pointed = under(shown, place)
        titles = views.cell_title.text() == views.equation.title.text() == pointed
        return titles and (not QToolTip.isVisible() or QToolTip.text().startswith(pointed))

    qtbot.waitUntil(agree)
    assert written(shown.pane.array, shown.view.logical_index(shown.view.hovered_cell)) == under(shown, place)


def test_that_a_picture_that_leaves_the_pointer_is_not_explained_any_more(product: StepPage, qtbot: QtBot) -> None:
    shown, chosen = output(product), product.views.cell_title.text()
    at = point_of(shown, 21, 8)
    rest_on(product, shown.view, at)
    assert product.views.cell_title.text() != chosen
    product.resize(1440, 480)
    qtbot.waitUntil(lambda: shown.view.hovered_cell is None)
    qtbot.waitUntil(lambda: product.debugger.hovered is None)
    assert product.views.cell_title.text() == chosen


def test_that_no_outline_is_left_where_the_pointer_was_before_a_step(product: StepPage, qtbot: QtBot) -> None:
    shown = output(product)
    rest_on(product, shown.view, point_of(shown, 20, 8))
    assert shown.view.hovered_cell is not None
    product.command("over")
    settle(product, qtbot)
    assert all(one.view.hovered_cell is None for one in product.views.panes.cards)
    assert product.debugger.hovered is None


def test_that_a_number_of_the_equation_is_outlined_only_while_it_is_pointed_at(product: StepPage, qtbot: QtBot) -> None:
    def outlines() -> list[object]:
        views = [shown.view for shown in product.views.panes.cards]
        return [view.scene(view.picture).pointed for view in views if view.picture is not None]

    flow = product.views.equation.flow
    part = next(span.part for piece in flow.written.pieces for span in piece.spans if span.part is not None)
    rest_on(product, flow, flow.place_of(part).center())
    assert any(outlines())
    rest_on(product, product.views.heading, QPoint(2, 2))
    assert not any(outlines())
