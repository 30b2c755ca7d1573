"""The view of an array: one matrix or a grid of maps, in the colours of its role, down to the numbers in its cells."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from convviz.gui.widgets.array.canvas import ArrayCanvas
from convviz.gui.widgets.array.layout import Aspect, TileCell
from convviz.gui.widgets.focus_keys import FocusKeys

MOST_AWAY = 80
"""The tooltip lies below a cell that ends less than this far below the pointer, in pixels; else at the pointer."""


class ArrayView(ArrayCanvas):
    """Shows a matrix, or maps of one size tiled into a grid, and emits the cell that the user points at.

    The detail depends on the size of a cell in pixels. Below 1, a pixel shows the one of its cells furthest from zero,
    or the root mean square of many (a note says which); up to 6, there are plain colours; then grid lines fade in,
    fully visible at 12; from 20 on, cells contain numbers: whole ones of two digits with a common power of ten, and
    from 28 on as many digits as fit. Cells are square, or fill the view with ``aspect="free"``.

    Mouse: the wheel zooms about the pointer, dragging pans, a click picks, a double click opens. Keys: arrows move
    the cell cursor (Ctrl by ten, Page Up/Down by a tile or a page), Home/End go along the row, Space picks, Enter
    opens, + and - zoom, 0 shows all.

    Parameters
    ----------
    aspect : str
        ``square`` or ``free``: stretched to fill the view, for wide matrices.
    interactive : bool
        Whether it can be zoomed and panned. If not, the wheel scrolls the surrounding scroll area.
    place : (float, float)
        Alignment of the picture if there is spare room: 0 left or top, 0.5 centred, 1 right or bottom.
    preferred_cell : int
        Preferred size of a cell in pixels, for the size hint.
    numbers, grid : bool
        Whether numbers and grid lines may be drawn at all.
    by_tile : bool
        Whether arrow keys go from tile to tile and the pointer outlines a tile, for choosing one map of many.
    exponent_note : bool
        Whether the power of ten by which numbers are divided is written below; if not, the view's owner must show it.
    tile_numbers : bool
        Whether each of several maps has its number in its corner, where there is room.

    Attributes
    ----------
    cellHovered : Signal(tuple)
        The pointer or the cell cursor moved to another cell. Carries its logical index: (row, col) of a matrix, (tile,
        row, col) of maps, (i,) of a vector, or what ``index_of`` gives.
    cellLeft : Signal()
        The pointer has left the cells.
    cellPicked : Signal(tuple)
        A click or Space.
    cellOpened : Signal(tuple)
        A double click or Enter.
    tilePicked : Signal(int)
        A click or Space in a tile; 0 for a matrix.
    viewChanged : Signal()
        Another part is visible: zoomed, panned or resized. See :meth:`visible_cells`.
    pictureChanged : Signal()
        :meth:`set_picture` has changed the picture.
    """

    KEYS = FocusKeys(
        "a picture of numbers",
        {
            "Another cell": ("Left", "Right", "Up", "Down"),
            "Ten cells further": ("Ctrl+Left", "Ctrl+Right", "Ctrl+Up", "Ctrl+Down"),
            "A page or a map up or down": ("PgUp", "PgDown"),
            "The first or the last column": ("Home", "End"),
            "Choose the cell": ("Space",),
            "Open or enlarge it": ("Return", "Enter"),
            "Zoom in": ("+", "="),
            "Zoom out": ("-",),
            "Show all of it": ("0",),
        },
    )

    cellHovered = Signal(tuple)
    cellLeft = Signal()
    cellPicked = Signal(tuple)
    cellOpened = Signal(tuple)
    tilePicked = Signal(int)

    _pointer: QPointF | None = None
    """Where on the screen the pointer was last seen on the view."""

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
        by_tile: bool = False,
        exponent_note: bool = True,
        tile_numbers: bool = False,
        name: str = "",
    ) -> None:
        super().__init__(
            parent,
            aspect=aspect,
            place=place,
            preferred_cell=preferred_cell,
            numbers=numbers,
            grid=grid,
            by_tile=by_tile,
            exponent_note=exponent_note,
            tile_numbers=tile_numbers,
            name=name,
        )
        self._interactive = interactive
        self._press: QPointF | None = None
        self._looking: QTimer | None = None
        self._panning = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    # Qt

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
            self.pan_by(turn.x() or turn.y(), 0)
        else:
            self.zoom_by(1.2 ** (turn.y() / 120), event.position())
            self._point(event.position(), event.globalPosition())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._press = event.position()
            self._panning = event.button() == Qt.MouseButton.MiddleButton
            self._point(event.position(), event.globalPosition())
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = event.position()
        if self._press is not None and self._interactive and not self.is_fitted():
            way = position - self._press
            if self._panning or way.manhattanLength() >= QApplication.startDragDistance():
                self._panning = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._press = position
                self._pointer = event.globalPosition()
                self.pan_by(way.x(), way.y())
                return
        self._point(position, event.globalPosition())
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
        self._pointer = None
        self._hover(None)
        super().leaveEvent(event)

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self.look_again()

    def focusInEvent(self, event: QFocusEvent) -> None:
        tabbed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if tabbed and self._cursor is None and self._picture is not None:
            self.set_cursor_cell(TileCell(0, 0, 0))
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._picture is None or not self._key(event):
            super().keyPressEvent(event)

    def look_again(self) -> None:
        """Look again, soon, for the cell under a resting pointer, because the picture or the view has moved.

        No event tells a view that it was moved along with its parents: whoever moves those has to call this.
        """
        if self._pointer is None:
            return
        if self._looking is None:
            # Later: a change of the layout moves views several times before it is done.
            self._looking = QTimer(self, singleShot=True, interval=0)
            self._looking.timeout.connect(self._seen_again)
        self._looking.start()

    def forget_pointer(self) -> None:
        """Point at no cell until the pointer moves again, without a signal."""
        self._pointer = None
        if self._hovered is not None:
            self._hovered = None
            self.update()

    def point_from(self, place: QPointF) -> None:
        """Point at the cell at a place on the screen, where the pointer rests."""
        is_told = QToolTip.isVisible()
        self._point(self.mapFromGlobal(place), place)
        if is_told:  # where the view is now: whoever hears of the cell may have moved it
            self._tell(self.mapFromGlobal(place).toPoint(), place.toPoint())

    # Details

    def _moved(self, moved: bool) -> None:
        super()._moved(moved)
        if moved:
            self.look_again()

    @Slot()
    def _seen_again(self) -> None:
        pointer, window = self._pointer, self.window()
        if pointer is None:
            return
        under = window.childAt(window.mapFromGlobal(pointer).toPoint())
        if under is not self:
            self._pointer = None
            self._hover(None)
        if isinstance(under, ArrayView):
            under.point_from(pointer)

    def _point(self, position: QPointF, place: QPointF) -> None:
        """Note where the pointer is, in the view and on the screen, and hover the cell there."""
        self._pointer = place
        self._hover(self.cell_at(position))

    def _key(self, event: QKeyEvent) -> bool:
        keys = Qt.Key
        key, tiling = event.key(), self.tiling
        stride = 10 if event.modifiers() & Qt.KeyboardModifier.ControlModifier else 1
        across, down = (tiling.width, tiling.height) if self._by_tile else (stride, stride)
        page = tiling.height if tiling.tiles > 1 else max(1, int(self.picture_area().height() / self.viewport.scale_y))
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
            self._move_to(TileCell(0, 0, 0) if start is None else tiling.moved(start, *move))
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

    def _move_to(self, cell: TileCell) -> None:
        self._cursor = cell
        self.keep_in_view(cell.row, cell.col, cell.tile)
        self._describe()
        self.update()
        self.cellHovered.emit(self.logical_index(cell))

    def _cursor_point(self) -> QPointF | None:
        return None if self._cursor is None else QPointF(self.rect_of(self._cursor).center())

    def _pick(self, cell: TileCell) -> None:
        self._describe()
        self.update()
        self.cellPicked.emit(self.logical_index(cell))
        self.tilePicked.emit(cell.tile)

    def _hover(self, cell: TileCell | None) -> None:
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
        if cell is None:
            QToolTip.hideText()
            return
        text = self.cell_text(cell)
        note = self.detail_note()
        below = self.rect_of(cell).bottom() - position.y()  # or the tooltip would hide the number that it explains
        away = QPoint(0, below) if 0 < below < MOST_AWAY else QPoint()
        QToolTip.showText(global_position + away, f"{text}\n{note}" if note else text, self)
