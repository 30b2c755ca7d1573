"""What of the network map changes with every picture, on top of the tiles: numbers, marks, scores, links."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPainterPath, QPen

from convviz.gui.theme import Theme
from convviz.present.watch.network_map.health import Health
from convviz.present.watch.network_map.layout import Grid, MapLayout, Place
from convviz.present.watch.network_map.picture import ColumnPicture, MapPicture

TOKENS = {"fine": "muted", "odd": "warning", "ill": "danger"}
LOWEST_ROW = 12
"""Height of a class's row, in pixels."""
CLOSEST_ROW = 9.5
"""Height of a row of scores in small letters, in pixels."""


def paint_column(painter: QPainter, place: Place, shown: ColumnPicture, layout: MapLayout, theme: Theme) -> None:
    """Paint a column's health, and cross what is silent."""
    column = place.column
    if column.kind not in ("input", "scores"):
        _silent(painter, place, shown, theme)
        if place.maps.count < place.maps.total:
            painter.setFont(theme.font(11))
            painter.setPen(theme.colour("muted"))
            area = QRectF(place.x, layout.rows.filters - 14, place.width, 14)
            painter.drawText(area, Qt.AlignmentFlag.AlignRight, f"{place.maps.count} of {place.maps.total}")
    if column.weight:
        _health(painter, place, shown.health, layout, theme)


def paint_scores(painter: QPainter, place: Place, picture: MapPicture, layout: MapLayout, theme: Theme) -> None:
    """Paint the probabilities of the classes; of many, the largest and the true one."""
    values = picture.probabilities
    room = layout.rows.dead - 8 - layout.rows.maps
    # In little room the rows are closer, in smaller letters, before any class is left out.
    size, lowest = (11, LOWEST_ROW) if len(values) * LOWEST_ROW <= room else (9, CLOSEST_ROW)
    most = max(2, int(room // lowest))
    rows = list(range(len(values)))
    if len(rows) > most:
        rows = sorted(rows, key=lambda n: -float(values[n]))[: most - 2]
        rows = sorted({*rows, picture.label})
    left_out = len(values) - len(rows)
    step = min(room / max(len(rows) + bool(left_out), 1), 18)
    if left_out:
        painter.setFont(theme.mono(size))
        painter.setPen(theme.colour("muted"))
        last = QRectF(place.x, layout.rows.maps + len(rows) * step, place.width, step)
        painter.drawText(last, Qt.AlignmentFlag.AlignVCenter, f"+ {left_out:,} smaller")
    names = [picture.class_names[n] for n in rows]
    painter.setFont(theme.mono(size))
    metrics = painter.fontMetrics()
    label_width = min(max((metrics.horizontalAdvance(name) for name in names), default=8), place.width // 2)
    number_width = metrics.horizontalAdvance("0.00")
    left = place.x + label_width + 5
    room_bar = max(6, place.width - label_width - 10 - number_width)
    best = int(values.argmax())
    for row, number in enumerate(rows):
        y = layout.rows.maps + row * step
        value = float(values[number])
        is_true = number == picture.label
        painter.setFont(theme.mono(size, QFont.Weight.Bold) if is_true else theme.mono(size))
        painter.setPen(theme.colour("ink" if is_true else "muted"))
        name = metrics.elidedText(names[row], Qt.TextElideMode.ElideRight, label_width)
        painter.drawText(QRectF(place.x, y, label_width + 2, step), Qt.AlignmentFlag.AlignVCenter, name)
        width = max(1.0, room_bar * value) if math.isfinite(value) else 1.0
        token = "accent" if is_true else "danger" if number == best else "faint"
        painter.fillRect(QRectF(left, y + step / 2 - 3.5, width, 7), theme.colour(token))
        if value >= 0.005 or not math.isfinite(value):
            painter.setPen(theme.colour("ink" if is_true or number == best else "muted"))
            text = f"{value:.2f}"
            painter.drawText(QRectF(left + width + 4, y, number_width + 8, step), Qt.AlignmentFlag.AlignVCenter, text)


def paint_chosen(painter: QPainter, picture: MapPicture, layout: MapLayout, theme: Theme) -> None:
    """Outline the chosen map and filter, and draw its strongest links."""
    painter.setPen(QPen(theme.colour("accent"), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if layout.chosen is not None:
        place = layout.places[layout.chosen]
        if place.column.kind != "scores":
            _outline(painter, place.maps, picture.filter)
        if place.filters is not None:
            _outline(painter, place.filters, picture.filter)
    by_layer = {place.column.layer: place for place in layout.places}
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("accent", 0.85), 1.4))
    for left, tile, right, other in picture.links:
        one = by_layer.get(picture.columns[left].layer)
        two = by_layer.get(picture.columns[right].layer)
        if one is None or two is None or tile >= one.maps.count or other >= two.maps.count:
            continue
        x, y = _end(one.maps, tile, right=True)
        z, w = _end(two.maps, other, right=False)
        path = QPainterPath(QPointF(x, y))
        bend = max(8.0, (z - x) / 2)
        path.cubicTo(QPointF(x + bend, y), QPointF(z - bend, w), QPointF(z, w))
        painter.drawPath(path)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.colour("accent"), 1))
    for left, tile, right, other in picture.links:
        for number, which in ((left, tile), (right, other)):
            linked = by_layer.get(picture.columns[number].layer)
            if linked is not None and linked.column.kind != "scores":
                _outline(painter, linked.maps, which)


def _outline(painter: QPainter, grid: Grid, number: int) -> None:
    if 0 <= number < grid.count:
        x, y = grid.corner(number)
        painter.drawRect(QRectF(x - 0.5, y - 0.5, grid.tile_w, grid.tile_h))


def _end(grid: Grid, number: int, *, right: bool) -> tuple[float, float]:
    """Where a link ends: beside the maps, at the height of its tile, so that it crosses none."""
    y = grid.corner(number)[1] + grid.tile_h / 2
    return (grid.x + grid.width + 1 if right else grid.x - 2), y


def _silent(painter: QPainter, place: Place, shown: ColumnPicture, theme: Theme) -> None:
    """Cross maps that are 0 everywhere; units show that by their colour."""
    if not place.column.is_spatial or not shown.silent.any():
        return
    painter.setPen(QPen(theme.colour("warning"), 1))
    grid = place.maps
    lines = []
    for number in shown.silent.nonzero()[0].tolist():
        if number < grid.count:
            x, y = grid.corner(number)
            lines.append(QLineF(x, y, x + grid.tile_w - 1, y + grid.tile_h - 1))
    if lines:
        painter.drawLines(lines)


def _health(painter: QPainter, place: Place, health: Health, layout: MapLayout, theme: Theme) -> None:
    rows = layout.rows
    painter.setFont(theme.mono(11))
    token = TOKENS[health.dead_state]
    painter.setPen(theme.colour(token))
    painter.drawText(QRectF(place.x, rows.dead, place.width, 18), Qt.AlignmentFlag.AlignVCenter, health.dead)
    if health.dead_share == health.dead_share:
        start = place.x + painter.fontMetrics().horizontalAdvance(health.dead) + 5
        room = place.x + place.width - start
        if room > 6:
            painter.fillRect(QRectF(start, rows.dead + 7, room, 4), theme.colour("tray"))
            painter.fillRect(QRectF(start, rows.dead + 7, room * health.dead_share, 4), theme.colour(token))
    token = TOKENS[health.ratio_state]
    painter.setPen(theme.colour(token))
    area = QRectF(place.x, rows.ratio + 11, place.width, 16)
    painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, health.ratio)
    if health.ratio_at == health.ratio_at:
        x = place.x + health.ratio_at * (place.width - 2)
        painter.fillRect(QRectF(x, rows.ratio + 2, 2, 12), theme.colour(token if token != "muted" else "ink"))
