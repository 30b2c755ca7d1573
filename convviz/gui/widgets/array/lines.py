"""Grid lines between cells and outlines of tiles, drawn as one image.

Qt draws a translucent vertical line pixel by pixel: 142 of them take 3 to 10 ms. Written into an array and drawn as an
image, they take a tenth of that, and the image can be used until the view moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.marks import cell_rect


def lines_image(
    tiling: Tiling,
    view: Viewport,
    tiles: Sequence[int],
    seen: QRect,
    ratio: float,
    grid: QColor | None,
    frame: QColor | None,
) -> tuple[QImage, int, int]:
    """Return the lines of the visible tiles and where the image goes, in logical pixels.

    Parameters
    ----------
    tiling, view
        Positions of the cells.
    tiles : sequence of int
        The visible ones.
    seen : QRect
        The visible part, in logical pixels.
    ratio : float
        Device pixels in a logical pixel; lines are one logical pixel wide.
    grid, frame : QColor, optional
        Colour of lines between cells and of outlines; ``None`` draws none. Frames are drawn around the tile if there is
        a gap for them, otherwise on its border cells.
    """
    outside = 1 if tiling.tiles > 1 and tiling.gap * min(view.scale_x, view.scale_y) >= 2 else 0
    rects = [cell_rect(tiling, view, tile, 0, 0, tiling.height, tiling.width) for tile in tiles]
    whole = QRect()
    for rect in rects:
        whole = whole.united(rect)
    area = whole.adjusted(-outside, -outside, outside, outside).intersected(seen)
    width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
    pixels = np.zeros((height, width), dtype=np.uint32)
    # Tiles above each other have their lines in the same columns, those beside each other in the same rows.
    down: dict[float, Along] = {}
    across: dict[float, Along] = {}
    cells = None if grid is None else _premultiplied(grid)
    edge = None if frame is None else _premultiplied(frame)
    for tile, rect in zip(tiles, rects, strict=True):
        x, y = tiling.origin(tile)
        if y not in down:
            places = np.rint(view.y + (y + np.arange(1, tiling.height)) * view.scale_y) - area.top()
            down[y] = Along.of(places, rect.top() - area.top(), rect.height(), outside, ratio, height)
        if x not in across:
            places = np.rint(view.x + (x + np.arange(1, tiling.width)) * view.scale_x) - area.left()
            across[x] = Along.of(places, rect.left() - area.left(), rect.width(), outside, ratio, width)
        rows, cols = down[y], across[x]
        if cells is not None:
            box = pixels[rows.tile, cols.tile]
            if box.size:
                box[rows.lines] = cells
                box[:, cols.lines] = cells
        if edge is not None:
            for side in cols.sides:
                pixels[rows.outline, side] = edge
            for side in rows.sides:
                pixels[side, cols.outline] = edge
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
    image.setDevicePixelRatio(ratio)
    return image, area.left(), area.top()


class Along(NamedTuple):
    """Pixels of a tile on one axis of an image: all of it, the lines in it, its outline and the two ends of that."""

    tile: slice
    lines: npt.NDArray[np.intp]
    outline: slice
    sides: tuple[slice, ...]

    @classmethod
    def of(
        cls, places: npt.NDArray[np.float64], start: int, length: int, outside: int, ratio: float, size: int
    ) -> Along:
        """From logical pixels, counted from the image's edge, to its own; outlines are clipped to it."""
        tile, thick = _within(start, length, ratio, size), max(1, round(ratio))
        at = np.rint((places - max(0, start)) * ratio).astype(np.intp)
        lines = (at[:, None] + np.arange(thick)).ravel()
        start, length = start - outside, length + 2 * outside
        ends = round(start * ratio), round((start + length) * ratio) - thick
        return cls(
            tile,
            lines[(lines >= 0) & (lines < tile.stop - tile.start)],
            _within(start, length, ratio, size),
            tuple(slice(end, end + thick) for end in ends if 0 <= end < size),
        )


def _within(start: int, length: int, ratio: float, size: int) -> slice:
    return slice(min(size, max(0, round(start * ratio))), min(size, max(0, round((start + length) * ratio))))


def _premultiplied(colour: QColor) -> np.uint32:
    alpha = colour.alpha()
    red, green, blue = (round(part * alpha / 255) for part in (colour.red(), colour.green(), colour.blue()))
    return np.uint32((alpha << 24) | (red << 16) | (green << 8) | blue)
