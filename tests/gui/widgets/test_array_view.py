"""None"""

from __future__ import annotations

import numpy as np
import pytest
from array_hands import hover, wheel
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QToolTip

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.layout import TileCell
from convviz.gui.widgets.array.view import ArrayView


# The pointer
def test_that_hovering_names_the_cell_under_the_pointer_once(view: ArrayView, qtbot) -> None:
    seen: list[tuple] = []
    view.cellHovered.connect(seen.append)
    for x in (30, 35, 45):
        hover(view, x, 110)
    assert seen == [(5, 1), (5, 2)]


def test_that_leaving_is_said_once(view: ArrayView, qtbot) -> None:
    left: list[int] = []
    view.cellLeft.connect(lambda: left.append(1))
    hover(view, 30, 30)
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert left == [1]


def test_that_gaps_between_tiles_belong_to_no_cell(maps: ArrayView) -> None:
    assert (maps.viewport.scale_x, maps.viewport.x) == (10.0, 0)
    assert maps.cell_at(QPoint(39, 5)) == TileCell(0, 0, 3)
    assert maps.cell_at(QPoint(45, 5)) is None
    assert maps.cell_at(QPoint(51, 5)) == TileCell(1, 0, 0)
    assert maps.cell_at(QPoint(5, 45)) is None
    assert maps.cell_at(QPoint(55, 65)) == TileCell(4, 1, 0)


def test_that_going_from_a_tile_into_a_gap_leaves_the_cell(maps: ArrayView, qtbot) -> None:
    hover(maps, 39, 5)
    with qtbot.waitSignal(maps.cellLeft, timeout=500):
        hover(maps, 45, 5)


def test_that_a_click_picks_the_cell_and_its_tile(maps: ArrayView, qtbot) -> None:
    seen: list[object] = []
    maps.cellPicked.connect(seen.append)
    maps.tilePicked.connect(seen.append)
    qtbot.mouseClick(maps, Qt.MouseButton.LeftButton, pos=QPoint(105, 72))
    assert seen == [(5, 2, 0), 5]


def test_that_a_click_into_a_gap_picks_nothing(maps: ArrayView, qtbot) -> None:
    with qtbot.assertNotEmitted(maps.cellPicked), qtbot.assertNotEmitted(maps.tilePicked):
        qtbot.mouseClick(maps, Qt.MouseButton.LeftButton, pos=QPoint(45, 5))


def test_that_a_double_click_opens(view: ArrayView, qtbot) -> None:
    with qtbot.waitSignal(view.cellOpened, timeout=500) as caught:
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=QPoint(50, 10))
    assert caught.args == [(0, 2)]


def test_that_signals_carry_the_logical_index_of_the_hook(view: ArrayView, qtbot) -> None:
    view.set_picture(np.zeros((10, 10)), index_of=lambda tile, row, col: (7, tile, row * 100, col))
    with qtbot.waitSignal(view.cellPicked, timeout=500) as caught:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(30, 50))
    assert caught.args == [(7, 0, 200, 1)]


def test_that_a_vector_has_one_index(qtbot, theme: Theme) -> None:
    made = ArrayView(name="bias")
    qtbot.addWidget(made)
    made.resize(100, 20)
    made.set_picture(np.arange(5.0), "weight")
    assert made.logical_index(TileCell(0, 0, 3)) == (3,)
    assert made.cell_text((0, 0, 3)) == "bias[3] = 3.0"


def test_that_dragging_pans_and_picks_nothing(view: ArrayView, qtbot) -> None:
    view.zoom_by(2)
    before = view.visible_cells()
    with qtbot.assertNotEmitted(view.cellPicked):
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        for x in (90, 80, 60):
            place = QPointF(x, 100)
            move = QMouseEvent(
                QEvent.Type.MouseMove,
                place,
                view.mapToGlobal(place),
                Qt.MouseButton.NoButton,
                Qt.MouseButton.LeftButton,
                Qt.KeyboardModifier.NoModifier,
            )
            QApplication.sendEvent(view, move)
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(60, 100))
    assert view.visible_cells().left() == pytest.approx(before.left() + 1)


def test_that_the_tooltip_tells_index_and_every_digit(view: ArrayView) -> None:
    view.set_picture(np.full((10, 10), 0.1, np.float32), "weight", 1.0)
    place = QPoint(30, 50)
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert QToolTip.text() == "x[2, 1] = 0.1"


# The wheel
def test_that_the_wheel_zooms_about_the_pointer(view: ArrayView) -> None:
    before = view.viewport.to_cells(60, 140)
    assert wheel(view, 60, 140, 240).isAccepted()
    assert view.viewport.scale_x > 20
    assert view.viewport.to_cells(60, 140) == pytest.approx(before)


def test_that_a_view_that_is_not_interactive_leaves_the_wheel_to_others(qtbot, theme: Theme) -> None:
    made = ArrayView(interactive=False)
    qtbot.addWidget(made)
    made.set_picture(np.zeros((4, 4)))
    assert not wheel(made, 5, 5, 120).isAccepted()
    assert made.is_fitted()


# The keyboard
def test_that_arrow_keys_move_the_cursor_and_tell_it(view: ArrayView, qtbot) -> None:
    seen: list[tuple] = []
    view.cellHovered.connect(seen.append)
    keys = Qt.Key
    for key in (keys.Key_Down, keys.Key_Down, keys.Key_Right, keys.Key_End, keys.Key_Right, keys.Key_Home):
        qtbot.keyClick(view, key)
    assert seen == [(0, 0), (1, 0), (1, 1), (1, 9), (1, 9), (1, 0)]


def test_that_ctrl_moves_ten_cells(view: ArrayView, qtbot) -> None:
    view.set_cursor_cell((0, 5, 0))
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert view.cursor_cell == (0, 5, 9)


def test_that_space_picks_and_enter_opens_the_cell_of_the_cursor(view: ArrayView, qtbot) -> None:
    view.set_cursor_cell((0, 3, 4))
    with qtbot.waitSignal(view.cellPicked, timeout=500) as picked:
        qtbot.keyClick(view, Qt.Key.Key_Space)
    with qtbot.waitSignal(view.cellOpened, timeout=500) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert picked.args == opened.args == [(3, 4)]


def test_that_plus_minus_and_zero_zoom(view: ArrayView, qtbot) -> None:
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.viewport.scale_x == pytest.approx(30)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.viewport.scale_x == pytest.approx(30)
    qtbot.keyClick(view, Qt.Key.Key_0)
    assert view.is_fitted()
    assert view.viewport.scale_x == 20


def test_that_the_view_follows_the_cursor(view: ArrayView, qtbot) -> None:
    view.zoom_by(3, QPointF(0, 0))
    view.set_cursor_cell((0, 0, 0))
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert view.visible_cells().right() == pytest.approx(10)


def test_that_escape_is_left_to_the_window(view: ArrayView, qtbot) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    view.keyPressEvent(event)
    assert not event.isAccepted()


def test_that_a_grid_of_tiles_is_walked_by_tiles(qtbot, theme: Theme) -> None:
    made = ArrayView(by_tile=True)
    qtbot.addWidget(made)
    made.resize(140, 90)
    made.set_picture(np.zeros((6, 4, 4)), columns=3, gap=1.0)
    made.set_cursor_cell((1, 0, 0))
    qtbot.keyClick(made, Qt.Key.Key_Down)
    assert made.cursor_cell.tile == 4
    qtbot.keyClick(made, Qt.Key.Key_Left)
    with qtbot.waitSignal(made.tilePicked, timeout=500) as caught:
        qtbot.keyClick(made, Qt.Key.Key_Space)
    assert caught.args == [3]


def test_that_a_screen_reader_is_told_name_size_and_cell(view: ArrayView) -> None:
    view.set_cursor_cell((0, 1, 2))
    assert view.accessibleName() == "x"
    assert view.accessibleDescription() == "10×10, activation; x[1, 2] = 12.0"


def test_that_a_tooltip_stands_below_the_cell_that_it_explains(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    view = ArrayView()
    qtbot.addWidget(view)
    view.resize(200, 200)
    view.set_picture(np.arange(16.0).reshape(4, 4))
    view.show()
    qtbot.waitExposed(view)
    told: list[QPoint] = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, widget: told.append(widget.mapFromGlobal(at)))
    cell = view.rect_of((0, 1, 1))
    at = cell.center()
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, at, view.mapToGlobal(at)))
    assert told
    assert told[-1].y() >= cell.bottom()
