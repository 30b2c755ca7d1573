"""The heights at which a curve's points are drawn, extended as the curve grows."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from convviz.gui.widgets.curve.axis import Scale
from convviz.gui.widgets.curve.extremes import Extremes
from convviz.present.series import Series

Values = npt.NDArray[np.float64]


class Heights:
    """The drawn y values of one curve: logarithms on a log scale, NaN where nothing can be drawn.

    If a curve only grew, only its new points are computed.

    Attributes
    ----------
    low, high : float
        The lowest and highest drawn value; ``low`` is above ``high`` if there is none.
    extremes : Extremes
        The lowest and highest values by blocks, for showing a part of the curve.
    undrawn : int
        Number of values that can't be drawn on a log scale.
    computed : int
        Number of points computed so far.
    """

    def __init__(self) -> None:
        self.extremes = Extremes()
        self._room: Values = np.empty(256)
        self._count = 0
        self._scale: Scale = "linear"
        self._begins: object = None
        self.low, self.high = math.inf, -math.inf
        self.undrawn = 0
        self.computed = 0

    @property
    def values(self) -> Values:
        """One height per point."""
        return self._room[: self._count]

    @property
    def ends(self) -> tuple[float, float] | None:
        """The lowest and the highest value; ``None`` if nothing is drawn."""
        return (self.low, self.high) if self.low <= self.high else None

    def take(self, one: Series, scale: Scale) -> None:
        """Update from a series: only its new points if it grew, otherwise all."""
        grew = one.begins is not None and one.begins == self._begins and len(one.y) >= self._count
        if scale != self._scale or not grew:
            self._count, self._scale, self._begins, self.undrawn = 0, scale, one.begins, 0
            self.low, self.high = math.inf, -math.inf
            self.extremes.clear()
        first, count = self._count, len(one.y)
        new = np.asarray(one.y[first:], dtype=np.float64)
        if scale == "log":
            there = new > 0
            self.undrawn += int(new.size - np.count_nonzero(there))
            new = np.log10(np.where(there, new, np.nan))
        new = np.where(np.isfinite(new), new, np.nan)
        if count > len(self._room):
            room = np.empty(max(count, 2 * len(self._room)))
            room[:first] = self._room[:first]
            self._room = room
        self._room[first:count] = new
        self._count = count
        self.computed += new.size
        self.extremes.grow(self.values)
        finite = new[np.isfinite(new)]
        if finite.size:
            self.low, self.high = min(self.low, float(finite.min())), max(self.high, float(finite.max()))
