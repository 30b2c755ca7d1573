"""All tiles, filters and small bars of the network map as one image; only columns that changed are coloured again."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from convviz.gui.theme import Theme
from convviz.gui.widgets.array.raster import shrink
from convviz.present.colour import ColourRole, argb_table
from convviz.present.watch.network_map.grids import Grid
from convviz.present.watch.network_map.layout import MapLayout
from convviz.present.watch.network_map.picture import BINS, ColumnPicture

Pixels = npt.NDArray[np.uint32]


class TileSheet:
    """One image in device pixels that is kept and written into.

    Parameters
    ----------
    layout : MapLayout
    height : int
        Height of the map, in logical pixels.
    ratio : float
        Device pixels per logical pixel.
    """

    def __init__(self, layout: MapLayout, height: int, ratio: float) -> None:
        self._layout, self._ratio = layout, ratio
        wide, high = max(1, round(layout.width * ratio)), max(1, round(height * ratio))
        self._pixels: Pixels = np.zeros((high, wide), np.uint32)
        # The image uses the array's memory, so the array must live as long as the image.
        form = QImage.Format.Format_ARGB32_Premultiplied
        self.image = QImage(self._pixels.data, wide, high, 4 * wide, form)
        self.image.setDevicePixelRatio(ratio)
        self._shown: dict[int, ColumnPicture] = {}
        self.coloured = 0
        """Number of times a column was coloured; for measurements."""

    def show(self, number: int, picture: ColumnPicture, theme: Theme) -> bool:
        """Colour a column; return whether it differs from what was there."""
        before = self._shown.get(number)
        self._shown[number] = picture
        if before is not None and _same(before, picture):
            return False
        self.coloured += 1
        place = self._layout.places[number]
        table = argb_table(picture.role, theme.dark)
        if place.column.is_spatial:
            self._tiles(place.maps, picture.cells, table, picture.role.diverging)
        elif place.column.kind == "units":
            self._tiles(place.maps, picture.cells.reshape(-1, 1, 1), table, picture.role.diverging)
        if place.filters is not None and picture.filters is not None:
            self._tiles(place.filters, picture.filters, argb_table(ColourRole.WEIGHT, theme.dark), diverging=True)
        rows = self._layout.rows
        if picture.norms is not None and place.column.kind == "units":
            self._bars(place.x, rows.filters, place.width, rows.dead - 10 - rows.filters, picture.norms, theme)
        if place.column.kind == "input":
            return True  # the labels of the rows are there
        entry = np.linspace(1, 255, BINS).astype(np.uint8)
        zero = () if picture.role.diverging else (0,)
        self._bars(
            place.x, rows.values + 6, place.width, rows.scale - rows.values - 7, picture.bars, theme, table[entry], zero
        )
        return True

    def _tiles(self, grid: Grid, cells: npt.NDArray[np.uint8], table: Pixels, diverging: bool) -> None:
        """Write tiles: a cell larger than a pixel is repeated, and cells that share a pixel are reduced to one."""
        ratio = self._ratio
        cells = cells[: grid.count]
        high, wide = max(1, round(grid.tile_h * ratio)), max(1, round(grid.tile_w * ratio))
        cells = shrink(cells, high, wide, diverging)
        _, h, w = cells.shape
        ys, xs = (np.arange(high) * h) // high, (np.arange(wide) * w) // wide
        colours = np.take(table, cells)[:, ys[:, None], xs[None, :]]
        for row in range(grid.rows):
            some = colours[row * grid.columns : (row + 1) * grid.columns]
            for number, tile in enumerate(some, row * grid.columns):
                x, y = grid.corner(number)
                left, top = round(x * ratio), round(y * ratio)
                self._pixels[top : top + high, left : left + wide] = tile[: self._pixels.shape[0] - top]

    def _bars(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        shares: npt.NDArray[np.float64],
        theme: Theme,
        colours: Pixels | None = None,
        grey: tuple[int, ...] = (),
    ) -> None:
        """Write bars that stand on the lower edge; those numbered in ``grey`` count zeros."""
        ratio = self._ratio
        left, top = round(x * ratio), round(y * ratio)
        wide, high = round(width * ratio), round(height * ratio)
        area = self._pixels[top : top + high, left : left + wide]
        if not area.size:
            return
        muted = np.uint32(QColor(theme.palette.faint).rgba())
        owner = (np.arange(area.shape[1]) * len(shares)) // area.shape[1]
        if 3 * len(shares) <= area.shape[1] and len(shares) <= BINS:  # a pixel between two bars
            gaps = np.append(owner[1:] != owner[:-1], False)
        else:
            gaps = np.zeros(len(owner), bool)
        heights = np.ceil(shares[owner] * area.shape[0])
        heights[gaps] = 0
        each = np.full(len(shares), muted, np.uint32) if colours is None else colours.copy()
        each[list(grey)] = muted
        lit = np.arange(area.shape[0], 0, -1)[:, None] <= heights
        area[...] = np.where(lit, each[owner], np.uint32(0))


def _same(one: ColumnPicture, other: ColumnPicture) -> bool:
    return (
        one.role == other.role
        and _equal(one.cells, other.cells)
        and _equal(one.filters, other.filters)
        and _equal(one.norms, other.norms)
    )


def _equal(one: npt.NDArray[np.generic] | None, other: npt.NDArray[np.generic] | None) -> bool:
    if one is None or other is None:
        return one is other
    return one is other or np.array_equal(one, other)
