"""Tiles in rows: the maps, units and filters of one column of the network map."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from convviz.present.watch.network_map.columns import Column
from convviz.present.watch.network_map.rows import Rows

NARROWEST = 48
SCORES = 92
"""Width of the scores in pixels: class, bar, number."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Tiles in rows, all of one size; lengths in pixels.

    Parameters
    ----------
    x, y : int
        Upper left corner.
    count : int
        How many tiles are shown, of ``total``.
    columns : int
    tile_w, tile_h, gap : int
    """

    x: int
    y: int
    count: int
    total: int
    columns: int
    tile_w: int
    tile_h: int
    gap: int = 1

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-self.count // self.columns)

    @property
    def width(self) -> int:
        """Of all tiles."""
        return min(self.columns, self.count) * (self.tile_w + self.gap) - self.gap

    @property
    def height(self) -> int:
        """Of all tiles."""
        return self.rows * (self.tile_h + self.gap) - self.gap

    def at(self, x: float, y: float) -> int | None:
        """Number of the tile at a point; None if there is none."""
        col, row = int((x - self.x) // (self.tile_w + self.gap)), int((y - self.y) // (self.tile_h + self.gap))
        number = row * self.columns + col
        return number if 0 <= col < self.columns and row >= 0 and number < self.count else None

    def moved(self, by: int) -> Grid:
        """The same further right."""
        return replace(self, x=self.x + by)

    def corner(self, number: int) -> tuple[int, int]:
        """Upper left corner of a tile."""
        row, col = divmod(number, self.columns)
        return self.x + col * (self.tile_w + self.gap), self.y + row * (self.tile_h + self.gap)


def maps_grid(column: Column, x: int, tile: int, rows: Rows, widest: int) -> Grid:
    """The maps, units or scores of a column: as many as fit above the filters, within the given width."""
    room = rows.filters - rows.maps - 6
    if column.kind == "scores":
        return Grid(x, rows.maps, column.units, column.units, 1, SCORES, 1)
    if not column.is_spatial:
        return units_grid(column, x, tile, rows, room)
    h, w = column.shape[1:]
    most = 60 if column.kind == "input" else max(3 * max(h, w), 14)
    tile = min(tile if column.kind != "input" else 60, most, room)
    tile_h, tile_w = max(1, round(tile * h / max(h, w))), max(1, round(tile * w / max(h, w)))
    down = max(1, (room + 1) // (tile_h + 1))
    across = -(-column.units // down)
    if across * (tile_w + 1) > max(widest, tile_w):
        across = max(1, widest // (tile_w + 1))
    count = min(column.units, across * down)
    if count == column.units:  # no emptier last row than need be
        across = max(across, -(-count // down))
    return Grid(x, rows.maps, count, column.units, across, tile_w, tile_h)


def units_grid(column: Column, x: int, tile: int, rows: Rows, room: int) -> Grid:
    """Units as a grid of squares that is a little higher than wide."""
    cell = 10
    while cell > 2:
        down = max(1, room // (cell + 1))
        across = max(-(-column.units // down), math.ceil(math.sqrt(column.units * 0.6)))
        if across * (cell + 1) <= max(NARROWEST, 3 * tile):
            break
        cell -= 1
    down = max(1, room // (cell + 1))
    across = max(-(-column.units // down), min(math.ceil(math.sqrt(column.units * 0.6)), 200 // (cell + 1)))
    across = min(across, max(1, 200 // (cell + 1)))
    count = min(column.units, across * down)
    return Grid(x, rows.maps, count, column.units, across, cell, cell)


def narrow_grid(column: Column, x: int, width: int, rows: Rows) -> Grid:
    """The first maps or units of a column as narrow as given: maps below each other, as wide as the column."""
    room = rows.filters - rows.maps - 6
    if column.is_spatial:
        h, w = column.shape[1:]
        tile_w = min(width, max(1, round(width * w / max(h, w))))
        tile_h = min(room, max(1, round(width * h / max(h, w))))
        count = min(column.units, max(1, (room + 1) // (tile_h + 1)))
        return Grid(x, rows.maps, count, column.units, 1, tile_w, tile_h)
    cell = max(2, min(width, 5))
    across = max(1, (width + 1) // (cell + 1))
    count = min(column.units, across * max(1, (room + 1) // (cell + 1)))
    return Grid(x, rows.maps, count, column.units, across, cell, cell)


def filters_grid(column: Column, x: int, shape: tuple[int, int] | None, rows: Rows, width: int) -> Grid | None:
    """The filters below the maps: as large as fits in their row, and not wider than the maps."""
    if shape is None or not column.is_spatial:
        return None
    room = rows.dead - 10 - rows.filters
    h, w = shape
    for cell in (4, 3, 2, 1):
        tile_h, tile_w = h * cell, w * cell
        down = (room + 1) // (tile_h + 1)
        across = (width + 1) // (tile_w + 1)
        if down >= 1 and across * down >= column.units:
            across = -(-column.units // -(-column.units // across))  # no emptier last row than need be
            return Grid(x, rows.filters, column.units, column.units, across, tile_w, tile_h)
    tile_h, tile_w = min(h, room), min(w, width)
    down, across = max(1, (room + 1) // (tile_h + 1)), max(1, (width + 1) // (tile_w + 1))
    return Grid(x, rows.filters, min(column.units, down * across), column.units, across, tile_w, tile_h)
