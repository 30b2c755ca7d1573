"""The view of an array: one matrix or a grid of maps, in the colours of its role, down to the numbers in its cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array_layout import Aspect, Cell, Tiling, Viewport, best_columns, clamp, fit, reveal, zoom
from convviz.gui.widgets.array_marks import cell_rect
from convviz.gui.widgets.array_painter import ArrayPainter
from convviz.gui.widgets.array_picture import Picture
from convviz.gui.widgets.demo import run_demo
from convviz.gui.widgets.marks import Mark
from convviz.present.colour import Role
from convviz.present.numbers import format_full, format_value

FOOT = 20
"""Height of the line for a note below the picture, in pixels."""

IndexOf = Callable[[int, int, int], tuple[int, ...]]
"""Gives the logical index of (tile, row, col)."""


class ArrayView(QWidget):
    """Shows a matrix, or maps of one size tiled into a grid, and says which cell the user means.

    How much is drawn follows the size of a cell in pixels: below 1 each pixel shows the cell furthest from zero (and a
    note says so); up to 6 plain colours; from there grid lines fade in, full at 12; from 28 numbers stand in the
    cells, as many digits as fit. Cells are square, or fill the view with ``aspect="free"``.

    Mouse: the wheel zooms about the pointer, dragging pans, a click picks, a double click opens. Keys: arrows move
    the cell cursor (Ctrl by ten, Page Up/Down by a tile or a page), Home/End go along the row, Space picks, Enter
    opens, + and - zoom, 0 shows all.

    Parameters
    ----------
    aspect : str
        ``square`` or ``free``: stretched to fill the view, for wide matrices.
    interactive : bool
        Whether it can be zoomed and panned. Without, the wheel is left to a scroll area around it.
    place : (float, float)
        Where the picture lies if there is room to spare: 0 left or top, 0.5 centred, 1 right or bottom.
    preferred_cell : int
        What a cell's size should be, in pixels, if there is room: decides the size hint.
    numbers, grid : bool
        Whether numbers and grid lines may be drawn at all.
    tooltip : bool
        Whether hovering tells index and value.
    by_tile : bool
        Whether arrow keys go from tile to tile and the pointer outlines a tile, for choosing one map of many.

    Attributes
    ----------
    cellHovered : Signal(tuple)
        The pointer or the cell cursor is on another cell. Carries its logical index: (row, col) of a matrix, (tile,
        row, col) of maps, (i,) of a vector, or what ``index_of`` gives.
    cellLeft : Signal()
        The pointer is on no cell any more.
    cellPicked : Signal(tuple)
        A click or Space.
    cellOpened : Signal(tuple)
        A double click or Enter.
    tilePicked : Signal(int)
        A click or Space somewhere in a tile; also for a matrix (0).
    viewChanged : Signal()
        Another part is visible: zoomed, panned or resized. See :meth:`visible_cells`.
    pictureChanged : Signal()
        :meth:`set_picture` brought something new.
    """

    cellHovered = Signal(tuple)
    cellLeft = Signal()
    cellPicked = Signal(tuple)
    cellOpened = Signal(tuple)
    tilePicked = Signal(int)
    viewChanged = Signal()
    pictureChanged = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        aspect: Aspect = "square",
        interactive: bool = True,
        place: tuple[float, float] = (0.5, 0.5),
        preferred_cell: int = 8,
        numbers: bool = True,
        grid: bool = True,
        tooltip: bool = True,
        by_tile: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._aspect: Aspect = aspect
        self._interactive = interactive
        self._place = place
        self._preferred_cell = preferred_cell
        self._tooltip = tooltip
        self._by_tile = by_tile
        self._name = name
        self._picture: Picture | None = None
        self._columns: int | None = None
        self._gap: float | None = None
        self._index_of: IndexOf | None = None
        self._tiling = Tiling(1, 1, 1)
        self._home = self._view = Viewport(1.0, 1.0)
        self._fitted = True
        self._laid_out = (1, 1)
        self._foot = 0
        self._marks: tuple[Mark, ...] = ()
        self._marks_key: object = ((), False)
        self._fade = False
        self._hovered: Cell | None = None
        self._cursor: Cell | None = None
        self._press: QPointF | None = None
        self._panning = False
        self._painter = ArrayPainter(self._theme, numbers=numbers, grid=grid)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(24, 24)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self._theme.changed.connect(self._theme_changed)

    # What is shown

    def set_picture(
        self,
        array: npt.ArrayLike | None,
        role: Role | str = Role.ACTIVATION,
        vmax: float | None = None,
        *,
        known: npt.ArrayLike | None = None,
        covered: npt.ArrayLike | None = None,
        columns: int | None = None,
        gap: float | None = None,
        index_of: IndexOf | None = None,
        name: str | None = None,
    ) -> bool:
        """Show an array; does nothing if it looks the same as what is shown.

        Parameters
        ----------
        array : array (w,), (h, w) or (tiles, h, w), or None
            Numbers; a vector is shown as one row, maps as a grid. ``None`` shows nothing. A writeable array is
            copied; one that is marked read-only is trusted to stay as it is.
        role : Role
            Decides the colour map.
        vmax : float, optional
            The value at the upper end of the scale; default is the array's own largest absolute value.
        known : bool array of the same shape or (h, w), optional
            Cells already computed; the others are hatched.
        covered : bool array of the same shape or (h, w), optional
            Cells that some window covers; the others are pale and hatched.
        columns : int, optional
            Maps in a row; default is as many as make them largest.
        gap : float, optional
            Between maps, in cells.
        index_of : callable, optional
            Gives the logical index of (tile, row, col) for the signals and the tooltip.
        name : str, optional
            Of the array: ``conv1.x_col``.

        Returns
        -------
        bool
            Whether anything changed.
        """
        self._index_of = index_of
        if name is not None and name != self._name:
            self._name = name
            self.setAccessibleName(name)
        if array is None:
            changed = self._picture is not None
            self._picture = None
        else:
            new = Picture.of(array, role, vmax, known, covered, earlier=self._picture)
            changed = new is not self._picture
            reshaped = (
                self._picture is None
                or new.shape != self._picture.shape
                or (columns, gap) != (self._columns, self._gap)
            )
            self._picture, self._columns, self._gap = new, columns, gap
            if reshaped:
                self._reset()
                changed = True
            elif changed:
                self._lay_out()  # another scale may bring a note, or take it away
        if changed:
            self._painter.forget_picture()
            self._describe()
            self.update()
            self.pictureChanged.emit()
        return changed

    def set_aspect(self, aspect: Aspect) -> None:
        """Keep cells square, or stretch the picture to fill the view (``free``)."""
        if aspect != self._aspect:
            self._aspect = aspect
            self._fitted = True
            self._lay_out()
            self.update()

    def set_marks(self, marks: Sequence[Mark] = (), fade_others: bool = False) -> bool:
        """Mark cells; with ``fade_others`` what isn't marked is paled. Returns whether anything changed."""
        key = (tuple(mark.key() for mark in marks), fade_others)
        if key == self._marks_key:
            return False
        self._marks_key, self._marks = key, tuple(marks)
        refade = fade_others or self._fade
        self._fade = fade_others
        if refade:
            self._painter.forget_colours()
        self.update()
        return True

    @property
    def picture(self) -> Picture | None:
        """What is shown, with its levels and its table entries."""
        return self._picture

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The marks shown."""
        return self._marks

    @property
    def fades_others(self) -> bool:
        """Whether what isn't marked is paled."""
        return self._fade

    @property
    def tiling(self) -> Tiling:
        """How the maps are laid out."""
        return self._tiling

    @property
    def viewport(self) -> Viewport:
        """How cells map to pixels now."""
        return self._view

    @property
    def cursor_cell(self) -> Cell | None:
        """Where the keyboard's cell cursor is, as (tile, row, col)."""
        return self._cursor

    @property
    def hovered_cell(self) -> Cell | None:
        """What the pointer is on, as (tile, row, col)."""
        return self._hovered

    def pointed_rect(self, cell: Cell) -> QRect:
        """Return the pixels to outline when a cell is pointed at: its own, or those of its tile."""
        if not self._by_tile:
            return self.rect_of(cell)
        return cell_rect(self._tiling, self._view, cell.tile, 0, 0, self._tiling.height, self._tiling.width)

    def detail_note(self) -> str:
        """Return what a pixel stands for where it holds several cells, else an empty text."""
        return self._painter.detail_note(self._picture, self._tiling, self._view)

    def number_exponent(self) -> int:
        """Return the power of ten that the numbers in the cells are divided by."""
        return self._picture.exponent if self._picture is not None else 0

    def cell_text(self, cell: Cell | tuple[int, int, int] | None = None) -> str:
        """Say what a cell holds, all digits: ``x_col[12, 300] = 0.99607843``; default is the cursor's cell."""
        cell = Cell(*cell) if cell is not None else self._cursor
        if cell is None or self._picture is None:
            return ""
        index = ", ".join(map(str, self.logical_index(cell)))
        picture = self._picture
        label = f"{self._name}[{index}]" if self._name else f"[{index}]"
        if not picture.is_known(cell):
            return f"{label}: not computed yet"
        text = f"{label} = {format_full(picture.value(cell))}"
        if not picture.is_covered(cell):
            text += "\nno window covers this cell"
        if picture.beyond_scale(cell):
            text += f"\nbeyond the scale, which ends at {format_value(picture.vmax)}"
        return text

    def logical_index(self, cell: Cell) -> tuple[int, ...]:
        """Return the index that signals carry for a cell."""
        if self._index_of is not None:
            return tuple(self._index_of(*cell))
        dimensions = 3 if self._picture is None else self._picture.dimensions
        return {1: (cell.col,), 2: (cell.row, cell.col)}.get(dimensions, tuple(cell))

    # What part of it

    def fit(self) -> None:
        """Show everything."""
        self._fitted = True
        self._lay_out()

    def is_fitted(self) -> bool:
        """Return whether everything is shown, and stays so when the view is resized."""
        return self._fitted

    def show_cells(self, rect: tuple[int, int, int, int], tile: int = 0) -> None:
        """Zoom so that (row, col, height, width) fills the view; −1 means to the end.

        With free aspect only columns are zoomed: all rows stay in sight.
        """
        if self._picture is None:
            return
        row, col, rows, cols = rect
        rows = self._tiling.height - row if rows < 0 else rows
        cols = self._tiling.width - col if cols < 0 else cols
        x, y = self._tiling.origin(tile)
        high = self._area_height()
        sx, sy = self.width() / max(cols, 1), high / max(rows, 1)
        if self._aspect == "square":
            sx = sy = max(self._home.scale_x, min(sx, sy, 120.0))
        else:
            sx, sy = max(self._home.scale_x, min(sx, 120.0)), self._home.scale_y
        centre_x, centre_y = x + col + cols / 2, y + row + rows / 2
        view = Viewport(sx, sy, self.width() / 2 - centre_x * sx, high / 2 - centre_y * sy)
        self._fitted = False
        self._set_view(view)

    def keep_in_view(self, row: int, col: int, tile: int = 0, margin: int = 1) -> None:
        """Pan as little as needed to show a cell and ``margin`` cells around it."""
        x, y = self._tiling.origin(tile)
        self._set_view(
            reveal(
                self._view,
                x + max(0, col - margin),
                y + max(0, row - margin),
                x + min(self._tiling.width, col + 1 + margin),
                y + min(self._tiling.height, row + 1 + margin),
                self.width(),
                self._area_height(),
            )
        )

    def centre_on(self, x: float, y: float | None = None) -> None:
        """Pan so that a place, in cells, is in the middle."""
        view = self._view
        new_y = view.y if y is None else self._area_height() / 2 - y * view.scale_y
        self._fitted = False
        self._set_view(Viewport(view.scale_x, view.scale_y, self.width() / 2 - x * view.scale_x, new_y))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a pixel; default is the middle of the view."""
        at = QPointF(self.width() / 2, self._area_height() / 2) if at is None else at
        new = zoom(self._view, factor, at.x(), at.y(), self._home, self._aspect)
        at_home = new.scale_x <= self._home.scale_x and new.scale_y <= self._home.scale_y
        if at_home:
            self.fit()
        else:
            self._fitted = False
            self._set_view(new)

    def visible_cells(self) -> QRectF:
        """Return what is visible, in cells of the content: x and width are columns."""
        left, top = self._view.to_cells(0, 0)
        right, bottom = self._view.to_cells(self.width(), self._area_height())
        all_of_it = QRectF(0, 0, self._tiling.content_width, self._tiling.content_height)
        return QRectF(left, top, right - left, bottom - top).intersected(all_of_it)

    def content_height_in(self, width: int, height: int) -> int:
        """Return how high everything is when fitted into a view of some size, in pixels."""
        if self._picture is None:
            return 0
        tiling = self._tiling_for(max(1, width), max(1, height))
        home = fit(tiling, max(1, width), max(1, height), self._aspect, self._place)
        return min(height, math.ceil(tiling.content_height * home.scale_y))

    def cell_at(self, position: QPoint | QPointF) -> Cell | None:
        """Return the cell (tile, row, col) at a pixel; ``None`` in a gap or outside."""
        if self._picture is None or position.y() >= self._area_height():
            return None
        return self._tiling.cell_at(*self._view.to_cells(position.x(), position.y()))

    def picture_area(self) -> QRect:
        """Return the pixels the picture may take: all but the line for a note below it, if there is one."""
        return QRect(0, 0, self.width(), self._area_height())

    def rect_of(self, cell: Cell | tuple[int, int, int]) -> QRect:
        """Return the pixels of a cell (tile, row, col)."""
        tile, row, col = cell
        return cell_rect(self._tiling, self._view, tile, row, col, row + 1, col + 1)

    def set_cursor_cell(self, cell: Cell | tuple[int, int, int] | None) -> None:
        """Put the cell cursor somewhere, without a signal."""
        self._cursor = None if cell is None else Cell(*cell)
        self._describe()
        self.update()

    # Qt

    def sizeHint(self) -> QSize:
        if self._picture is None:
            return QSize(160, 120)
        side = self._preferred_cell
        width, height = self._tiling.content_width * side, self._tiling.content_height * side
        return QSize(round(min(max(width, 48), 480)), round(min(max(height, 32), 360)))

    def paintEvent(self, event: QPaintEvent) -> None:
        self._painter.paint(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tell(event.pos(), event.globalPos())
            return True
        if (
            isinstance(event, QNativeGestureEvent)
            and self._interactive
            and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture
        ):
            self.zoom_by(1.0 + event.value(), event.position())
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._interactive or self._picture is None:
            event.ignore()
            return
        turn = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(turn.x()) > abs(turn.y()):
            self._pan_by(turn.x() or turn.y(), 0)
        else:
            self.zoom_by(1.2 ** (turn.y() / 120), event.position())
            self._hover(self.cell_at(event.position()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press = event.position()
            self._panning = event.button() == Qt.MouseButton.MiddleButton
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        if self._press is not None and self._interactive and not self._fitted:
            way = position - self._press
            if self._panning or way.manhattanLength() >= QApplication.startDragDistance():
                self._panning = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._press = position
                self._pan_by(way.x(), way.y())
                return
        self._hover(self.cell_at(position))
        if QToolTip.isVisible():
            self._tell(position.toPoint(), event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, panned = self._press, self._panning
        self._press, self._panning = None, False
        self.unsetCursor()
        if event.button() != Qt.MouseButton.LeftButton or pressed is None or panned:
            return
        cell = self.cell_at(event.position())
        if cell is not None and cell == self.cell_at(pressed):
            self._cursor = cell
            self._pick(cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.cellOpened.emit(self.logical_index(cell))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(None)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        tabbed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if tabbed and self._cursor is None and self._picture is not None:
            self.set_cursor_cell(Cell(0, 0, 0))
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._picture is None or not self._key(event):
            super().keyPressEvent(event)

    # How

    def _key(self, event: QKeyEvent) -> bool:
        keys = Qt.Key
        key, tiling = event.key(), self._tiling
        stride = 10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        across, down = (tiling.width, tiling.height) if self._by_tile else (stride, stride)
        page = tiling.height if tiling.tiles > 1 else max(1, int(self._area_height() / self._view.scale_y))
        moves = {
            keys.Key_Left: (0, -across),
            keys.Key_Right: (0, across),
            keys.Key_Up: (-down, 0),
            keys.Key_Down: (down, 0),
            keys.Key_PageUp: (-page, 0),
            keys.Key_PageDown: (page, 0),
            keys.Key_Home: (0, -(self._cursor.col if self._cursor else 0)),
            keys.Key_End: (0, tiling.width - 1 - (self._cursor.col if self._cursor else 0)),
        }
        move = moves.get(keys(key)) if key in set(moves) else None
        if move is not None:
            start = self._cursor or self._hovered
            self._move_to(Cell(0, 0, 0) if start is None else tiling.moved(start, *move))
        elif key == keys.Key_Space and self._cursor is not None:
            self._pick(self._cursor)
        elif key in (keys.Key_Return, keys.Key_Enter) and self._cursor is not None:
            self.cellOpened.emit(self.logical_index(self._cursor))
        elif key in (keys.Key_Plus, keys.Key_Equal) and self._interactive:
            self.zoom_by(1.5, self._cursor_point())
        elif key == keys.Key_Minus and self._interactive:
            self.zoom_by(1 / 1.5, self._cursor_point())
        elif key == keys.Key_0 and self._interactive:
            self.fit()
        else:
            return False
        return True

    def _move_to(self, cell: Cell) -> None:
        self._cursor = cell
        self.keep_in_view(cell.row, cell.col, cell.tile)
        self._describe()
        self.update()
        self.cellHovered.emit(self.logical_index(cell))

    def _cursor_point(self) -> QPointF | None:
        return None if self._cursor is None else QPointF(self.rect_of(self._cursor).center())

    def _pick(self, cell: Cell) -> None:
        self._describe()
        self.update()
        self.cellPicked.emit(self.logical_index(cell))
        self.tilePicked.emit(cell.tile)

    def _hover(self, cell: Cell | None) -> None:
        if cell == self._hovered:
            return
        self._hovered = cell
        self.update()
        if cell is None:
            QToolTip.hideText()
            self.cellLeft.emit()
        else:
            self.cellHovered.emit(self.logical_index(cell))

    def _tell(self, position: QPoint, global_position: QPoint) -> None:
        cell = self.cell_at(position)
        if cell is None or not self._tooltip:
            QToolTip.hideText()
            return
        text = self.cell_text(cell)
        note = self.detail_note()
        QToolTip.showText(global_position, f"{text}\n{note}" if note else text, self)

    def _pan_by(self, dx: float, dy: float) -> None:
        view = self._view
        self._set_view(Viewport(view.scale_x, view.scale_y, view.x + dx, view.y + dy))

    def _reset(self) -> None:
        self._hovered = None
        self._fitted = True
        if self._cursor is not None and self._picture is not None:
            tiles, height, width = self._picture.shape
            inside = self._cursor.tile < tiles and self._cursor.row < height and self._cursor.col < width
            self._cursor = self._cursor if inside else None
        self._lay_out()
        self.updateGeometry()

    def _lay_out(self) -> None:
        if self._picture is None:
            return
        view_w, view_h = max(1, self.width()), max(1, self.height())
        self._foot = 0
        self._tiling = self._tiling_for(view_w, view_h)
        self._home = fit(self._tiling, view_w, view_h, self._aspect, self._place)
        if self._wants_foot(self._home if self._fitted else self._view):
            lower = view_h - FOOT
            tiling = self._tiling_for(view_w, lower)
            home = fit(tiling, view_w, lower, self._aspect, self._place)
            # Square cells get smaller by it: so small, perhaps, that there is nothing to note any more.
            if not self._fitted or self._wants_foot(home):
                self._foot, self._tiling, self._home, view_h = FOOT, tiling, home, lower
        self._set_view(self._home if self._fitted else self._rescaled(view_w, view_h))
        self._laid_out = (view_w, view_h)

    def _wants_foot(self, view: Viewport) -> bool:
        """Return whether there is something to write below the picture: over it, the note would hide cells."""
        if not self._fitted and self._aspect == "square":
            return False  # zooming would make the picture jump
        note = self._painter.note(self._picture, self._tiling, view)
        return bool(note) and self.height() >= 100 and self._painter.note_width(note) <= self.width()

    def _area_height(self) -> int:
        return max(1, self.height() - self._foot)

    def _rescaled(self, view_w: int, view_h: int) -> Viewport:
        """Return the viewport that shows the same part in a view of another size."""
        view, (old_w, old_h) = self._view, self._laid_out
        wider, higher = view_w / old_w, view_h / old_h
        if self._aspect == "square":
            wider = higher = min(wider, higher)
        sx = max(self._home.scale_x, view.scale_x * wider)
        sy = max(self._home.scale_y, view.scale_y * higher)
        x, y = view.to_cells(old_w / 2, old_h / 2)
        return Viewport(sx, sy, view_w / 2 - x * sx, view_h / 2 - y * sy)

    def _tiling_for(self, view_w: int, view_h: int) -> Tiling:
        assert self._picture is not None
        tiles, height, width = self._picture.shape
        gap = self._gap
        if gap is None:
            gap = 0.0 if tiles == 1 else max(0.4, 0.08 * max(height, width))
        columns = self._columns or best_columns(tiles, height, width, gap, view_w, view_h)
        return Tiling(tiles, height, width, min(columns, tiles), gap)

    def _set_view(self, view: Viewport) -> None:
        new = clamp(self._tiling, view, self.width(), self._area_height(), self._place)
        if new == self._view:
            return
        self._view = new
        if not self._fitted and self._wants_foot(new) != bool(self._foot):
            self._lay_out()
        self.update()
        self.viewChanged.emit()

    def _describe(self) -> None:
        if self._picture is None:
            self.setAccessibleDescription("nothing to show yet")
            return
        size = "×".join(map(str, self._picture.given_shape))
        cell = self.cell_text()
        self.setAccessibleDescription(f"{size}, {self._picture.role.value}" + (f"; {cell}" if cell else ""))

    def _theme_changed(self) -> None:
        self._painter.forget()
        self.update()


def demo_x_col() -> npt.NDArray[np.float32]:
    """Return the 7×7 windows of a drawn stroke, (49, 576), for demonstrations."""
    y, x = np.mgrid[0:30, 0:30]
    ring = np.abs(np.hypot((x - 15) * 1.3, y - 15) - 9)
    image = np.clip(1.6 - ring * 0.7, 0, 1).astype(np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(image, (7, 7))
    return windows.transpose(2, 3, 0, 1).reshape(49, 576)


def _demo() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    draw = np.random.default_rng(0)
    one = ArrayView(name="conv1.weight[12]")
    one.set_picture(draw.normal(0, 0.3, (7, 7)).astype(np.float32), Role.WEIGHT)
    one.set_marks([Mark.cell(3, 3)])
    wide = ArrayView(aspect="free", name="conv1.x_col")
    wide.set_picture(draw.random((49, 36_864), dtype=np.float32) ** 4, Role.INPUT, 1.0)
    maps = ArrayView(name="conv1.z")
    maps.set_picture(draw.normal(0, 1, (32, 24, 24)).astype(np.float32), Role.PREACTIVATION)
    for view in (one, wide, maps):
        layout.addWidget(view, 1)
    return page


if __name__ == "__main__":
    run_demo(_demo, "ArrayView", (900, 900))
