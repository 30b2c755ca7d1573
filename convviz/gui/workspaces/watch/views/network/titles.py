"""What of the network map stands while numbers change: titles, badges, labels of rows, tracks, faint links."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from convviz.gui.theme import Theme
from convviz.present.watch.network_map.health import GOOD, place_on_axis
from convviz.present.watch.network_map.layout import MapLayout, Place

LINES = 5
"""Faint lines of a link from all to all start at this many places."""
BADGE = 15


def paint_standing(painter: QPainter, layout: MapLayout, theme: Theme, *, has_filters: bool) -> None:
    """Paint it on a transparent ground."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rows = layout.rows
    if layout.chosen is not None:
        place = layout.places[layout.chosen]
        frame = QRectF(place.x - 7.5, 0.5, place.width + 15, rows.end + 1)
        painter.setPen(QPen(theme.colour("accent"), 1))
        painter.setBrush(theme.colour("accent_wash", 0.5))
        painter.drawRoundedRect(frame, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    for number, place in enumerate(layout.places):
        for source in place.column.sources:
            _link(painter, layout, source, number, theme)
    painter.setPen(QPen(theme.colour("line"), 1))
    y = rows.dead - 4.5
    painter.drawLine(QPointF(0, y), QPointF(layout.places[-1].x + layout.places[-1].width, y))
    for number, place in enumerate(layout.places):
        _head(painter, place, theme, is_chosen=number == layout.chosen)
        if place.column.weight:
            _track(painter, place, rows.ratio, theme)
    _labels(painter, layout, theme, has_filters=has_filters)


def _head(painter: QPainter, place: Place, theme: Theme, *, is_chosen: bool) -> None:
    column = place.column
    bold, small, number = theme.font(13, QFont.Weight.DemiBold), theme.font(11), theme.mono(11)
    title = "input x" if column.kind == "input" else column.layer
    title = title if QFontMetricsF(bold).horizontalAdvance(title) <= place.width + 8 else column.layer
    painter.setFont(bold)
    painter.setPen(theme.colour("accent_text" if is_chosen else "ink"))
    painter.drawText(QPointF(place.x, 13), title)
    x = place.x + QFontMetricsF(bold).horizontalAdvance(title) + 6
    right = place.x + place.width + 8
    left_over: list[str] = []
    for badge in column.badges:
        wide = QFontMetricsF(small).horizontalAdvance(badge) + 8
        if not left_over and x + wide <= right:
            _badge(painter, x, 2, wide, badge, theme)
            x += wide + 3
        else:
            left_over.append(badge)
    x = float(place.x)
    metrics = QFontMetricsF(number)
    badges = sum(QFontMetricsF(small).horizontalAdvance(badge) + 11 for badge in left_over)
    for words in (column.words, "×".join(map(str, column.shape[:2])), str(column.units), ""):
        needed = metrics.horizontalAdvance(words)
        if needed + (badges + 5 if badges and words else badges) <= place.width + 10:
            break
    painter.setFont(number)
    painter.setPen(theme.colour("muted"))
    painter.drawText(QPointF(x, 29), words)
    x += metrics.horizontalAdvance(words) + (5 if words else 0)
    for badge in left_over:
        wide = QFontMetricsF(small).horizontalAdvance(badge) + 8
        if x + wide > right + 4:
            break
        _badge(painter, x, 18, wide, badge, theme)
        x += wide + 3


def _badge(painter: QPainter, x: float, y: float, width: float, words: str, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("tray"))
    painter.drawRoundedRect(QRectF(x, y, width, BADGE), 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(theme.font(11))
    painter.setPen(theme.colour("muted"))
    painter.drawText(QRectF(x, y, width, BADGE), Qt.AlignmentFlag.AlignCenter, words)


def _track(painter: QPainter, place: Place, y: int, theme: Theme) -> None:
    """The logarithmic axis of ‖ΔW‖/‖W‖ with its good range."""
    painter.fillRect(QRectF(place.x, y + 6, place.width, 4), theme.colour("tray"))
    low, high = (place.x + place.width * place_on_axis(power) for power in GOOD)
    painter.fillRect(QRectF(low, y + 6, high - low, 4), theme.colour("success", 0.45))


def _labels(painter: QPainter, layout: MapLayout, theme: Theme, *, has_filters: bool) -> None:
    rows = layout.rows
    painter.setFont(theme.font(12))
    painter.setPen(theme.colour("muted"))
    labels = [(rows.dead, "dead"), (rows.ratio, "‖ΔW‖/‖W‖"), (rows.values + 8, "values")]
    if has_filters:
        labels.append((rows.filters + 4, "filters"))
    for y, words in labels:
        painter.drawText(QRectF(0, y, 80, 18), Qt.AlignmentFlag.AlignVCenter, words)


def _link(painter: QPainter, layout: MapLayout, source: int, target: int, theme: Theme) -> None:
    """A fan from all to all, parallel lines from one to one; an arc above the maps past columns between."""
    left, right = layout.places[source], layout.places[target]
    painter.setPen(QPen(theme.colour("line"), 1))
    start, end = left.x + _shown_width(left) + 2, right.x - 2
    if target - source > 1:
        y = layout.rows.maps - 4
        path = QPainterPath(QPointF(start, layout.rows.maps + 4))
        path.cubicTo(QPointF(start + 8, y), QPointF(start + 8, y), QPointF(start + 16, y))
        path.lineTo(QPointF(end - 16, y))
        path.cubicTo(QPointF(end - 8, y), QPointF(end - 8, y), QPointF(end, layout.rows.maps + 4))
        painter.setPen(QPen(theme.colour("faint"), 1))
        painter.drawPath(path)
        return
    ys, zs = _heights(left), _heights(right)
    pairs = itertools.product(ys, zs) if right.column.weight else zip(ys, zs, strict=True)
    painter.drawLines([QLineF(start, one, end, other) for one, other in pairs])


def _shown_width(place: Place) -> int:
    return min(place.maps.width, place.width)


def _heights(place: Place) -> Sequence[float]:
    """Evenly spaced heights along a column's maps."""
    height = min(place.maps.height, 120)
    return [place.maps.y + height * (number + 0.5) / LINES for number in range(LINES)]
