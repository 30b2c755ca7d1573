"""Grid lines between cells and outlines of tiles, drawn as one image.

Qt draws a translucent vertical line pixel by pixel: 142 of them take 3 to 10 ms. Written into an array and drawn as an
image, they take a tenth of that, and the image can be used until the view moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage

from convviz.gui.widgets.array.layout import Tiling, Viewport
from convviz.gui.widgets.array.rects import tile_rect
from convviz.gui.widgets.pixels import image_of_pixels, premultiplied


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
        Numbers of the visible tiles.
    seen : QRect
        The visible part, in logical pixels.
    ratio : float
        Device pixels in a logical pixel; lines are one logical pixel wide.
    grid, frame : QColor, optional
        Colour of lines between cells and of outlines; ``None`` draws none. Frames are drawn around the tile if there is
        a gap for them, otherwise on its border cells.
    """
    outside = 1 if tiling.tiles > 1 and tiling.gap * min(view.scale_x, view.scale_y) >= 2 else 0
    rows: dict[int, list[int]] = {}
    for tile in tiles:
        rows.setdefault(tile // tiling.columns, []).append(tile % tiling.columns)
    # Tiles above each other have their lines in the same columns, those beside each other in the same rows.
    high = {row: tile_rect(tiling, view, row * tiling.columns) for row in rows}
    wide = {col: tile_rect(tiling, view, col) for col in sorted({col for cols in rows.values() for col in cols})}
    top, bottom = min(one.top() for one in high.values()), max(one.bottom() for one in high.values())
    left, right = min(one.left() for one in wide.values()), max(one.right() for one in wide.values())
    whole = QRect(QPoint(left, top), QPoint(right, bottom))
    area = whole.adjusted(-outside, -outside, outside, outside).intersected(seen)
    width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
    pixels = np.zeros((height, width), dtype=np.uint32)
    down, across = {}, {}
    for row, rect in high.items():
        _, y = tiling.origin(row * tiling.columns)
        places = np.rint(view.y + (y + np.arange(1, tiling.height)) * view.scale_y) - area.top()
        down[row] = Along.of(places, rect.top() - area.top(), rect.height(), outside, ratio, height)
    for col, rect in wide.items():
        x, _ = tiling.origin(col)
        places = np.rint(view.x + (x + np.arange(1, tiling.width)) * view.scale_x) - area.left()
        across[col] = Along.of(places, rect.left() - area.left(), rect.width(), outside, ratio, width)
    alike: dict[tuple[int, ...], list[int]] = {}
    for row, cols in rows.items():
        alike.setdefault(tuple(cols), []).append(row)
    for those, several in alike.items():
        _draw(pixels, [down[row] for row in several], [across[col] for col in those], grid, frame)
    image = image_of_pixels(pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return image, area.left(), area.top()


def _draw(
    pixels: npt.NDArray[np.uint32],
    rows: Sequence[Along],
    cols: Sequence[Along],
    grid: QColor | None,
    frame: QColor | None,
) -> None:
    """Draw the lines of all tiles in these rows and columns at once: a picture may have a thousand tiles."""
    for colour, inner, outer in ((grid, "lines", "tile"), (frame, "sides", "outline")):
        if colour is not None:
            pixel = premultiplied(colour.rgb(), colour.alpha())
            pixels[np.ix_(_all(rows, inner), _all(cols, outer))] = pixel
            pixels[np.ix_(_all(rows, outer), _all(cols, inner))] = pixel


def _all(several: Sequence[Along], what: str) -> npt.NDArray[np.intp]:
    return np.concatenate([getattr(one, what) for one in several])


class Along(NamedTuple):
    """Pixels of a tile along one axis: the tile, its grid lines, the tile with its outline, and the outline's ends."""

    tile: npt.NDArray[np.intp]
    lines: npt.NDArray[np.intp]
    outline: npt.NDArray[np.intp]
    sides: npt.NDArray[np.intp]

    @classmethod
    def of(
        cls, places: npt.NDArray[np.float64], start: int, length: int, outside: int, ratio: float, size: int
    ) -> Along:
        """Convert logical pixels, counted from the image's edge, to pixels of the image; those outside are left out."""
        tile, thick = _within(start, length, ratio, size), np.arange(max(1, round(ratio)))
        first = tile[0] if len(tile) else 0
        lines = first + np.rint((places - max(0, start)) * ratio).astype(np.intp)[:, None] + thick
        start, length = start - outside, length + 2 * outside
        ends = np.array([round(start * ratio), round((start + length) * ratio) - len(thick)])
        ends = ends[(ends >= 0) & (ends < size)]
        sides = (ends[:, None] + thick).ravel()
        return cls(
            tile,
            lines[(lines >= first) & (lines < first + len(tile))],
            _within(start, length, ratio, size),
            sides[sides < size],
        )


def _within(start: int, length: int, ratio: float, size: int) -> npt.NDArray[np.intp]:
    first, last = (min(size, max(0, round(edge * ratio))) for edge in (start, start + length))
    return np.arange(first, last)
