"""Parts of the network map that change with every picture: health, ends of the colour scales, marks of dead maps."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from convviz.gui.theme import Theme
from convviz.present.watch.network_map.health import TOKENS, Health
from convviz.present.watch.network_map.layout import ColumnPlace, MapLayout
from convviz.present.watch.network_map.picture import ColumnPicture

PALE = 0.72
"""Opacity of the ground colour that is painted over dead maps."""
CROSSED = 4
"""Smallest side of a tile that is crossed out, in pixels; smaller ones are only paled."""


def paint_numbers(painter: QPainter, place: ColumnPlace, shown: ColumnPicture, layout: MapLayout, theme: Theme) -> None:
    """Paint a column's health and the ends of its scale, and cross out its dead maps."""
    column = place.column
    if column.kind not in ("input", "scores"):
        _silent(painter, place, shown, theme)
        if place.maps.count < place.maps.total and not place.is_narrow:
            painter.setFont(theme.font(11))
            painter.setPen(theme.colour("muted"))
            area = QRectF(place.x, layout.rows.filters - 14, place.width, 14)
            painter.drawText(area, Qt.AlignmentFlag.AlignRight, f"{place.maps.count} of {place.maps.total}")
    if column.weight:
        _health(painter, place, shown.health, layout, theme)
    if column.kind != "input" and not place.is_narrow:
        _scale(painter, place, shown, layout, theme)


def _silent(painter: QPainter, place: ColumnPlace, shown: ColumnPicture, theme: Theme) -> None:
    """Pale and cross out dead maps: without it, a map shown before its activation looks as alive as the others."""
    if not shown.silent.any():
        return
    painter.setPen(QPen(theme.colour("warning"), 1))
    grid = place.maps
    lines = []
    for number in shown.silent.nonzero()[0].tolist():
        if number < grid.count:
            x, y = grid.corner(number)
            painter.fillRect(QRectF(x, y, grid.tile_w, grid.tile_h), theme.colour("panel", PALE))
            if min(grid.tile_w, grid.tile_h) >= CROSSED:
                lines.append(QLineF(x, y, x + grid.tile_w - 1, y + grid.tile_h - 1))
    if lines:
        painter.drawLines(lines)


def _health(painter: QPainter, place: ColumnPlace, health: Health, layout: MapLayout, theme: Theme) -> None:
    rows = layout.rows
    painter.setFont(theme.mono(11))
    token = TOKENS[health.dead_state]
    painter.setPen(theme.colour(token))
    words = "" if place.is_narrow else health.dead
    painter.drawText(QRectF(place.x, rows.dead, place.width, 18), Qt.AlignmentFlag.AlignVCenter, words)
    if health.dead_share == health.dead_share:
        start = place.x + (painter.fontMetrics().horizontalAdvance(words) + 5 if words else 0)
        room = place.x + place.width - start
        if room > 6 or place.is_narrow:
            painter.fillRect(QRectF(start, rows.dead + 7, room, 4), theme.colour("tray"))
            painter.fillRect(QRectF(start, rows.dead + 7, room * health.dead_share, 4), theme.colour(token))
    token = health.ratio_token
    painter.setPen(theme.colour(token))
    area = QRectF(place.x, rows.ratio + 11, place.width, 16)
    if not place.is_narrow:
        ratio, wide = f"{health.ratio_sign} {health.ratio}".strip(), painter.fontMetrics().horizontalAdvance
        if wide(ratio) > place.width:
            ratio = ratio.replace(" ", "")
        painter.drawText(
            area.adjusted(min(place.width - wide(ratio), 0), 0, 0, 0),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            ratio,
        )
    if health.ratio_at == health.ratio_at:
        x = place.x + health.ratio_at * (place.width - 2)
        fine = "faint" if place.is_narrow else "ink"
        painter.fillRect(QRectF(x, rows.ratio + 2, 2, 12), theme.colour(token if token != "muted" else fine))


def _scale(painter: QPainter, place: ColumnPlace, shown: ColumnPicture, layout: MapLayout, theme: Theme) -> None:
    """Paint the end of the colour scale under the maps; for some pictures after a change, also what it was before."""
    area = QRectF(place.x, layout.rows.scale, place.width, 14)
    painter.setFont(theme.mono(11))
    painter.setPen(theme.colour("muted" if shown.scale.before is None else "ink"))
    metrics, forms = painter.fontMetrics(), shown.scale_forms
    words = next((one for one in forms if metrics.horizontalAdvance(one) <= place.width), forms[-1])
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
