"""The axes of curves: few labels, of round numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal, Protocol

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetrics

from convviz.gui.theme import Theme
from convviz.gui.widgets.curve.data import log_ticks, nice_step, whole_ticks

Scale = Literal["linear", "log"]
Form = Literal["number", "percent"]


GAP = 18
"""Smallest gap between two labels of the x axis, in pixels."""
APART = 15
"""Smallest distance between two labels of a logarithmic axis, in pixels."""
SPACED = 64
"""Smallest distance between the beginnings of two labels of the x axis, in pixels."""


class CurveStyle(Protocol):
    """The properties of the curves that an axis needs."""

    @property
    def scale(self) -> Scale:
        """Whether y is linear or logarithmic."""

    @property
    def form(self) -> Form:
        """The format of values."""


def apart(powers: list[float], distance: float) -> list[float]:
    """Exponents of ten that are at least ``distance`` apart; whole ones are taken first."""
    kept: list[float] = []
    for one in sorted(powers, key=lambda power: (abs(power - round(power)) > 1e-9, power)):
        if all(abs(one - other) >= distance for other in kept):
            kept.append(one)
    return sorted(kept)


def restyle(axes: Mapping[str, pg.AxisItem], theme: Theme) -> None:
    """Have axes read the theme's colours again."""
    for axis in axes.values():
        axis.setTickFont(theme.mono(11))
        axis.setTextPen(pg.mkPen(theme.palette.muted))
        axis.setPen(pg.mkPen(None))
        axis.setTickPen(pg.mkPen(theme.palette.line, width=1))
    axes["left"].setGrid(255)


class ValueAxis(pg.AxisItem):
    """The y axis: round values, and grid lines."""

    def __init__(self, orientation: str, style: CurveStyle) -> None:
        super().__init__(orientation, showValues=True, maxTickLength=0)
        self._curve_style = style
        self.setStyle(tickTextOffset=8, hideOverlappingLabels=False, tickAlpha=255)

    def boundingRect(self) -> QRectF:
        # With grid lines, the base class leaves no room beyond the ends, and omits the labels there.
        return super().boundingRect().adjusted(0, -10, 0, 10)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if self._curve_style.scale == "log":
            return [
                (1.0, apart([math.log10(one) for one in log_ticks(low, high)], APART * (high - low) / max(size, 1)))
            ]
        step = nice_step(0.94 * (high - low), max(2, min(6, int(size / 36))))
        first = math.ceil(low / step - 1e-6)
        return [(step, [at * step for at in range(first, math.floor(high / step + 1e-6) + 1)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self._curve_style.scale == "log":
            return [f"{10**one:.3g}" for one in values]
        if self._curve_style.form == "percent":
            places = max(0, -math.floor(math.log10(spacing * 100) + 1e-9))
            return [f"{one * 100:.{places}f}%" for one in values]
        return [f"{one:.6g}" if abs(one) > 1e-12 else "0" for one in values]


class StepAxis(pg.AxisItem):
    """The x axis: whole steps, without grid lines."""

    def __init__(self, orientation: str, style: CurveStyle) -> None:
        super().__init__(orientation, showValues=True, maxTickLength=0)
        self._curve_style = style
        self.setStyle(tickTextOffset=6, hideOverlappingLabels=40, tickAlpha=255)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        widest = QFontMetrics(self.style["tickFont"] or self.font()).horizontalAdvance(f"{round(high):,}")
        ticks = whole_ticks(low, high, int(size / max(widest + GAP, SPACED)))
        return [(ticks[1] - ticks[0] if len(ticks) > 1 else 1.0, ticks)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{round(one):,}" for one in values]
