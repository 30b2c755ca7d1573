"""Filters as tiles in one picture; one of them can be chosen."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.present.colour import ColourRole, argb_table, entries

GAP = 2
EDGE = 2
"""Room for the outline of the chosen tile."""


class TilesView(QWidget):
    """Pictures ``(n, rows, columns)`` in rows, as large as fits.

    Attributes
    ----------
    chosen : Signal(int)
        A tile was clicked.
    """

    KEYS = FocusKeys("filters side by side", {"Another filter": ("Left", "Right", "Up", "Down")})

    chosen = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._theme = current_theme()
        self._tiles: Array = np.zeros((0, 1, 1), np.float32)
        self._scale = 1.0
        self.tile = 0
        self._alike: tuple[TilesView, ...] = ()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(220, 120)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, 60)

    def resize_with(self, others: Iterable[TilesView]) -> None:
        """Give the tiles of these views one size: the largest that fits into each of them."""
        self._alike = tuple(one for one in others if one is not self)

    def show_tiles(self, tiles: Array, scale: float, tile: int) -> None:
        """Show other tiles; ``scale`` is the value that has the strongest colour."""
        self._tiles, self._scale, self.tile = tiles, scale, tile
        self.update()

    def choose(self, tile: int) -> None:
        """Mark a tile."""
        self.tile = tile
        self.update()

    def rect_of(self, tile: int) -> QRectF:
        """The place of a tile."""
        columns, size, height = self._grid()
        row, column = divmod(tile, columns)
        return QRectF(EDGE + column * (size + GAP), EDGE + row * (height + GAP), size, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for one in self._alike:
            one.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        table = argb_table(ColourRole.WEIGHT, self._theme.dark)
        shown = min(len(self._tiles), self._most())
        cells = np.take(table, entries(self._tiles[:shown], ColourRole.WEIGHT, self._scale))
        for number in range(shown):
            painter.drawImage(self.rect_of(number), image_of_pixels(cells[number]))
        if shown < len(self._tiles):
            painter.setFont(self._theme.font(11))
            painter.setPen(self._theme.colour("muted"))
            place = QRectF(0, self.height() - 16, self.width(), 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft, f"+ {len(self._tiles) - shown:,} more")
        if 0 <= self.tile < shown:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.colour("focus" if self.hasFocus() else "accent"), 2))
            painter.drawRect(self.rect_of(self.tile).adjusted(-1, -1, 1, 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        tile = self._at(event.position())
        if tile is not None:
            self.chosen.emit(tile)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        columns = self._grid()[0]
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        key = Qt.Key(event.key())
        if key in moves and len(self._tiles):
            self.chosen.emit(min(max(self.tile + moves[key], 0), len(self._tiles) - 1))
        else:
            super().keyPressEvent(event)

    def _at(self, point: QPointF) -> int | None:
        columns, size, height = self._grid()
        column, row = int((point.x() - EDGE) // (size + GAP)), int((point.y() - EDGE) // (height + GAP))
        tile = row * columns + column
        return tile if column < columns and 0 <= tile < len(self._tiles) else None

    def _most(self) -> int:
        """Number of tiles that there is room for."""
        columns, _, height = self._grid()
        rows = max(1, int((self.height() + GAP) // (height + GAP)))
        return columns * rows if columns * rows >= len(self._tiles) else columns * max(1, rows - 1)

    def _grid(self) -> tuple[int, float, float]:
        """Columns, and width and height of a tile."""
        count, high, wide = self._tiles.shape if len(self._tiles) else (1, 1, 1)
        room_wide = min(one.width() for one in (self, *self._alike))
        room_high = min(one.height() for one in (self, *self._alike))
        return grid_of(count, wide, high, room_wide, room_high)


@lru_cache(maxsize=64)
def grid_of(count: int, wide: int, high: int, room_wide: int, room_high: int) -> tuple[int, float, float]:
    """Columns, and width and height of a tile: the largest with which all fit, but at least 12 pixels."""
    best = (1, 0.0)
    for columns in range(1, min(count, room_wide // (1 + GAP) + 1) + 1):
        rows = math.ceil(count / columns)
        scale = min(
            (room_wide - 2 * EDGE - GAP * (columns - 1)) / (columns * wide),
            (room_high - 2 * EDGE - GAP * (rows - 1)) / (rows * high),
        )
        if scale > best[1]:
            best = columns, scale
    columns, scale = best
    if scale * max(wide, high) < 12:
        scale = 12 / max(wide, high)
        columns = max(1, int((room_wide + GAP) // (scale * wide + GAP)))
    # Whole pixels for each cell, so that all cells have one size.
    scale = min(float(int(scale)) if scale >= 2 else scale, max(1.0, 64 // max(wide, high)))
    return columns, max(1.0, math.floor(scale * wide)), max(1.0, math.floor(scale * high))
