"""The strip below a network map that has to be scrolled: all columns by their health, and what is in view."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from convviz.gui.theme import Theme
from convviz.gui.workspaces.watch.views.network.numbers import TOKENS
from convviz.present.watch.network_map.health import State
from convviz.present.watch.network_map.layout import MapLayout


def paint_overview(
    painter: QPainter, area: QRectF, layout: MapLayout, states: list[State], seen: tuple[float, float], theme: Theme
) -> None:
    """Paint it.

    Parameters
    ----------
    area : QRectF
    states : list of str
        The health of each column.
    seen : (float, float)
        Left end and width of what is in view, in pixels of the layout.
    """
    scale = area.width() / layout.width
    for number, (place, state) in enumerate(zip(layout.places, states, strict=True)):
        token = "accent" if number == layout.chosen else TOKENS[state] if state != "fine" else "faint"
        width = max(2.0, place.width * scale - 1)
        box = QRectF(area.left() + place.x * scale, area.top() + 3, width, area.height() - 6)
        painter.fillRect(box, theme.colour(token))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("ink"), 1.5))
    view = QRectF(area.left() + seen[0] * scale, area.top(), seen[1] * scale, area.height())
    painter.drawRoundedRect(view, 3, 3)
