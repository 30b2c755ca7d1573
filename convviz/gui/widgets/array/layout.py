"""The positions of cells: tiles in a grid, and the grid in the window. Pure arithmetic, no Qt.

Lengths come in two units. *Content* units are cells: a tile is ``width`` wide, and tiles lie ``gap`` cells apart.
*Pixels* are the widget's. A :class:`Viewport` maps the first to the second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

Aspect = Literal["square", "free"]

MAX_SCALE = 120.0
"""No cell is drawn larger than this, in pixels."""


class TileCell(NamedTuple):
    """One cell: its tile, and its row and column there."""

    tile: int
    row: int
    col: int


@dataclass(frozen=True, slots=True)
class Tiling:
    """Maps of one size, laid out in rows.

    Attributes
    ----------
    tiles, height, width : int
        Number of maps, and their size in cells.
    columns : int
        Maps in a row.
    gap : float
        Distance between maps, in cells.
    """

    tiles: int
    height: int
    width: int
    columns: int = 1
    gap: float = 0.0

    @property
    def rows(self) -> int:
        """Rows of maps."""
        return -(-self.tiles // self.columns)

    @property
    def content_width(self) -> float:
        """Width of everything, in cells."""
        return self.columns * (self.width + self.gap) - self.gap

    @property
    def content_height(self) -> float:
        """Height of everything, in cells."""
        return self.rows * (self.height + self.gap) - self.gap

    def origin(self, tile: int) -> tuple[float, float]:
        """Return the upper left corner of a tile, as (x, y) in cells."""
        row, col = divmod(tile, self.columns)
        return col * (self.width + self.gap), row * (self.height + self.gap)

    def cell_at(self, x: float, y: float) -> TileCell | None:
        """Return the cell at a position in cells; ``None`` in a gap, beside the last tile, or outside."""
        if x < 0 or y < 0:
            return None
        col, dx = divmod(x, self.width + self.gap)
        row, dy = divmod(y, self.height + self.gap)
        tile = int(row) * self.columns + int(col)
        if col >= self.columns or tile >= self.tiles or dx >= self.width or dy >= self.height:
            return None
        return TileCell(tile, int(dy), int(dx))

    def moved(self, cell: TileCell, d_row: int, d_col: int) -> TileCell:
        """Return the cell some rows and columns away; crosses into the neighbouring tile, stops at the border."""
        row, col, tile = cell.row + d_row, cell.col + d_col, cell.tile
        tile_row, tile_col = divmod(tile, self.columns)
        if col < 0:
            tile_col, col = (tile_col - 1, self.width + col) if tile_col else (0, 0)
        elif col >= self.width:
            inside = tile_col + 1 < self.columns and tile + 1 < self.tiles
            tile_col, col = (tile_col + 1, col - self.width) if inside else (tile_col, self.width - 1)
        if row < 0:
            tile_row, row = (tile_row - 1, self.height + row) if tile_row else (0, 0)
        elif row >= self.height:
            inside = (tile_row + 1) * self.columns + tile_col < self.tiles
            tile_row, row = (tile_row + 1, row - self.height) if inside else (tile_row, self.height - 1)
        return TileCell(
            tile_row * self.columns + tile_col,
            min(max(row, 0), self.height - 1),
            min(max(col, 0), self.width - 1),
        )


@dataclass(frozen=True, slots=True)
class Viewport:
    """Maps cells to pixels: ``pixel = offset + cell * scale``, separately for x and y."""

    scale_x: float
    scale_y: float
    x: float = 0.0
    y: float = 0.0

    def to_cells(self, px: float, py: float) -> tuple[float, float]:
        """Convert pixels to cells."""
        return (px - self.x) / self.scale_x, (py - self.y) / self.scale_y

    def to_pixels(self, x: float, y: float) -> tuple[float, float]:
        """Convert cells to pixels."""
        return self.x + x * self.scale_x, self.y + y * self.scale_y


def tile_columns(tiles: int, height: int, width: int) -> int:
    """Maps in a row that make all of them about square, whatever the room: their order is the same everywhere."""
    return min(max(round(math.sqrt(tiles * (height + 1) / (width + 1))), 1), tiles)


def filling_columns(
    tiles: int, height: int, width: int, gap: float, view_w: float, view_h: float, *, most: float = MAX_SCALE
) -> int:
    """Maps in a row that draw them largest in a view, for places where size matters more than order.

    If several numbers draw them equally large, the one with the fewest empty places in the last row is taken, then the
    one with the fewest rows.
    """

    def merit(columns: int) -> tuple[float, int, int]:
        tiling = Tiling(tiles, height, width, columns, gap)
        scale = min(view_w / tiling.content_width, view_h / tiling.content_height, most)
        return round(scale, 1), tiles - tiling.rows * columns, columns

    return max(range(1, tiles + 1), key=merit, default=1)


def fit(tiling: Tiling, view_w: float, view_h: float, aspect: Aspect, place: tuple[float, float]) -> Viewport:
    """Return the viewport that shows everything.

    ``place`` aligns the content if there is spare room: 0 is left or top, 0.5 centred, 1 right or bottom.
    Square cells get a whole number of pixels if that wastes little room.
    """
    width, height = tiling.content_width, tiling.content_height
    sx, sy = view_w / width, view_h / height
    if aspect == "square":
        sx = sy = _whole(min(sx, sy, MAX_SCALE))
    else:
        sx, sy = min(sx, MAX_SCALE), min(sy, MAX_SCALE)
    return clamp(tiling, Viewport(sx, sy), view_w, view_h, place)


def clamp(tiling: Tiling, viewport: Viewport, view_w: float, view_h: float, place: tuple[float, float]) -> Viewport:
    """Return the viewport moved within its limits.

    Content that fits is aligned by ``place``; larger content fills the view.
    """
    return Viewport(
        viewport.scale_x,
        viewport.scale_y,
        _placed(viewport.x, tiling.content_width * viewport.scale_x, view_w, place[0]),
        _placed(viewport.y, tiling.content_height * viewport.scale_y, view_h, place[1]),
    )


def zoom(viewport: Viewport, factor: float, px: float, py: float, home: Viewport, aspect: Aspect) -> Viewport:
    """Return the viewport zoomed about a pixel, but not out beyond ``home`` (where everything is visible).

    With free aspect, cells only get wider until they are square, and then wider and higher.
    """
    x, y = viewport.to_cells(px, py)
    sx = min(max(viewport.scale_x * factor, home.scale_x), max(MAX_SCALE, home.scale_x))
    sy = sx if aspect == "square" else max(home.scale_y, min(sx, MAX_SCALE))
    return Viewport(sx, sy, px - x * sx, py - y * sy)


def reveal(viewport: Viewport, x0: float, y0: float, x1: float, y1: float, view_w: float, view_h: float) -> Viewport:
    """Return the viewport moved as little as needed to show a rectangle of cells."""
    return Viewport(
        viewport.scale_x,
        viewport.scale_y,
        _revealed(viewport.x, x0 * viewport.scale_x, x1 * viewport.scale_x, view_w),
        _revealed(viewport.y, y0 * viewport.scale_y, y1 * viewport.scale_y, view_h),
    )


def _whole(scale: float) -> float:
    whole = math.floor(scale)
    return float(whole) if whole >= 1 and whole >= 0.9 * scale else scale


def _placed(offset: float, length: float, view: float, place: float) -> float:
    if length <= view:
        return round((view - length) * place)
    return min(0.0, max(view - length, offset))


def _revealed(offset: float, start: float, end: float, view: float) -> float:
    if end - start >= view:
        return -start
    if start + offset < 0:
        return -start
    return view - end if end + offset > view else offset
