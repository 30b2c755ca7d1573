"""Which part of the plane curves are shown in: round numbers that hold still while the curves grow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convviz.gui.widgets.curve_axis import Scale
from convviz.gui.widgets.curve_data import Series, steady_end, steady_range

Ends = tuple[float, float]
EMPTY: tuple[Ends, Ends] = ((0.0, 1.0), (0.0, 1.0))
"""What is in view while there are no values."""


class CurveRange:
    """The ends of both axes.

    Parameters
    ----------
    bounds : (float or None, float or None)
        What y can't go beyond on a linear scale.
    """

    def __init__(self, bounds: tuple[float | None, float | None]) -> None:
        self._bounds = bounds
        self._y: Ends | None = None
        self._x: float | None = None

    def forget_y(self) -> None:
        """Choose the ends of y anew: it has another scale."""
        self._y = None

    def around(self, series: Sequence[Series], shown: Sequence[np.ndarray], scale: Scale) -> tuple[Ends, Ends]:
        """Ends of x and of y that hold all curves.

        Parameters
        ----------
        series : sequence of Series
        shown : sequence of ndarray
            Their heights as they are drawn: logarithms on a log scale, NaN where there is nothing to draw.
        scale : str
            ``linear`` or ``log``.
        """
        lows, highs, ends, starts = [], [], [], []
        for one, y in zip(series, shown, strict=True):
            if y.size and not np.isnan(y).all():
                lows.append(float(np.nanmin(y)))
                highs.append(float(np.nanmax(y)))
                starts.append(float(one.x[0]))
                ends.append(float(one.x[-1]))
        if not lows:
            self._y = self._x = None
            return EMPTY
        bounds = self._bounds if scale == "linear" else (None, None)
        parts = 5 if scale == "linear" else 10
        self._y = steady_range(min(lows), max(highs), self._y, bounds, parts)
        self._x = steady_end(max(ends), self._x)
        start = min(0.0, min(starts)) if min(starts) < 0.2 * self._x else min(starts)
        end = self._x * 1.0005  # the axis leaves out a label that lies on the very end
        if all(one.kind == "points" for one in series if len(one.x)):
            start, end = min(starts), max(max(ends), min(starts) + 1)
            start, end = start - 0.04 * (end - start), end + 0.04 * (end - start)
        elif start > 0:
            start -= 0.03 * (end - start)  # what begins there may be a dot
        low, high = self._y
        room = (high - low) * 0.03
        return (start, end), (low - room, high + room)
