"""One curve on a plot: the visible part, thinned to the screen's resolution."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import Qt

from convviz.gui.theme.palette import Palette
from convviz.gui.widgets.curve.axis import Scale
from convviz.gui.widgets.curve.data import as_steps, thin_evenly, thin_extremes
from convviz.gui.widgets.curve.heights import Heights
from convviz.present.series import Series


class CurveItem(pg.PlotDataItem):
    """The line of one series.

    Attributes
    ----------
    drawings : int
        Number of times its points were set.
    """

    def __init__(self) -> None:
        super().__init__()
        self.drawings = 0
        self._drawn: tuple[object, ...] = ()

    def show_part(
        self,
        one: Series,
        heights: Heights,
        ends: tuple[float, float],
        pixels: int,
        look: Palette,
        scale: Scale,
    ) -> None:
        """Draw a part of a series; does nothing if it is already drawn.

        Parameters
        ----------
        one : Series
        heights : Heights
            Its drawn y values.
        ends : (float, float)
            The visible range of x.
        pixels : int
            Width of the view.
        look : Palette
        scale : str
            Scale of the heights.
        """
        style = one.name, one.token, one.kind, one.dashed, look.dark
        wanted = (*style, one.begins, len(heights.values), ends, pixels, scale)
        if wanted == self._drawn and one.begins is not None:
            return
        self._drawn = wanted
        self.drawings += 1
        colour = look.colour(one.token)
        first = max(0, int(np.searchsorted(one.x, ends[0])) - 1)
        last = int(np.searchsorted(one.x, ends[1], side="right")) + 1
        x: npt.NDArray[np.generic] = np.asarray(one.x)[first:last]
        y: npt.NDArray[np.generic] = heights.values[first:last]
        if one.kind == "raw":
            if len(x) > 2 * pixels:
                places = heights.extremes.thinned(first, first + len(x), pixels)
                x, y = thin_extremes(np.asarray(one.x)[places], heights.values[places], pixels)
            pen = pg.mkPen(colour, width=1)
        else:
            # A dashed line has to be stroked as a whole, which takes ten times as long.
            x, y = thin_evenly(x, y, min(pixels, 250 if one.dashed else 1000))
            line = Qt.PenStyle.CustomDashLine if one.dashed else Qt.PenStyle.SolidLine
            pen = pg.mkPen(colour, width=2, style=line, dash=[3, 2] if one.dashed else None)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap if one.dashed else Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if one.kind == "steps":
            x, y = as_steps(x, y)
        dots = one.kind in ("points", "dots") or (one.kind != "raw" and len(x) == 1)
        dots = dots and bool(np.isfinite(y).any())  # pyqtgraph needs a finite value among them
        self.setData(
            x,
            y,
            pen=None if one.kind == "dots" else pen,
            antialias=one.kind != "raw",
            connect="finite",
            symbol="o" if dots else None,
            symbolSize=6,
            symbolBrush=pg.mkBrush(colour),
            symbolPen=pg.mkPen(look.panel, width=1),
        )
        self.curve.setSegmentedLineMode("auto" if one.kind == "raw" or one.dashed else "on")
