"""The loss of a run as an image: a filled area under the largest loss of each pixel, and a line at their mean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from convviz.gui.widgets.pixels import image_of_pixels, premultiplied

Values = npt.NDArray[np.float64]

FILL = 0.38
"""Opacity of the area."""
LINE = 1.2
"""Thickness of the line, in pixels."""


def area_image(tops: Values, middles: Values, height: int, colours: tuple[QColor, QColor], cut: int) -> QImage:
    """Draw an area and a line; painting them as polygons takes ten times as long.

    Parameters
    ----------
    tops, middles : ndarray of float64, ``(width,)``
        Upper end of the area and middle of the line in every column, in pixels from the top; NaN where there is none.
    height : int
    colours : (QColor, QColor)
        Up to the column ``cut``, and from there on.
    cut : int

    Returns
    -------
    QImage
        ``(height, width)``, transparent elsewhere. It owns its pixels.
    """
    tops, middles = tops.astype(np.float32), middles.astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, np.newaxis]
    area = np.clip(rows + 1 - tops, 0, 1)
    # In every column the line spans half the way to each neighbour, so that it has no gaps where it is steep.
    sides = np.concatenate([middles[:1], (middles[:-1] + middles[1:]) / 2, middles[-1:]])
    around = np.stack([sides[:-1], middles, sides[1:]])
    low, high = np.fmin.reduce(around) - LINE / 2, np.fmax.reduce(around) + LINE / 2
    line = np.clip(np.minimum(rows + 1, high) - np.maximum(rows, low), 0, 1)
    levels = np.rint(255 * np.nan_to_num(np.maximum(FILL * area, line))).astype(np.uint8)
    pixels = np.empty((height, len(tops)), np.uint32)
    for part, colour in ((slice(0, cut), colours[0]), (slice(cut, None), colours[1])):
        pixels[:, part] = np.take(premultiplied(colour.rgb(), np.arange(256)), levels[:, part])
    return image_of_pixels(pixels, QImage.Format.Format_ARGB32_Premultiplied)
