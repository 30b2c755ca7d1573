"""Where everything of the network map lies: a pure function of the columns and the room."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from convviz.present.watch.network_map.columns import Column, column_with, fold_pools

TILES = (88, 72, 60, 56, 48, 44, 40, 36, 32, 28, 24, 20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4)
"""Sizes of a map that are tried, in pixels; all columns have the same, the chosen one a larger one."""
CHOSEN = 1.5
"""How many times larger the chosen column's maps may be."""
GAPS = (34, 28, 22, 18, 14)
"""Gaps between columns that are tried, in pixels; links are drawn in them."""
NARROWEST = 48
SCORES = 92
"""Width of the scores in pixels: class, bar, number."""
LETTER = 7.2
"""Pixels of a letter of a title."""
WIDEST, SHARE = 380, 2.0
"""Largest width of a column's maps: in pixels, and in times its share of the room, which counts in short networks."""
SCROLLED_TILE = 15
OVERVIEW = 20
"""Height of the overview below a map that has to be scrolled, in pixels."""
HEAD, RATIO, DEAD, VALUES = 38, 28, 20, 34
"""Heights of the titles and of the rows of the health strip, in pixels."""
LABELS = 58
"""Width of the labels of the rows, in pixels; they stand below the input."""


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

    def corner(self, number: int) -> tuple[int, int]:
        """Upper left corner of a tile."""
        row, col = divmod(number, self.columns)
        return self.x + col * (self.tile_w + self.gap), self.y + row * (self.tile_h + self.gap)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one column lies.

    Parameters
    ----------
    column : Column
    x, width : int
    maps : Grid
        Of its maps, or of its units.
    filters : Grid or None
        Of its filters.
    """

    column: Column
    x: int
    width: int
    maps: Grid
    filters: Grid | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Upper ends of the rows of a map, in pixels."""

    maps: int
    filters: int
    dead: int
    ratio: int
    values: int
    end: int


@dataclass(frozen=True, slots=True)
class MapLayout:
    """Where everything lies.

    Parameters
    ----------
    places : tuple of Place
        Left to right.
    rows : Rows
    width : int
        Of all columns; larger than the room if the map has to be scrolled.
    is_folded : bool
        Whether pools were folded into the columns before them, for want of room.
    chosen : int or None
        Number of the chosen column.
    """

    places: tuple[Place, ...]
    rows: Rows
    width: int
    is_folded: bool
    chosen: int | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, left to right."""
        return tuple(place.column for place in self.places)

    def at(self, x: float) -> int | None:
        """Number of the column at a position; None between two."""
        return next((n for n, place in enumerate(self.places) if place.x <= x < place.x + place.width), None)


def arrange(
    columns: Sequence[Column],
    width: int,
    height: int,
    *,
    layer: str = "",
    zoom: float = 1.0,
    filter_shapes: Sequence[tuple[int, int] | None] = (),
) -> MapLayout:
    """Lay out columns: with the largest maps with which they fit; else with pools folded; else to be scrolled.

    Parameters
    ----------
    columns : sequence of Column
    width, height : int
        The room, in pixels.
    layer : str
        The chosen layer; its column gets larger maps.
    zoom : float
        Size of the maps where the map is scrolled, 1 as a rule.
    filter_shapes : sequence of (int, int) or None
        Height and width of the filters of each column; none are shown unless given.
    """
    shapes = {one.layer: shape for one, shape in zip(columns, filter_shapes, strict=False)}
    folded = fold_pools(columns)
    for shown in (tuple(columns), folded):
        plan = _fitting(shown, width, _rows(height), shapes, layer)
        if plan is not None:
            return MapLayout(plan, _rows(height), width, len(shown) < len(columns), column_with(shown, layer))
    rows = _rows(height - OVERVIEW)
    places = _place(folded, max(4, round(SCROLLED_TILE * zoom)), GAPS[-1], rows, shapes, column_with(folded, layer))
    end = places[-1].x + places[-1].width
    is_folded = len(folded) < len(columns)
    return MapLayout(places, rows, max(end, width), is_folded, column_with(folded, layer))


def _rows(height: int) -> Rows:
    end = height - 2
    values = end - VALUES
    ratio = values - RATIO
    dead = ratio - DEAD
    filters = dead - 10 - (34 if height >= 240 else 22)
    return Rows(HEAD, filters, dead, ratio, values, end)


def _fitting(
    columns: Sequence[Column], width: int, rows: Rows, shapes: dict[str, tuple[int, int] | None], layer: str
) -> tuple[Place, ...] | None:
    """The places with the largest maps that fit; None if none do."""
    chosen = column_with(columns, layer)
    widest = max(WIDEST, round(SHARE * width / len(columns)))
    for tile in TILES:
        for gap in GAPS if tile <= 12 else GAPS[:3]:
            places = _place(columns, tile, gap, rows, shapes, chosen, widest)
            if places[-1].x + places[-1].width <= width and all(
                place.maps.count == place.maps.total for place in places
            ):
                return _spread(places, width)
    for gap in GAPS:
        places = _place(columns, TILES[-1], gap, rows, shapes, chosen)
        if places[-1].x + places[-1].width <= width:
            return _spread(places, width)
    return None


def _spread(places: tuple[Place, ...], width: int) -> tuple[Place, ...]:
    """Share the room that is left among the columns, up to a certain width."""
    spare = max(0, width - places[-1].x - places[-1].width)
    wider = min(spare // len(places), 46)
    gap = min((spare - wider * len(places)) // max(len(places) - 1, 1), 26)
    moved = []
    for number, place in enumerate(places):
        by = number * (wider + gap)
        maps = Grid(place.maps.x + by, *_rest(place.maps))
        filters = Grid(place.filters.x + by, *_rest(place.filters)) if place.filters is not None else None
        moved.append(Place(place.column, place.x + by, place.width + wider, maps, filters))
    return tuple(moved)


def _rest(grid: Grid) -> tuple[int, int, int, int, int, int, int]:
    return grid.y, grid.count, grid.total, grid.columns, grid.tile_w, grid.tile_h, grid.gap


def _place(
    columns: Sequence[Column],
    tile: int,
    gap: int,
    rows: Rows,
    shapes: dict[str, tuple[int, int] | None],
    chosen: int | None,
    widest: int = WIDEST,
) -> tuple[Place, ...]:
    x, places = 0, []
    for number, column in enumerate(columns):
        size = round(tile * CHOSEN) if number == chosen else tile
        maps = _maps(column, x, size, rows, widest)
        filters = _filters(column, x, shapes.get(column.layer), rows, max(round(1.35 * maps.width), NARROWEST))
        title = math.ceil(len(column.layer) * LETTER)
        least = SCORES if column.kind == "scores" else LABELS if column.kind == "input" else NARROWEST
        width = max(maps.width, filters.width if filters is not None else 0, least, title)
        places.append(Place(column, x, width, maps, filters))
        x += width + gap
    return tuple(places)


def _maps(column: Column, x: int, tile: int, rows: Rows, widest: int) -> Grid:
    room = rows.filters - rows.maps - 6
    if column.kind == "scores":
        return Grid(x, rows.maps, column.units, column.units, 1, SCORES, 1)
    if not column.is_spatial:
        return _units(column, x, tile, rows, room)
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


def _units(column: Column, x: int, tile: int, rows: Rows, room: int) -> Grid:
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


def _filters(column: Column, x: int, shape: tuple[int, int] | None, rows: Rows, width: int) -> Grid | None:
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
            return Grid(x, rows.filters, column.units, column.units, across, tile_w, tile_h)
    tile_h, tile_w = min(h, room), min(w, width)
    down, across = max(1, (room + 1) // (tile_h + 1)), max(1, (width + 1) // (tile_w + 1))
    return Grid(x, rows.filters, min(column.units, down * across), column.units, across, tile_w, tile_h)
