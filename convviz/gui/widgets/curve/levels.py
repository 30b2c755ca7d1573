"""Values of y with a meaning, as dashed lines across the curves, each with a few words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt

from convviz.gui.theme import Theme
from convviz.present.series import Series

Transform = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]
MOST = 1000
ROOM = 18
"""Height that the words need, in pixels."""
RISES = (1, 0, 2, -1, 3)
"""Where the words may stand, the best first: their upper edge above the line, in text heights; 0 is just below it."""
WHERE = 0.98
"""Where the words stand along the line, as a share of its width: at the right, as curves begin at the left."""


class CurveLevels:
    """Dashed horizontal lines under the curves.

    Parameters
    ----------
    plot : pyqtgraph.PlotWidget
        Owns the lines.
    theme : Theme

    Attributes
    ----------
    shown : tuple of (float, str)
        Values on the y axis, and words.
    lines : list of pyqtgraph.InfiniteLine
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._plot, self._theme = plot, theme
        self.shown: tuple[tuple[float, str], ...] = ()
        self.lines: list[pg.InfiniteLine] = []

    def set(self, levels: Sequence[tuple[float, str]]) -> bool:
        """Show these levels; returns whether they are new, so that :meth:`draw` has to place them."""
        if tuple(levels) == self.shown:
            return False
        self.shown = tuple(levels)
        for line in self.lines:
            self._plot.removeItem(line)
        self.lines = []
        for _, words in self.shown:
            options = {"position": WHERE, "anchors": [(1, 1), (1, 1)]}
            line = pg.InfiniteLine(angle=0, label=words, labelOpts=options)
            line.setZValue(-50)
            self.lines.append(line)
            self._plot.addItem(line, ignoreBounds=True)
        return True

    def draw(self, transform: Transform, series: Sequence[Series] = ()) -> None:
        """Place the lines at their values, in the theme's colours, and the words where they cover the curves least."""
        palette, box = self._theme.palette, self._plot.getViewBox()
        (start, end), (bottom, top) = box.viewRange()
        pixel = box.viewPixelSize()[1]
        for (value, _), line in zip(self.shown, self.lines, strict=True):
            height = float(transform(np.array([value]))[0])
            line.setValue(height)
            line.label.setVisible(bottom <= height <= top)
            wide = line.label.boundingRect().width() * box.viewPixelSize()[0]
            room = (top - height) / (ROOM * pixel), (height - bottom) / (ROOM * pixel)
            # Just above the line if possible; elsewhere if there is no room, or if curves are there.
            rises = [one for one in RISES if one <= room[0] and 1 - one <= room[1]] or [0]

            def crossed(share: float, rise: int, at: float = height, words: float = wide) -> int:
                heights = at + (rise - 1) * ROOM * pixel, at + rise * ROOM * pixel
                return crossings(series, transform, span(start, end, share, words), heights)

            places = [(share, rise) for rise in rises for share in (WHERE, 1 - WHERE)]
            share, rise = min(places, key=lambda place: crossed(*place))
            anchor = (1 if share == WHERE else 0, rise)
            if line.label.anchors[0] != anchor:
                line.label.anchors = [anchor, anchor]
                line.label.setPosition(share)
            line.setPen(pg.mkPen(palette.muted, width=1, style=Qt.PenStyle.DashLine))
            line.label.setColor(palette.muted)
            line.label.fill = pg.mkBrush(self._theme.colour("panel", 0.7))  # readable also where curves are everywhere
            line.label.setFont(self._theme.font(11))


def span(start: float, end: float, share: float, wide: float) -> tuple[float, float]:
    """Where words of a width lie on the x axis: they end near its right end, or begin near the left one."""
    at = start + share * (end - start)
    return (at - wide, at) if share == WHERE else (at, at + wide)


def crossings(
    series: Sequence[Series], transform: Transform, x: tuple[float, float], heights: tuple[float, float]
) -> int:
    """How many values of the curves lie in a box; of each curve, one or two thousand are looked at."""
    low, high = sorted(heights)
    found = 0
    for one in series:
        first, last = np.searchsorted(one.x, x)
        some = one.y[max(int(first) - 1, 0) : int(last) + 1 : max(1, (int(last) - int(first)) // MOST)]
        placed = transform(np.asarray(some, np.float64))
        found += int(np.count_nonzero((placed >= low) & (placed <= high)))
    return found
