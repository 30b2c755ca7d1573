"""Indices beside an array view: a few small numbers for the rows and columns that are in sight."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, Qt, Slot
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.array.view import ArrayView
from convviz.present.step.ticks import Ruling

ABOVE = 13
"""Height of the line of numbers above a picture, in pixels."""
APART_X, APART_Y = 34, 20
"""Smallest distance between two numbers, in pixels: along a row, and along a column."""
LEAST_TILE = 72
"""Size in pixels below which the maps of a tiled picture have no indices beside them, only their number."""
LEAST = 92
"""Width and height in pixels below which a view has no indices, only its picture."""


class Tick(NamedTuple):
    """A number, where it is written, and whether it numbers a row (at the left of the picture) or a column."""

    place: QRectF
    text: str
    is_row: bool


class TickedView(QWidget):
    """Holds an array view and writes indices above and at the left of its picture.

    Parameters
    ----------
    view : ArrayView
    """

    def __init__(self, view: ArrayView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.view = view
        self._rulings = Ruling(0, 1), Ruling(0, 1)
        view.setParent(self)
        view.viewChanged.connect(self.update)
        view.pictureChanged.connect(self._picture_changed)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(24, 16)
        self._theme.changed.connect(self.update)

    def set_rulings(self, rows: Ruling, columns: Ruling) -> None:
        """Number the rows and columns in another way."""
        if (rows, columns) != self._rulings:
            self._rulings = rows, columns
            self._place()
            self.update()

    def ticks(self) -> list[Tick]:
        """The numbers, and where they are written."""
        if not self._has_room():
            return []
        (rows, columns), view, at = self._rulings, self.view.viewport, self.view.geometry()
        tiling, area = self.view.tiling, self.view.picture_area()
        if tiling.tiles > 1 and min(tiling.width * view.scale_x, tiling.height * view.scale_y) < LEAST_TILE:
            return []
        found: list[Tick] = []
        right = at.x() + max(0.0, view.x) - 4
        above = at.y() + max(0.0, view.y) - 1
        for tile in range(0, tiling.tiles, tiling.columns):
            _, top = tiling.origin(tile)
            for row in self._seen(rows, top, view.y, view.scale_y, area.height(), APART_Y):
                middle = at.y() + view.y + (top + row + 0.5) * view.scale_y
                found.append(Tick(QRectF(0, middle - 7, right, 14), str(rows.number(row)), True))
        for tile in range(tiling.columns):
            left, _ = tiling.origin(tile)
            for column in self._seen(columns, left, view.x, view.scale_x, area.width(), APART_X):
                middle = at.x() + view.x + (left + column + 0.5) * view.scale_x
                place = QRectF(middle - 30, above - ABOVE + 1, 60, ABOVE)
                found.append(Tick(place, str(columns.number(column)), False))
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font())
        painter.setPen(self._theme.colour("muted"))
        for tick in self.ticks():
            align = Qt.AlignmentFlag.AlignRight if tick.is_row else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(tick.place, align | Qt.AlignmentFlag.AlignVCenter, tick.text)

    @Slot()
    def _picture_changed(self) -> None:
        self._place()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _seen(self, ruling: Ruling, origin: float, offset: float, scale: float, room: int, apart: int) -> range:
        """Which rows or columns of a map get a number: some of those whose middle is in sight."""
        if ruling.count < 2:
            return range(0)
        first = max(0, round(-offset / scale - origin + 0.01))
        last = min(ruling.count - 1, int((room - offset) / scale - origin - 0.5))
        return ruling.places(first, last, scale, apart)

    def _font(self) -> QFont:
        return self._theme.mono(9)

    def _has_room(self) -> bool:
        tiling = self.view.tiling
        maps_are_small = min(self.width() / tiling.columns, self.height() / tiling.rows) < LEAST_TILE
        return min(self.width(), self.height()) >= LEAST and (tiling.tiles == 1 or not maps_are_small)

    def _place(self) -> None:
        left = above = 0
        if self._has_room():
            rows, columns = self._rulings
            above = ABOVE if columns.count > 1 else 0
            wide = QFontMetrics(self._font()).horizontalAdvance(str(rows.last))
            left = wide + 5 if rows.count > 1 else 0
        self.view.setGeometry(QRect(left, above, self.width() - left, self.height() - above))
