"""All maps of a picture as one image: a cell's colour is looked up for every pixel, and the image is drawn once.

Drawing 32 maps separately takes 32 calls, each of which may wait for Python's lock during training. While the numbers
change, the layout stays the same, so the cell of each pixel is computed once, and a new picture takes two array
operations into reused memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from convviz.gui.widgets.array.scene import ArrayScene

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class MosaicLayout:
    """The positions of the visible maps.

    Attributes
    ----------
    tiles : int array (rows, cols)
        Number of each visible map; −1 for none.
    xs, ys : int arrays (width,), (height,)
        For every pixel of the image, the column and row of the adjoined maps that it shows; the index past the last one
        is a gap.
    left, top : int
        Position of the image.

    All lengths are in device pixels.
    """

    tiles: Indices
    xs: Indices
    ys: Indices
    left: int
    top: int

    @classmethod
    def of(cls, scene: ArrayScene, height: int, width: int) -> MosaicLayout:
        """Lay out maps that are stored as ``height`` × ``width`` pixels."""
        rows, cols = scene.tile_ranges()
        numbers = np.array([[row * scene.tiling.columns + col for col in cols] for row in rows], dtype=np.intp)
        numbers = numbers.reshape(len(rows), len(cols))
        tiles = np.where(numbers < scene.tiling.tiles, numbers, -1)
        across = [scene.tile_rect(col) for col in cols]
        down = [scene.tile_rect(row * scene.tiling.columns) for row in rows]
        left, xs = _pixels([(one.left(), one.width()) for one in across], width, scene.area.width(), scene.ratio)
        top, ys = _pixels([(one.top(), one.height()) for one in down], height, scene.area.height(), scene.ratio)
        return cls(tiles, xs, ys, left, top)


class Mosaic:
    """One image of all visible maps."""

    def __init__(self) -> None:
        self._key: object = None
        self._layout: MosaicLayout | None = None
        self._cells = np.zeros((1, 1), dtype=np.uint32)
        """The colours of the adjoined maps, with an empty row and column for the gaps."""
        self._columns = np.zeros((1, 1), dtype=np.uint32)
        """The same, expanded to the width of the image."""
        self._pixels = np.zeros((1, 1), dtype=np.uint32)
        self._image = QImage()

    def image(self, colours: npt.NDArray[np.uint32], scene: ArrayScene) -> QImage:
        """Return the image of maps in premultiplied colours (tiles, height, width); it is valid until the next call."""
        _, height, width = colours.shape
        layout = self._laid_out(scene, height, width)
        there = self._cells[:-1, :-1]
        if layout.tiles.size and (layout.tiles >= 0).all():
            shown = colours[layout.tiles.ravel()]
        else:
            shown = np.where((layout.tiles.ravel() >= 0)[:, None, None], colours[layout.tiles.ravel()], np.uint32(0))
        rows, cols = layout.tiles.shape
        there[...] = shown.reshape(rows, cols, height, width).swapaxes(1, 2).reshape(there.shape)
        # With "clip", NumPy doesn't buffer the output in case of a wrong index.
        np.take(self._cells, layout.xs, axis=1, out=self._columns, mode="clip")
        np.take(self._columns, layout.ys, axis=0, out=self._pixels, mode="clip")
        return self._image

    def origin(self, ratio: float) -> QPointF:
        """Position of the image, in logical pixels."""
        assert self._layout is not None
        return QPointF(self._layout.left / ratio, self._layout.top / ratio)

    def _laid_out(self, scene: ArrayScene, height: int, width: int) -> MosaicLayout:
        key = (scene.tiling, scene.viewport, scene.width, scene.height, scene.foot, scene.ratio, height, width)
        if self._layout is None or key != self._key:
            self._key, self._layout = key, MosaicLayout.of(scene, height, width)
            rows, cols = self._layout.tiles.shape
            self._cells = np.zeros((rows * height + 1, cols * width + 1), dtype=np.uint32)
            wide, high = len(self._layout.xs), len(self._layout.ys)
            self._columns = np.zeros((rows * height + 1, wide), dtype=np.uint32)
            self._pixels = np.zeros((high, wide), dtype=np.uint32)
            # The image uses the array's memory, so the array must be kept as long as the image.
            form = QImage.Format.Format_ARGB32_Premultiplied
            self._image = QImage(self._pixels.data, wide, high, 4 * wide, form)
            self._image.setDevicePixelRatio(scene.ratio)
        return self._layout


def _pixels(spans: list[tuple[int, int]], cells: int, room: int, ratio: float) -> tuple[int, Indices]:
    """Return the position of the first visible pixel, and the cell that each pixel from there on shows.

    Parameters
    ----------
    spans : list of (int, int)
        Start and length of every map, in logical pixels.
    cells : int
        Number of cells in each map.
    room : int
        Number of logical pixels available.
    ratio : float
        Device pixels in a logical one.
    """
    # Halves are rounded up, as in Qt: rounding to even would give maps of one size two different sizes.
    ends = [(math.floor(start * ratio + 0.5), math.floor((start + length) * ratio + 0.5)) for start, length in spans]
    first = max(0, min((start for start, _ in ends), default=0))
    last = max(first + 1, min(round(room * ratio), max((end for _, end in ends), default=0)))
    found = np.full(last - first, len(spans) * cells, dtype=np.intp)
    for number, (start, end) in enumerate(ends):
        low, high = max(start, first), min(end, last)
        if low < high:
            # The cell at the middle of each pixel; if that is a boundary, the cell before it, as in Qt.
            at = 2 * (np.arange(low, high) - start) + 1
            length = 2 * max(1, end - start)
            found[low - first : high - first] = number * cells + np.maximum(0, -(-at * cells // length) - 1)
    return first, found
