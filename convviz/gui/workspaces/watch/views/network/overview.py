"""The strip below a network map that must be scrolled: the health of all columns, and which part is in view."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from convviz.gui.theme import Theme
from convviz.present.watch.network_map.layout import MapLayout


def paint_overview(
    painter: QPainter, area: QRectF, layout: MapLayout, tokens: list[str], seen: tuple[float, float], theme: Theme
) -> None:
    """Paint the strip.

    Parameters
    ----------
    painter : QPainter
    area : QRectF
        Where the strip goes.
    layout : MapLayout
        The whole map.
    tokens : list of str
        For each column, the colour of its health in the palette.
    seen : (float, float)
        Left end and width of the part in view, in pixels of the layout.
    theme : Theme
    """
    scale = area.width() / layout.width
    for number, (place, health) in enumerate(zip(layout.places, tokens, strict=True)):
        token = "accent" if number == layout.chosen else "faint" if health == "muted" else health
        width = max(2.0, place.width * scale - 1)
        box = QRectF(area.left() + place.x * scale, area.top() + 3, width, area.height() - 6)
        painter.fillRect(box, theme.colour(token))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("ink"), 1.5))
    view = QRectF(area.left() + seen[0] * scale, area.top(), seen[1] * scale, area.height())
    painter.drawRoundedRect(view, 3, 3)
