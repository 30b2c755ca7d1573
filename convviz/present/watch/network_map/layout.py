"""The layout of the network map: a pure function of the columns and the room."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from convviz.present.watch.network_map.columns import Column, column_with, fold_pools
from convviz.present.watch.network_map.grids import NARROWEST, SCORES, Grid, filters_grid, maps_grid, narrow_grid
from convviz.present.watch.network_map.lanes import Ends, lanes_of
from convviz.present.watch.network_map.rows import TALL_HEAD, Rows

TILES = (88, 72, 60, 56, 48, 44, 40, 36, 32, 28, 24, 20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4)
"""Sizes of a map that are tried, in pixels; all columns have the same, the chosen one a larger one."""
CHOSEN = 1.5
"""How many times larger the chosen column's maps may be."""
GAPS = (34, 28, 22, 18, 14)
"""Gaps between columns that are tried, in pixels; links are drawn in them."""
LETTER = 7.2
"""Pixels of a letter of a title."""
WIDEST, SHARE = 380, 2.0
"""Largest width of a column's maps, in pixels; and as a multiple of its share of the room, for short networks."""
SCROLLED_TILE = 15
OVERVIEW = 20
"""Height of the overview below a map that has to be scrolled, in pixels."""
LABELS = 58
"""Width of the labels of the rows, in pixels; they stand below the input."""
NARROW_WIDTHS = (40, 36, 32, 28, 25, 22, 20, 18, 16, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4)
"""Widths of a column that are tried where the whole network is to be seen at once, in pixels."""
ASIDE = 5
"""Extra distance of the chosen column's neighbours, in pixels, because it has a frame."""
NARROW_GAPS = (8, 6, 5, 4, 3)


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """Where one column lies.

    Parameters
    ----------
    column : Column
    x, width : int
    maps : Grid
        Of its maps, or of its units.
    filters : Grid or None
        Of its filters.
    is_narrow : bool
        Whether there is no room for numbers, and its title is written upwards.
    """

    column: Column
    x: int
    width: int
    maps: Grid
    filters: Grid | None
    is_narrow: bool = False

    def moved(self, by: int, wider: int = 0) -> ColumnPlace:
        """The same further right, in a wider column."""
        filters = self.filters.moved(by) if self.filters is not None else None
        return replace(self, x=self.x + by, width=self.width + wider, maps=self.maps.moved(by), filters=filters)


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
    lanes : mapping of (int, int) to int
        Lane of every link that passes columns.
    is_small : bool
        Whether the columns do not all fit at a readable size, so that zooming makes sense.
    """

    places: tuple[ColumnPlace, ...]
    rows: Rows
    width: int
    is_folded: bool
    chosen: int | None
    lanes: Mapping[Ends, int] = field(default_factory=dict)
    is_small: bool = False

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
        Size of the maps where the columns do not all fit, 1 as a rule; 0 shows all of them at once, narrow.
    filter_shapes : sequence of (int, int) or None
        Height and width of the filters of each column; none are shown unless given.
    """
    shapes = {one.layer: shape for one, shape in zip(columns, filter_shapes, strict=False)}
    whole, folded = tuple(columns), fold_pools(columns)
    for shown in (whole,) if folded == whole else (whole, folded):
        lanes = lanes_of(shown)
        rows = Rows.of(height, lanes=_count(lanes))
        plan = _fitting(shown, width, rows, shapes, layer)
        if plan is not None:
            return MapLayout(plan, rows, width, len(shown) < len(columns), column_with(shown, layer), lanes)
    chosen, lanes, is_folded = column_with(folded, layer), lanes_of(folded), len(folded) < len(columns)
    if zoom == 0:
        places, rows = _whole(folded, width, height, _count(lanes), shapes, chosen)
    else:
        rows = Rows.of(height - OVERVIEW, lanes=_count(lanes))
        tile = max(4, round(SCROLLED_TILE * zoom))
        places = tuple(_side_by_side(folded, tile, GAPS[-1], rows, shapes, chosen))
    end = places[-1].x + places[-1].width
    return MapLayout(places, rows, max(end, width), is_folded, chosen, lanes, is_small=True)


def _count(lanes: Mapping[Ends, int]) -> int:
    return max(lanes.values(), default=-1) + 1


def _fitting(
    columns: Sequence[Column], width: int, rows: Rows, shapes: dict[str, tuple[int, int] | None], layer: str
) -> tuple[ColumnPlace, ...] | None:
    """The places with the largest maps that fit; None if none do."""
    chosen, between = column_with(columns, layer), len(columns) - 1
    if sum(map(_least, columns)) > width - GAPS[-1] * between:
        return None  # as in a deep network: none of all the sizes needs to be tried
    widest = max(WIDEST, round(SHARE * width / len(columns)))
    for tile in TILES:
        gaps = GAPS if tile <= 12 else GAPS[:3]
        found = _within(width - gaps[-1] * between, _side_by_side(columns, tile, 0, rows, shapes, chosen, widest))
        if found is not None:
            return _spread(found, width, gaps)
    tight = _side_by_side(columns, TILES[-1], 0, rows, shapes, chosen)
    found = _within(width - GAPS[-1] * between, tight, all_maps=False)
    return None if found is None else _spread(found, width, GAPS)


def _within(room: int, places: Iterable[ColumnPlace], *, all_maps: bool = True) -> tuple[ColumnPlace, ...] | None:
    """The places, if they fit into a room and no maps are left out; gives up at the first that does not fit."""
    found = []
    for place in places:
        if place.x + place.width > room or (all_maps and place.maps.count < place.maps.total):
            return None
        found.append(place)
    return tuple(found)


def _spread(places: tuple[ColumnPlace, ...], width: int, gaps: Sequence[int]) -> tuple[ColumnPlace, ...]:
    """Put the largest gap that fits between the columns, and share the remaining width among them, up to a limit."""
    between = len(places) - 1
    bare = places[-1].x + places[-1].width
    least = next(gap for gap in gaps if bare + gap * between <= width)
    spare = width - bare - least * between
    wider = min(spare // len(places), 46)
    gap = least + min((spare - wider * len(places)) // max(between, 1), 26)
    return tuple(place.moved(number * (wider + gap), wider) for number, place in enumerate(places))


def _side_by_side(
    columns: Sequence[Column],
    tile: int,
    gap: int,
    rows: Rows,
    shapes: dict[str, tuple[int, int] | None],
    chosen: int | None,
    widest: int = WIDEST,
) -> Iterator[ColumnPlace]:
    x = 0
    for number, column in enumerate(columns):
        size = round(tile * CHOSEN) if number == chosen else tile
        maps = maps_grid(column, x, size, rows, widest)
        filters = filters_grid(column, x, shapes.get(column.layer), rows, max(round(1.35 * maps.width), NARROWEST))
        width = max(maps.width, filters.width if filters is not None else 0, _least(column))
        yield ColumnPlace(column, x, width, maps, filters)
        x += width + gap


def _least(column: Column) -> int:
    """The least width of a column, whatever the size of its maps."""
    least = SCORES if column.kind == "scores" else LABELS if column.kind == "input" else NARROWEST
    return max(least, math.ceil(len(column.layer) * LETTER))


def _whole(
    columns: Sequence[Column],
    width: int,
    height: int,
    lanes: int,
    shapes: dict[str, tuple[int, int] | None],
    chosen: int | None,
) -> tuple[tuple[ColumnPlace, ...], Rows]:
    """All columns at once, as wide as fits; the chosen one stays readable."""
    places: tuple[ColumnPlace, ...] = ()
    rows = Rows.of(height, lanes=lanes, head=TALL_HEAD)
    for each in NARROW_WIDTHS:
        for gap in NARROW_GAPS:
            places = _place_narrow(columns, each, gap, rows, shapes, chosen)
            if places[-1].x + places[-1].width <= width:
                return places, rows
    # Still too many: they are scrolled above the overview.
    return places, Rows.of(height - OVERVIEW, lanes=lanes, head=TALL_HEAD)


def _place_narrow(
    columns: Sequence[Column],
    each: int,
    gap: int,
    rows: Rows,
    shapes: dict[str, tuple[int, int] | None],
    chosen: int | None,
) -> tuple[ColumnPlace, ...]:
    x, places = 0, []
    for number, column in enumerate(columns):
        is_open = number == chosen or column.kind in ("input", "scores")
        x += ASIDE if number == chosen and number else 0
        if is_open:
            maps = maps_grid(column, x, 14, rows, 2 * NARROWEST)
            room = max(maps.width, _least(column))
        else:
            maps, room = narrow_grid(column, x, each, rows), each
        filters = filters_grid(column, x, shapes.get(column.layer), rows, room)
        places.append(ColumnPlace(column, x, room, maps, filters, is_narrow=not is_open))
        x += room + gap + (ASIDE if number == chosen else 0)
    return tuple(places)
