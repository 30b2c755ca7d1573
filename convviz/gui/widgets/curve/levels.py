"""Heights that mean something, as dashed lines across the curves, each with a few words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt

from convviz.gui.theme import Theme

Transform = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]
ROOM = 18
"""Pixels that the words need above the line."""
WHERE = 0.98
"""Where the words stand along the line, as a share of its width: early on, the curves are at the left."""


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

    def set(self, levels: Sequence[tuple[float, str]]) -> None:
        """Show these; they are drawn with the curves."""
        if tuple(levels) == self.shown:
            return
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

    def draw(self, transform: Transform) -> None:
        """Put the lines where the axis has their values, in the colours of the theme."""
        palette = self._theme.palette
        (_, top), pixel = self._plot.getViewBox().viewRange()[1], self._plot.getViewBox().viewPixelSize()[1]
        for (value, _), line in zip(self.shown, self.lines, strict=True):
            height = float(transform(np.array([value]))[0])
            line.setValue(height)
            # Below the line where there is no room above it.
            anchor = (1, 0) if top - height < ROOM * pixel else (1, 1)
            if line.label.anchors[0] != anchor:
                line.label.anchors = [anchor, anchor]
                line.label.updatePosition()
            line.setPen(pg.mkPen(palette.muted, width=1, style=Qt.PenStyle.DashLine))
            line.label.setColor(palette.muted)
            line.label.setFont(self._theme.font(11))
