"""The pixels that cells cover."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect

from convviz.gui.widgets.array.layout import Tiling, Viewport

__all__ = ["Edges", "cell_edges", "cell_rect", "tile_rect"]

Edges = npt.NDArray[np.float64]
"""Left, top, right, bottom of rectangles, ``(4, n)``, in pixels."""
FAR = 1e6
"""Edges further off screen, in pixels, would overflow Qt's integers."""


def cell_rect(tiling: Tiling, viewport: Viewport, tile: int, row0: int, col0: int, row1: int, col1: int) -> QRect:
    """Return the pixels that cells of a tile cover; ends are exclusive."""
    x, y = tiling.origin(tile)
    left, top = viewport.to_pixels(x + col0, y + row0)
    right, bottom = viewport.to_pixels(x + col1, y + row1)
    left, top = max(left, -FAR), max(top, -FAR)
    right, bottom = min(right, FAR), min(bottom, FAR)
    return QRect(round(left), round(top), max(1, round(right) - round(left)), max(1, round(bottom) - round(top)))


def tile_rect(tiling: Tiling, viewport: Viewport, tile: int) -> QRect:
    """Return the pixels that a tile covers."""
    return cell_rect(tiling, viewport, tile, 0, 0, tiling.height, tiling.width)


def cell_edges(tiling: Tiling, viewport: Viewport, rects: npt.NDArray[np.intp]) -> Edges:
    """Return what :func:`cell_rect` does, for many at once: a mark may be in each of a thousand tiles."""
    tile, row0, col0, row1, col1 = rects.T
    x, y = tiling.origin(tile)
    left, top = viewport.to_pixels(x + col0, y + row0)
    right, bottom = viewport.to_pixels(x + col1, y + row1)
    low = np.rint(np.maximum([left, top], -FAR))
    return np.concatenate([low, np.maximum(np.rint(np.minimum([right, bottom], FAR)), low + 1)])
