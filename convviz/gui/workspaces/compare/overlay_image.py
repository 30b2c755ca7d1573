"""Curves of any number of runs as one image, drawn outside the window's thread, a few at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from convviz.core.arrays import Array
from convviz.present.compare.curves import DrawnCurve

__all__ = ["Frame", "Line", "Ribbon", "drawn", "heights", "y_range"]

DASHES = (3.0, 3.0)
"""Of a curve that lies on another one, in widths of the pen."""
AT_ONCE = 24
"""Curves that are drawn before another thread may run."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A curve to draw: points ``(n,)``, in the units of the axes (of a logarithmic one, the logarithms).

    Up to ``shared`` on the x axis it lies on another curve and is dashed, so that both are seen.
    """

    x: Array
    y: Array
    colour: str
    width: float = 1.0
    alpha: float = 1.0
    dots: bool = False
    shared: float = -math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Ribbon:
    """An area between two curves."""

    x: Array
    low: Array
    high: Array
    colour: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the plane that is drawn, and the size of the image in pixels, with their ratio to the window's."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: int
    height: int
    ratio: float = 1.0

    def across(self, x: Array) -> Array:
        """Pixels from the left."""
        low, high = self.x
        return (np.asarray(x, np.float64) - low) * (self.width / max(high - low, 1e-300))

    def down(self, y: Array) -> Array:
        """Pixels from the top."""
        low, high = self.y
        return (high - np.asarray(y, np.float64)) * (self.height / max(high - low, 1e-300))


def heights(y: np.ndarray, log: bool) -> np.ndarray:
    """Where values lie on the axis: their logarithms, if it is logarithmic."""
    if not log:
        return y
    with np.errstate(divide="ignore", invalid="ignore"):
        found: np.ndarray = np.log10(np.where(y > 0, y, np.nan))
    return found


def y_range(traces: Sequence[DrawnCurve], x: tuple[float, float], *, log: bool, percent: bool) -> tuple[float, float]:
    """The ends of the y axis, around all that is visible."""
    values = []
    for at, one in enumerate(traces):
        if at % 50 == 49:
            time.sleep(0)  # lets the window's thread run
        inside = (one.x >= x[0]) & (one.x <= x[1]) & np.isfinite(one.y)
        if log:
            inside &= one.y > 0
        values.append(one.y[inside])
    every = np.concatenate(values) if values else np.empty(0)
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    if log and len(every):
        low, high = math.log10(low), math.log10(high)
    pad = 0.05 * (high - low) or 0.05 * abs(high) or 0.1
    return low - pad, min(high + pad, 1.0 + pad / 2) if percent else high + pad


def drawn(
    lines: Sequence[Line], ribbons: Sequence[Ribbon], frame: Frame, cancelled: Callable[[], bool] = lambda: False
) -> QImage | None:
    """Draw curves; None if it was cancelled."""
    ratio = frame.ratio
    image = QImage(round(frame.width * ratio), round(frame.height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    try:
        for ribbon in ribbons:
            colour = QColor(ribbon.colour)
            colour.setAlphaF(0.18)
            x, low, high = frame.across(ribbon.x), frame.down(ribbon.low), frame.down(ribbon.high)
            points = [QPointF(*one) for one in zip(x.tolist(), low.tolist(), strict=True)]
            points += [QPointF(*one) for one in zip(x[::-1].tolist(), high[::-1].tolist(), strict=True)]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF(points))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for at, line in enumerate(lines):
            if at % AT_ONCE == AT_ONCE - 1:
                time.sleep(0.001)
            if cancelled():
                return None
            _draw(painter, line, frame)
    finally:
        painter.end()
    return image


def _draw(painter: QPainter, line: Line, frame: Frame) -> None:
    x, y = frame.across(line.x), frame.down(line.y)
    inside = (x >= -frame.width) & (x <= 2 * frame.width) & np.isfinite(y)
    shared = int((line.x[inside] <= line.shared).sum())
    x, y = x[inside], np.clip(y[inside], -1e4, 1e4)
    if not len(x):
        return
    colour = QColor(line.colour)
    colour.setAlphaF(line.alpha)
    pen = QPen(colour, line.width)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if shared > 1:
        dashed = QPen(pen)
        dashed.setCapStyle(Qt.PenCapStyle.FlatCap)
        dashed.setDashPattern(DASHES)
        painter.setPen(dashed)
        painter.drawPath(pg.arrayToQPath(x[:shared], y[:shared]))
    painter.setPen(pen)
    path: QPainterPath = pg.arrayToQPath(x[max(0, shared - 1) :], y[max(0, shared - 1) :])
    painter.drawPath(path)
    if len(x) == 1 or (line.dots and len(x) <= 60):
        painter.setBrush(colour)
        painter.setPen(Qt.PenStyle.NoPen)
        for at, point in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            side = 3.0 if line.width > 1.2 else 2.0
            side *= 0.5 if at < shared else 1.0
            painter.drawEllipse(QRectF(point[0] - side, point[1] - side, 2 * side, 2 * side))
        painter.setBrush(Qt.BrushStyle.NoBrush)
