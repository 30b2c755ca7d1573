"""Filters as tiles in one picture."""

from __future__ import annotations

import numpy as np

from convviz.gui.workspaces.compare.tiles_view import TilesView, grid_of


def test_that_tiles_beside_each_other_are_of_one_size(qtbot) -> None:
    views = [TilesView(name) for name in "AB"]
    tiles = np.zeros((32, 7, 7), np.float32)
    for view, width in zip(views, (94, 93), strict=True):  # one pixel decides how large a cell is
        qtbot.addWidget(view)
        view.resize(width, 200)
        view.show_tiles(tiles, 1.0, 0)
    assert views[0].rect_of(0).size() != views[1].rect_of(0).size()
    for view in views:
        view.resize_with(views)
    assert views[0].rect_of(31) == views[1].rect_of(31)


def test_that_the_place_of_thousands_of_tiles_is_worked_out_once(qtbot) -> None:
    view = TilesView("many")
    qtbot.addWidget(view)
    view.resize(300, 200)
    view.show_tiles(np.zeros((20_000, 2, 5), np.float32), 1.0, 0)
    grid_of.cache_clear()
    view.grab()
    assert grid_of.cache_info().misses == 1
