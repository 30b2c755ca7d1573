"""The links of the network map: from which columns a column is computed, and the chosen map's strongest links."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QPainter, QPainterPath, QPen

from convviz.gui.theme import Theme
from convviz.present.watch.network_map.grids import Grid
from convviz.present.watch.network_map.lanes import share_of
from convviz.present.watch.network_map.layout import ColumnPlace, MapLayout
from convviz.present.watch.network_map.links import Link
from convviz.present.watch.network_map.picture import MapPicture

LINES = 5
"""Number of places at a column from which the faint lines of a link start."""
TALLEST = 120
"""Largest height over which these places are spread, in pixels."""
BEND = 7
"""Width of the curve in which a link that passes columns turns into its lane, in pixels."""


def paint_links(painter: QPainter, layout: MapLayout, theme: Theme) -> None:
    """Paint the faint links between all columns; the chosen column's links that pass others have the accent colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for target, place in enumerate(layout.places):
        for source in place.column.sources:
            if target - source > 1:
                _passing(painter, layout, source, target, theme)
            else:
                _beside(painter, layout, source, target, theme)


def _beside(painter: QPainter, layout: MapLayout, source: int, target: int, theme: Theme) -> None:
    """Paint the link of neighbours: a fan if every map feeds every map, parallel lines if each feeds one."""
    left, right = layout.places[source], layout.places[target]
    painter.setPen(QPen(theme.colour("line"), 1))
    start, end = left.x + _shown_width(left) + 2, right.x - 2
    ys, zs = _heights(left), _heights(right, share_of(layout.columns, source, target))
    pairs = itertools.product(ys, zs) if right.column.weight else zip(ys, zs, strict=True)
    painter.drawLines([QLineF(start, one, end, other) for one, other in pairs])


def _passing(painter: QPainter, layout: MapLayout, source: int, target: int, theme: Theme) -> None:
    """Paint the link of columns further apart: an arrow from top to top, in a lane above the columns between."""
    left, right = layout.places[source], layout.places[target]
    is_chosen = layout.chosen in (source, target)
    painter.setPen(QPen(theme.colour("accent", 0.9) if is_chosen else theme.colour("muted", 0.7), 1.2))
    y, top = layout.rows.lane(layout.lanes[source, target]), layout.rows.maps - 1.5
    start = left.x + max(_shown_width(left) - 6.0, _shown_width(left) / 2)
    end = right.x + min(6.0, _shown_width(right) / 2)
    path = QPainterPath(QPointF(start, top))
    bend = min(2.0, top - y)
    path.lineTo(start, y + bend)
    path.quadTo(start, y, start + 3, y)
    path.lineTo(end - 3, y)
    path.quadTo(end, y, end, y + bend)
    path.lineTo(end, top)
    painter.drawPath(path)
    painter.drawLines([QLineF(end, top, end - 2.5, top - 3), QLineF(end, top, end + 2.5, top - 3)])


def paint_strongest(painter: QPainter, picture: MapPicture, layout: MapLayout, theme: Theme) -> None:
    """Outline the chosen map and filter, and draw its strongest links."""
    painter.setPen(QPen(theme.colour("accent"), 2))
    if layout.chosen is not None:
        place = layout.places[layout.chosen]
        if place.column.kind != "scores":
            _outline(painter, place.maps, picture.filter)
        if place.filters is not None:
            _outline(painter, place.filters, picture.filter)
    numbers = {place.column.layer: number for number, place in enumerate(layout.places)}
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("accent", 0.85), 1.4))
    for link in picture.links:
        _strong(painter, picture, layout, numbers, link)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(theme.colour("accent"), 1))
    for left, tile, right, other in picture.links:
        for number, which in ((left, tile), (right, other)):
            found = numbers.get(picture.columns[number].layer)
            if found is not None and layout.places[found].column.kind != "scores":
                _outline(painter, layout.places[found].maps, which)


def _strong(painter: QPainter, picture: MapPicture, layout: MapLayout, numbers: dict[str, int], link: Link) -> None:
    left, tile, right, other = link
    source, target = (numbers.get(picture.columns[number].layer) for number in (left, right))
    if source is None or target is None:
        return
    one, two = layout.places[source], layout.places[target]
    if tile >= one.maps.count or other >= two.maps.count:
        return
    x, y = _end(one.maps, tile, right=True)
    z, w = _end(two.maps, other, right=False)
    path = QPainterPath(QPointF(x, y))
    lane = layout.lanes.get((source, target))
    if lane is None:
        bend = max(8.0, (z - x) / 2)
        path.cubicTo(QPointF(x + bend, y), QPointF(z - bend, w), QPointF(z, w))
    else:
        height = layout.rows.lane(lane)
        path.cubicTo(QPointF(x + BEND, y), QPointF(x, height), QPointF(x + BEND, height))
        path.lineTo(z - BEND, height)
        path.cubicTo(QPointF(z, height), QPointF(z - BEND, w), QPointF(z, w))
    painter.drawPath(path)


def _outline(painter: QPainter, grid: Grid, number: int) -> None:
    if 0 <= number < grid.count:
        x, y = grid.corner(number)
        painter.drawRect(x, y, grid.tile_w - 1, grid.tile_h - 1)


def _end(grid: Grid, number: int, *, right: bool) -> tuple[float, float]:
    """Where a link ends: beside the maps at the height of its tile, so that it crosses no other tile."""
    y = grid.corner(number)[1] + grid.tile_h / 2
    return (grid.x + grid.width + 1 if right else grid.x - 2), y


def _shown_width(place: ColumnPlace) -> int:
    return min(place.maps.width, place.width)


def _heights(place: ColumnPlace, share: tuple[float, float] = (0.0, 1.0)) -> Sequence[float]:
    """Evenly spaced heights along a part of a column's maps."""
    height = min(place.maps.height, TALLEST)
    low, high = share
    return [place.maps.y + height * (low + (high - low) * (number + 0.5) / LINES) for number in range(LINES)]
