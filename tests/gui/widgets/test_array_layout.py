from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convviz.gui.widgets.array.layout import (
    TileCell,
    Tiling,
    Viewport,
    clamp,
    filling_columns,
    fit,
    reveal,
    tile_columns,
    zoom,
)

MAPS = Tiling(tiles=5, height=4, width=3, columns=2, gap=1.0)


def test_that_every_cell_is_found_at_its_middle() -> None:
    for tile in range(5):
        x, y = MAPS.origin(tile)
        for row in range(4):
            for col in range(3):
                assert MAPS.cell_at(x + col + 0.5, y + row + 0.5) == TileCell(tile, row, col)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (3.5, 1.0),  # between two tiles of a row
        (1.0, 4.5),  # between two rows of tiles
        (3.0, 1.0),  # the very edge of a tile belongs to the gap
        (5.0, 11.0),  # where a sixth tile would be
        (-0.1, 1.0),
        (1.0, -0.1),
        (7.5, 1.0),
        (1.0, 99.0),
    ],
)
def test_that_gaps_and_the_outside_hold_no_cell(x: float, y: float) -> None:
    assert MAPS.cell_at(x, y) is None


def test_that_the_content_has_no_gap_at_its_border() -> None:
    assert (MAPS.content_width, MAPS.content_height) == (7, 14)


@pytest.mark.parametrize(
    ("start", "move", "end"),
    [
        (TileCell(0, 0, 0), (0, 1), TileCell(0, 0, 1)),
        (TileCell(0, 0, 2), (0, 1), TileCell(1, 0, 0)),  # into the next tile
        (TileCell(1, 0, 0), (0, -1), TileCell(0, 0, 2)),
        (TileCell(0, 3, 1), (1, 0), TileCell(2, 0, 1)),
        (TileCell(1, 0, 2), (0, 1), TileCell(1, 0, 2)),  # the border
        (TileCell(0, 0, 0), (-1, 0), TileCell(0, 0, 0)),
        (TileCell(4, 1, 2), (0, 1), TileCell(4, 1, 2)),  # beside the last tile is nothing
        (TileCell(3, 3, 0), (1, 0), TileCell(3, 3, 0)),
        (TileCell(0, 1, 1), (4, 0), TileCell(2, 1, 1)),  # by a whole tile
    ],
)
def test_that_the_cursor_goes_from_tile_to_tile_and_stops_at_the_border(start, move, end) -> None:
    assert MAPS.moved(start, *move) == end


@given(
    tiles=st.integers(1, 40),
    height=st.integers(1, 30),
    width=st.integers(1, 30),
    view_w=st.integers(20, 1500),
    view_h=st.integers(20, 1000),
)
def test_that_what_is_fitted_lies_within_the_view(tiles: int, height: int, width: int, view_w: int, view_h: int):
    columns = tile_columns(tiles, height, width)
    tiling = Tiling(tiles, height, width, columns, 0.5)
    view = fit(tiling, view_w, view_h, "square", (0.5, 0.5))
    left, top = view.to_pixels(0, 0)
    right, bottom = view.to_pixels(tiling.content_width, tiling.content_height)
    assert left >= -1
    assert top >= -1
    assert right <= view_w + 1
    assert bottom <= view_h + 1
    assert view.scale_x == view.scale_y


def test_that_maps_lie_in_one_order_whatever_the_room() -> None:
    assert tile_columns(32, 7, 7) == tile_columns(32, 24, 24) == 6
    assert tile_columns(1, 30, 30) == 1
    assert tile_columns(10, 9, 1) == 7
    assert tile_columns(2, 1, 40) == 1


def test_that_free_aspect_fills_the_view() -> None:
    wide = Tiling(1, 49, 576)
    view = fit(wide, 576, 490, "free", (0.5, 0.5))
    assert (view.scale_x, view.scale_y) == (1.0, 10.0)


def test_that_zooming_keeps_the_cell_under_the_pointer() -> None:
    tiling = Tiling(1, 30, 30)
    home = fit(tiling, 300, 300, "square", (0.5, 0.5))
    before = home.to_cells(70, 130)
    after = zoom(home, 1.7, 70, 130, home, "square").to_cells(70, 130)
    assert after == pytest.approx(before)


def test_that_one_cannot_zoom_out_beyond_everything() -> None:
    home = fit(Tiling(1, 30, 30), 300, 300, "square", (0.5, 0.5))
    assert zoom(home, 0.1, 5, 5, home, "square").scale_x == home.scale_x


def test_that_wide_matrices_are_zoomed_along_their_columns_until_the_cells_are_square() -> None:
    home = Viewport(0.5, 4.0)
    near = zoom(home, 4, 0, 0, home, "free")
    assert (near.scale_x, near.scale_y) == (2.0, 4.0)
    nearer = zoom(near, 10, 0, 0, home, "free")
    assert (nearer.scale_x, nearer.scale_y) == (20.0, 20.0)


def test_that_panning_stops_where_the_content_ends() -> None:
    tiling = Tiling(1, 10, 100)
    far = clamp(tiling, Viewport(10, 10, 500, -500), 200, 50, (0.5, 0.5))
    assert (far.x, far.y) == (0, -50)


def test_that_revealing_moves_no_further_than_needed() -> None:
    view = Viewport(10, 10, 0, 0)
    assert reveal(view, 2, 0, 4, 1, 100, 100) == view
    assert reveal(view, 14, 0, 15, 1, 100, 100).x == -50
    assert reveal(Viewport(10, 10, -80, 0), 2, 0, 3, 1, 100, 100).x == -20


def test_that_there_are_as_many_rows_as_needed() -> None:
    assert [Tiling(n, 1, 1, 4).rows for n in (1, 4, 5, 8, 9)] == [1, 1, 2, 2, 3]
    assert math.isclose(Tiling(9, 2, 2, 4, 0.5).content_height, 7.0)


@pytest.mark.parametrize(
    ("tiles", "room", "columns"), [(16, (340, 110), 8), (16, (110, 340), 2), (9, (300, 300), 3), (1, (300, 20), 1)]
)
def test_that_tiles_fill_the_room_there_is(tiles: int, room: tuple[int, int], columns: int) -> None:
    assert filling_columns(tiles, 5, 5, 1.0, *room) == columns


def test_that_tiles_that_are_large_enough_do_without_empty_places() -> None:
    assert filling_columns(8, 3, 3, 1.0, 900, 900, most=10.0) == 8
    assert filling_columns(8, 3, 3, 1.0, 160, 900, most=10.0) == 4
