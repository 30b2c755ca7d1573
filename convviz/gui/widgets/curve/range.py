"""The ranges of the axes: round numbers that rarely change while the curves grow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from convviz.gui.widgets.curve.axis import Scale
from convviz.gui.widgets.curve.data import steady_end, steady_range
from convviz.gui.widgets.curve.heights import Heights
from convviz.present.series import Series

Ends = tuple[float, float]
DIP = 0.7
"""On a log scale, powers of ten that single values may lie below all other curves; lower ones are cut off."""
EMPTY: tuple[Ends, Ends] = ((0.0, 1.0), (0.0, 1.0))
"""The ranges while there are no values."""


class CurveRange:
    """The ends of both axes.

    Parameters
    ----------
    bounds : (float or None, float or None)
        Limits of y on a linear scale.
    """

    def __init__(self, bounds: tuple[float | None, float | None]) -> None:
        self._bounds = bounds
        self._y: Ends | None = None
        self._x: float | None = None
        """Length of the axis."""
        self._seen: Ends | None = None
        """Ends of y for the visible part of the curves."""

    def forget_y(self) -> None:
        """Forget the ends of y, because the scale has changed."""
        self._y = self._seen = None

    def around(self, series: Sequence[Series], shown: Sequence[Heights], scale: Scale) -> tuple[Ends, Ends]:
        """Ends of x and of y that contain all curves.

        Parameters
        ----------
        series : sequence of Series
        shown : sequence of Heights
            Their heights.
        scale : str
            ``linear`` or ``log``.
        """
        ends, starts = [], []
        reaches = [heights.ends for heights in shown]
        for one, there in zip(series, reaches, strict=True):
            if there is not None:
                starts.append(float(one.x[0]))
                ends.append(float(one.x[-1]))
        reach = _together(_without_dips(series, reaches, scale))
        if reach is None:
            self._y = self._x = self._seen = None
            return EMPTY
        self._y = self._steady(reach, self._y, scale)
        start, last = min(starts), max(ends)
        if start < 0.2 * last:
            start, first = min(0.0, start), 0.0
        else:  # a part of a run takes all of the room
            first = start
        self._x = steady_end(last - first, self._x)
        end = first + self._x * 1.0005  # the axis omits a label at its very end
        if all(one.kind in ("points", "dots") for one in series if len(one.x)):
            start, end = min(starts), max(max(ends), min(starts) + 1)
            start, end = start - 0.04 * (end - start), end + 0.04 * (end - start)
        elif start > 0:
            start -= 0.03 * (end - start)  # there may be a dot at the beginning
        return (start, end), _with_room(self._y)

    def in_sight(self, series: Sequence[Series], shown: Sequence[Heights], scale: Scale, ends: Ends) -> Ends:
        """Ends of y for the values between two x, or for all values if there are none between them."""
        parts: list[Ends | None] = []
        for one, heights in zip(series, shown, strict=True):
            first, last = np.searchsorted(one.x, ends[0]), np.searchsorted(one.x, ends[1], side="right")
            parts.append(heights.extremes.ends(heights.values, int(first), int(last)))
        reach = _together(_without_dips(series, parts, scale))
        if reach is None:
            return _with_room(self._y) if self._y is not None else EMPTY[1]
        self._seen = self._steady(reach, self._seen, scale)
        return _with_room(self._seen)

    def _steady(self, reach: Ends, held: Ends | None, scale: Scale) -> Ends:
        bounds = self._bounds if scale == "linear" else (None, None)
        return steady_range(*reach, held, bounds, 5 if scale == "linear" else 20)


def _without_dips(series: Sequence[Series], reaches: Sequence[Ends | None], scale: Scale) -> list[Ends | None]:
    """Cut low single values on a log scale: values next to 0 would squeeze the curve of their mean."""
    lows = [reach[0] for one, reach in zip(series, reaches, strict=True) if reach is not None and one.kind != "raw"]
    if scale == "linear" or not lows:
        return list(reaches)
    lowest = min(lows) - DIP
    return [
        reach if reach is None or one.kind != "raw" else (max(reach[0], min(lowest, reach[1])), reach[1])
        for one, reach in zip(series, reaches, strict=True)
    ]


def _together(reaches: Sequence[Ends | None]) -> Ends | None:
    there = [one for one in reaches if one is not None]
    return (min(low for low, _ in there), max(high for _, high in there)) if there else None


def _with_room(ends: Ends) -> Ends:
    room = (ends[1] - ends[0]) * 0.03
    return ends[0] - room, ends[1] + room
