"""Grid lines between cells and outlines of tiles, drawn as one image.

Qt draws a translucent vertical line pixel by pixel: 142 of them take 3 to 10 ms. Written into an array and drawn as an
image, they take a tenth of that, and the image can be used until the view moves.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    whole = QRect()
    for tile in tiles:
        whole = whole.united(cell_rect(tiling, view, tile, 0, 0, tiling.height, tiling.width))
    area = whole.adjusted(-outside, -outside, outside, outside).intersected(seen)
    width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
    pixels = np.zeros((height, width), dtype=np.uint32)
    thick = max(1, round(ratio))
    for tile in tiles:
        x, y = tiling.origin(tile)
        tile_rect = cell_rect(tiling, view, tile, 0, 0, tiling.height, tiling.width)
        box = pixels[
            _within(tile_rect.top() - area.top(), tile_rect.height(), ratio, height),
            _within(tile_rect.left() - area.left(), tile_rect.width(), ratio, width),
        ]
        if grid is not None and box.size:
            colour = _premultiplied(grid)
            top = max(0, tile_rect.top() - area.top())
            left = max(0, tile_rect.left() - area.left())
            rows = np.rint(view.y + (y + np.arange(1, tiling.height)) * view.scale_y) - area.top() - top
            cols = np.rint(view.x + (x + np.arange(1, tiling.width)) * view.scale_x) - area.left() - left
            for shift in range(thick):
                box[_inside(rows, ratio, shift, box.shape[0])] = colour
                box[:, _inside(cols, ratio, shift, box.shape[1])] = colour
        if frame is not None:
            outline = tile_rect.adjusted(-outside, -outside, outside, outside).translated(-area.topLeft())
            _outline(pixels, outline, ratio, thick, _premultiplied(frame))
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
    image.setDevicePixelRatio(ratio)
    return image, area.left(), area.top()


def _within(start: int, length: int, ratio: float, size: int) -> slice:
    return slice(min(size, max(0, round(start * ratio))), min(size, max(0, round((start + length) * ratio))))


def _inside(at: npt.NDArray[np.float64], ratio: float, shift: int, size: int) -> npt.NDArray[np.intp]:
    found = np.rint(at * ratio).astype(np.intp) + shift
    return found[(found >= 0) & (found < size)]


def _outline(pixels: npt.NDArray[np.uint32], rect: QRect, ratio: float, thick: int, colour: np.uint32) -> None:
    """Draw the sides of a rectangle, clipped to the image."""
    height, width = pixels.shape
    rows = _within(rect.top(), rect.height(), ratio, height)
    cols = _within(rect.left(), rect.width(), ratio, width)
    left, right = round(rect.left() * ratio), round((rect.left() + rect.width()) * ratio) - thick
    top, bottom = round(rect.top() * ratio), round((rect.top() + rect.height()) * ratio) - thick
    for at in (left, right):
        if 0 <= at < width:
            pixels[rows, at : at + thick] = colour
    for at in (top, bottom):
        if 0 <= at < height:
            pixels[at : at + thick, cols] = colour


def _premultiplied(colour: QColor) -> np.uint32:
    alpha = colour.alpha()
    red, green, blue = (round(part * alpha / 255) for part in (colour.red(), colour.green(), colour.blue()))
    return np.uint32((alpha << 24) | (red << 16) | (green << 8) | blue)
