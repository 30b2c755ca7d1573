"""What is painted around and over the curves of many runs: axes, names, the cursor, and the values at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen

from convviz.gui.theme import current_theme
from convviz.gui.widgets.curve.data import log_ticks, nice_step
from convviz.gui.workspaces.compare.names import shortened
from convviz.gui.workspaces.compare.overlay_image import Frame

__all__ = ["LEFT", "Dot", "End", "NamedValue", "paint_axes", "paint_card", "paint_cursor", "paint_names"]

LEFT = 52
"""Room for the numbers at the left."""
PITCH = 16
"""Pixels from a line of the card to the next."""
EARLY = 24
"""Pixels before the right edge from which a curve counts as one that ends earlier."""
CARD = 186
"""Largest width of the card."""


@dataclass(frozen=True, slots=True)
class End:
    """The end of a curve, in the units of the axes, with the name of its run and its colour."""

    x: float
    y: float
    name: str
    bold: bool
    colour: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A value at the cursor, in the units of the axis, and the colour of its curve."""

    y: float
    colour: str


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value as text, with its name and the colour of its curve."""

    name: str
    value: str
    colour: str = ""


def paint_axes(painter: QPainter, area: QRectF, frame: Frame, *, log: bool, percent: bool) -> None:
    """Paint both axes with their numbers."""
    theme = current_theme()
    painter.setFont(theme.mono(11))
    low, high = frame.y
    ticks = [math.log10(one) for one in log_ticks(low, high)] if log else round_values(low, high, area.height() / 44)
    for tick in ticks:
        y = area.top() + float(frame.down(np.array([tick]))[0])
        if not area.top() - 1 <= y <= area.bottom() + 1:
            continue
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setPen(theme.colour("muted"))
        value = 10**tick if log else tick
        text = f"{100 * value:.4g} %" if percent else f"{value:.3g}"
        place = QRectF(0, y - 8, LEFT - 6, 16)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    for tick in round_values(*frame.x, max(2, area.width() / 80)):
        x = area.left() + float(frame.across(np.array([tick]))[0])
        place = QRectF(x - 40, area.bottom() + 4, 80, 16)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{tick:,.4g}" if tick < 1e6 else f"{tick:.3g}")


def paint_names(painter: QPainter, area: QRectF, frame: Frame, ends: Sequence[End], room: int) -> None:
    """Paint names at the right of their curves, pushed apart where they would lie over each other.

    A curve that ends earlier has a dot at its end, and a dotted line from there to its name.
    """
    theme = current_theme()
    heights = [float(frame.down(np.array([end.y]))[0]) for end in ends]
    order = sorted(zip((y if math.isfinite(y) else 0.0 for y in heights), ends, strict=True), key=lambda one: one[0])
    places: list[float] = []
    for y, _ in order:
        places.append(max(min(max(y, 0), area.height()), places[-1] + 14 if places else 0))
    over = max(0.0, (places[-1] if places else 0) - area.height())
    for (y, end), place in zip(order, places, strict=True):
        at, from_ = area.top() + place - over, area.top() + min(max(y, 0), area.height())
        x = across(area, frame, end.x)
        if area.left() <= x < area.right() - EARLY:
            painter.setPen(QPen(theme.colour("muted"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x + 5, from_), QPointF(area.right() + 1, from_))
            painter.setPen(QPen(theme.colour("panel"), 1.5))
            painter.setBrush(theme.colour(end.colour))
            painter.drawEllipse(QPointF(x, from_), 3.5, 3.5)
        painter.setPen(QPen(theme.colour("faint"), 1))
        painter.drawLine(QPointF(area.right() + 1, from_), QPointF(area.right() + 10, at))
        painter.setFont(theme.font(11, QFont.Weight.DemiBold if end.bold else QFont.Weight.Normal))
        painter.setPen(theme.colour("ink"))
        text = shortened(end.name, painter.fontMetrics(), room - 14)
        painter.drawText(QPointF(area.right() + 13, at + 4), text)


def paint_cursor(
    painter: QPainter, area: QRectF, frame: Frame, at: float, dots: Sequence[Dot], *, pinned: bool
) -> None:
    """Paint a vertical line, and a dot on each of some curves; solid for the moment on show, dashed for the pointer."""
    theme = current_theme()
    x = across(area, frame, at)
    if not area.left() - 1 <= x <= area.right() + 1:
        return
    painter.setPen(
        QPen(theme.colour("accent"), 1.4 if pinned else 1, Qt.PenStyle.SolidLine if pinned else Qt.PenStyle.DashLine)
    )
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
    for dot in dots:
        y = area.top() + float(frame.down(np.array([dot.y]))[0])
        if math.isfinite(y) and area.top() - 1 <= y <= area.bottom() + 1:
            painter.setPen(QPen(theme.colour("panel"), 1.5))
            painter.setBrush(theme.colour(dot.colour))
            painter.drawEllipse(QPointF(x, y), 4, 4)


def paint_card(
    painter: QPainter, area: QRectF, frame: Frame, at: float, title: str, lines: Sequence[NamedValue]
) -> None:
    """Paint values beside the cursor, on the side where there is more room."""
    theme = current_theme()
    x = across(area, frame, at)
    if not area.left() - 1 <= x <= area.right() + 1:
        return
    painter.setFont(theme.font(11))
    names = max((painter.fontMetrics().horizontalAdvance(one.name) for one in lines), default=0)
    painter.setFont(theme.mono(11))
    values = max((painter.fontMetrics().horizontalAdvance(one.value) for one in lines), default=0)
    wide = min(max(names + values + 46, painter.fontMetrics().horizontalAdvance(title) + 20), CARD, 0.62 * area.width())
    shown = lines[: max(1, int((area.height() - 30) // PITCH))]
    left = x + 8 if x + 8 + wide <= area.right() else max(area.left(), x - 8 - wide)
    box = QRectF(left, area.top() + 4, wide, 22 + PITCH * len(shown) + 4)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour("panel", 0.94))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(theme.colour("muted"))
    painter.drawText(box.adjusted(9, 4, -8, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, title)
    for number, one in enumerate(shown):
        row = QRectF(box.left() + 9, box.top() + 21 + number * PITCH, wide - 18, PITCH)
        if one.colour:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(one.colour))
            painter.drawEllipse(QPointF(row.left() + 4, row.center().y()), 4, 4)
        painter.setPen(theme.colour("ink"))
        painter.setFont(theme.font(11))
        room = int(wide - 18 - 14 - values - 8)
        name = shortened(one.name, painter.fontMetrics(), room)
        painter.drawText(row.adjusted(14, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(theme.mono(11))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, one.value)


def across(area: QRectF, frame: Frame, at: float) -> float:
    """Where a place of the axis lies in the widget."""
    return float(area.left() + frame.across(np.array([at]))[0])


def round_values(low: float, high: float, most: float) -> list[float]:
    """Round values between two ends, at most about ``most``."""
    step = nice_step(high - low, max(2, int(most)))
    first = math.ceil(low / step - 1e-9)
    return [at * step for at in range(first, first + 40) if at * step <= high + 1e-9 * step]
