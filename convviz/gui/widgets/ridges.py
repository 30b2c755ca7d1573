"""Histograms in front of each other, as an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from convviz.gui.widgets.pixels import image_of_pixels

Values = npt.NDArray[np.float32]
OUTSIDE = 1e6
"""Position of a ridge where it is not drawn, in pixels from the top: far below the image."""


@dataclass(frozen=True, slots=True, eq=False)
class RidgeColumn:
    """Ridges of one kind, below each other.

    Parameters
    ----------
    left : int
        Left edge, in pixels.
    heights : ndarray, ``(ridges, bins)``
        In pixels; NaN where a ridge is left out. The first is at the back.
    fill : ndarray of uint8, ``(width, 3)``
        Red, green and blue of every pixel of the column's width.
    """

    left: int
    heights: npt.NDArray[np.float64]
    fill: npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RidgeStyle:
    """How ridges look.

    Parameters
    ----------
    ground, line, accent : QColor
        What lies behind them, the line along each, and the line along the current ridge.
    lines : (float, float)
        Thickness of those lines, in pixels.
    opacity : float
        Of the fill over the ground.
    later : float
        Opacity of the ridges after the current one.
    """

    ground: QColor
    line: QColor
    accent: QColor
    lines: tuple[float, float] = (1.0, 1.8)
    opacity: float = 0.75
    later: float = 0.35


def ridge_image(
    columns: Sequence[RidgeColumn],
    size: tuple[int, int],
    bases: npt.NDArray[np.float64],
    here: int,
    style: RidgeStyle,
) -> QImage:
    """Draw ridges, those of all columns at once; painting them as polygons takes ten times as long.

    Parameters
    ----------
    columns : sequence of RidgeColumn
        All with the same number of ridges.
    size : (int, int)
        Width and height in pixels.
    bases : ndarray, ``(ridges,)``
        Baselines of the ridges, in pixels from the top.
    here : int
        Number of the current ridge.
    style : RidgeStyle

    Returns
    -------
    QImage
        ``(height, width)``, opaque. It owns its pixels.
    """
    width, height = size
    ground, line, accent = (_bgr(one) for one in (style.ground, style.line, style.accent))
    body = np.full((width, 4), 255, np.uint8)
    tops = np.full((len(bases), width), OUTSIDE, np.float32)
    highs, lows = tops.copy(), tops.copy()
    for column in columns:
        area = slice(column.left, column.left + len(column.fill))
        body[area, :3] = (ground + style.opacity * (column.fill[:, ::-1] - ground)).round()
        tops[:, area], highs[:, area], lows[:, area] = _edges(column, bases)
    found = np.full((height, width, 4), 255, np.uint8)
    pixels, whole = found[:, :, :3], found.view(np.uint32)[:, :, 0]
    pixels[...] = ground.astype(np.uint8)
    body_whole = body.view(np.uint32)[:, 0]
    rows = np.arange(height, dtype=np.float32)[:, np.newaxis]
    firsts = np.fmin.reduce(highs, axis=1)
    for number, base in enumerate(bases.tolist()):
        if not firsts[number] < OUTSIDE:
            continue
        is_here, seen = number == here, 1.0 if number <= here else style.later
        thick = style.lines[is_here] / 2
        first, last = max(0, int(firsts[number] - thick)), min(height, int(np.ceil(base + thick)))
        part, at = pixels[first:last], rows[first:last]
        # The body's upper edge is under the line, so that only the line has to be smooth.
        inside = (at + 0.5 > tops[number]) & (at < base)
        if seen == 1:
            np.copyto(whole[first:last], body_whole, where=inside)
        else:
            y, x = inside.nonzero()
            part[y, x] = part[y, x] + seen * (body[x, :3] - part[y, x].astype(np.float32)) + 0.5
        on = np.minimum(at + 1, lows[number] + thick) - np.maximum(at, highs[number] - thick)
        y, x = (on > 0).nonzero()
        share = seen * np.minimum(on[y, x], 1)[:, np.newaxis]
        behind = part[y, x].astype(np.float32)
        part[y, x] = behind + share * ((accent if is_here else line) - behind) + 0.5
    return image_of_pixels(found, QImage.Format.Format_RGB32)


def _edges(column: RidgeColumn, bases: npt.NDArray[np.float64]) -> tuple[Values, Values, Values]:
    """For every ridge and pixel of the width: where the ridge is, and the upper and lower end of its line there."""
    bins = column.heights.shape[1]
    places = np.linspace(0, bins - 1, len(column.fill))
    before = np.minimum(places.astype(np.intp), max(bins - 2, 0))
    part = places - before
    after = np.minimum(before + 1, bins - 1)
    heights = column.heights[:, before] * (1 - part) + column.heights[:, after] * part
    tops = (bases[:, np.newaxis] - heights).astype(np.float32)
    # In every pixel the line spans half the way to each neighbour, so that it has no gaps where it is steep.
    middles = (tops[:, :-1] + tops[:, 1:]) / 2
    highs, lows = tops.copy(), tops.copy()
    for side in (slice(1, None), slice(None, -1)):
        np.minimum(highs[:, side], middles, out=highs[:, side])
        np.maximum(lows[:, side], middles, out=lows[:, side])
    return tops, highs, lows


def _bgr(colour: QColor) -> Values:
    return np.array([colour.blue(), colour.green(), colour.red()], np.float32)
