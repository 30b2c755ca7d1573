"""The state of an array view as a value: everything needed to paint it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QRect

from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.picture import Picture
from convviz.gui.widgets.array.raster import CellBox
from convviz.gui.widgets.array.rects import tile_rect
from convviz.gui.widgets.marks import Mark


@dataclass(frozen=True, slots=True, eq=False)
class ArrayScene:
    """The state of an array view at one moment.

    Attributes
    ----------
    picture : Picture
    tiling : Tiling
        How the maps are laid out.
    viewport : Viewport
        How cells map to pixels.
    width, height : int
        Size of the whole view, in logical pixels.
    foot : int
        Height of the line that is reserved for a note below the picture.
    ratio : float
        Device pixels in a logical pixel.
    marks : tuple of Mark
    fades_others : bool
        Whether unmarked cells are faded.
    names : tuple of str
        Names in the corners of a row's cells.
    pointed, cursor : QRect, optional
        The outlines under the pointer and at the keyboard's cell cursor.
    """

    picture: Picture
    tiling: Tiling
    viewport: Viewport
    width: int
    height: int
    foot: int = 0
    ratio: float = 1.0
    marks: tuple[Mark, ...] = ()
    fades_others: bool = False
    names: tuple[str, ...] = ()
    pointed: QRect | None = None
    cursor: QRect | None = None

    @property
    def area(self) -> QRect:
        """The area for the picture."""
        return QRect(0, 0, self.width, max(1, self.height - self.foot))

    @property
    def overflows(self) -> bool:
        """Whether only a part is visible."""
        area, view = self.area, self.viewport
        return (
            self.tiling.content_width * view.scale_x > area.width() + 1
            or self.tiling.content_height * view.scale_y > area.height() + 1
        )

    def tile_rect(self, tile: int) -> QRect:
        """The pixels of a tile."""
        return tile_rect(self.tiling, self.viewport, tile)

    def tile_ranges(self) -> tuple[range, range]:
        """The visible rows and columns of the grid of tiles."""
        tiling, area = self.tiling, self.area
        pitch_x, pitch_y = tiling.width + tiling.gap, tiling.height + tiling.gap
        left, top = self.viewport.to_cells(0, 0)
        right, bottom = self.viewport.to_cells(area.width(), area.height())
        cols = range(max(0, math.floor(left / pitch_x)), min(tiling.columns, math.floor(right / pitch_x) + 1))
        rows = range(max(0, math.floor(top / pitch_y)), min(tiling.rows, math.floor(bottom / pitch_y) + 1))
        return rows, cols

    def visible_tiles(self) -> list[int]:
        """The visible tiles, row by row."""
        rows, cols = self.tile_ranges()
        found = (row * self.tiling.columns + col for row in rows for col in cols)
        return [tile for tile in found if tile < self.tiling.tiles]

    def visible_part(self, tile: int) -> CellBox:
        """The visible cells of a tile; empty if there are none."""
        tiling, view, area = self.tiling, self.viewport, self.area
        x, y = tiling.origin(tile)
        left, top = view.to_cells(area.left(), area.top())
        right, bottom = view.to_cells(area.right() + 1, area.bottom() + 1)
        return CellBox(
            max(0, math.floor(top - y)),
            max(0, min(tiling.height, math.ceil(bottom - y))),
            max(0, math.floor(left - x)),
            max(0, min(tiling.width, math.ceil(right - x))),
        )
