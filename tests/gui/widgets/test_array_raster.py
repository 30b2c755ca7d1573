from __future__ import annotations

import numpy as np
import pytest

from convviz.gui.widgets.array.raster import CellState, colour_bank, shrink, shrink_states, shrink_words, to_image
from convviz.present.colour import NOT_FINITE_ENTRY, ZERO_ENTRY, ColourRole, argb_table, entries


def test_that_a_line_one_cell_wide_stays_where_few_cells_share_a_pixel() -> None:
    found = np.full((4, 300), ZERO_ENTRY, np.uint8)
    found[:, 101] = 255
    small = shrink(found, 4, 100, diverging=True)
    assert small.shape == (4, 100)
    assert (small[:, 33] == 255).all()
    assert (np.delete(small, 33, axis=1) == ZERO_ENTRY).all()


def test_that_the_one_furthest_from_zero_wins_on_either_side() -> None:
    pair = np.array([[ZERO_ENTRY + 40, ZERO_ENTRY - 60, ZERO_ENTRY + 3, ZERO_ENTRY - 1]], np.uint8)
    assert shrink(pair, 1, 2, diverging=True).tolist() == [[ZERO_ENTRY - 60, ZERO_ENTRY + 3]]


def test_that_many_cells_in_a_pixel_show_their_root_mean_square() -> None:
    values = np.random.default_rng(0).normal(0, 0.2, (1, 4000)).astype(np.float32)
    found = shrink(entries(values, ColourRole.WEIGHT, 1.0), 1, 40, diverging=True)
    expected = np.sqrt((values.reshape(40, 100) ** 2).mean(axis=1))
    assert np.abs(np.abs(found[0].astype(int) - ZERO_ENTRY) / 127 - expected).max() < 0.01
    furthest = np.take_along_axis(values.reshape(40, 100), np.abs(values.reshape(40, 100)).argmax(1)[:, None], axis=1)[
        :, 0
    ]
    assert ((found[0] > ZERO_ENTRY) == (furthest > 0)).all()


def test_that_a_lone_spike_among_many_cells_does_not_vanish() -> None:
    found = np.ones((1, 1000), np.uint8)
    found[0, 500] = 255
    assert shrink(found, 1, 10, diverging=False)[0, 5] > 20


@pytest.mark.parametrize("factor", [3, 50])
def test_that_a_cell_that_is_not_finite_wins_over_all_others(factor: int) -> None:
    found = np.full((2, 10 * factor), 255, np.uint8)
    found[1, 5 * factor + 1] = NOT_FINITE_ENTRY
    small = shrink(found, 2, 10, diverging=False)
    assert small[1, 5] == NOT_FINITE_ENTRY
    assert (np.delete(small[1], 5) == 255).all()


def test_that_rows_are_shrunk_like_columns() -> None:
    found = np.random.default_rng(1).integers(1, 256, (90, 8)).astype(np.uint8)
    assert (shrink(found, 30, 8, True) == shrink(found.T, 8, 30, True).T).all()


@pytest.mark.parametrize("diverging", [False, True])
@pytest.mark.parametrize("cells", [50, 77, 100, 333, 1599, 1600, 1683])
def test_that_every_number_of_cells_in_a_pixel_is_reduced_by_the_same_rule(cells: int, diverging: bool) -> None:
    found = np.random.default_rng(cells).integers(0, 256, (3, cells)).astype(np.uint8)
    found[found == NOT_FINITE_ENTRY] = 1
    zero, size = ZERO_ENTRY if diverging else 1, 50
    ends = [(cells * pixel // size, cells * (pixel + 1) // size) for pixel in range(size)]
    expected = np.zeros((3, size), dtype=int)
    for at, (begins, end) in enumerate(ends):
        distances = found[:, begins:end].astype(int) - zero
        below, above = np.maximum(-distances.min(axis=1), 0), np.maximum(distances.max(axis=1), 0)
        away = np.maximum(below, above)
        if cells > 4 * size:
            away = np.rint(np.sqrt((distances**2).mean(axis=1))).astype(int)
        expected[:, at] = zero + np.where(below > above, -np.minimum(away, below), away)
    assert np.abs(shrink(found, 3, size, diverging).astype(int) - expected).max() <= (1 if cells > 4 * size else 0)


def test_that_nothing_is_done_where_there_is_room() -> None:
    found = np.random.default_rng(2).integers(1, 256, (5, 5)).astype(np.uint8)
    assert shrink(found, 10, 10, True) is found


def test_that_the_note_names_what_is_done() -> None:
    assert shrink_words(2) == "furthest from 0"
    assert shrink_words(36) == "root mean square"


def test_that_a_pixel_is_unknown_only_if_all_its_cells_are() -> None:
    states = np.array([[CellState.UNKNOWN, CellState.NORMAL, CellState.UNKNOWN, CellState.UNKNOWN]], np.uint8)
    assert shrink_states(states, 1, 2).tolist() == [[CellState.NORMAL, CellState.UNKNOWN]]


def test_that_an_image_has_the_colours_of_the_table() -> None:
    found = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = to_image(found, None, colour_bank(ColourRole.WEIGHT, False, "#ffffff"))
    table = argb_table(ColourRole.WEIGHT)
    shown = [image.pixel(x, y) for y in range(16) for x in range(16)]
    assert shown == table.tolist()


def test_that_unknown_cells_are_transparent_and_uncovered_ones_let_the_hatching_through() -> None:
    found = np.full((1, 4), 200, np.uint8)
    states = np.array([[CellState.NORMAL, CellState.FADED, CellState.UNCOVERED, CellState.UNKNOWN]], np.uint8)
    image = to_image(found, states, colour_bank(ColourRole.WEIGHT, False, "#ffffff"))
    assert [image.pixelColor(x, 0).alpha() for x in range(4)] == [255, 255, 120, 0]
