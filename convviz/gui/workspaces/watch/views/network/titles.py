"""Texts of the network map: names, shapes and badges of the columns, the axes below them, the labels of the rows."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QLinearGradient, QPainter, QPen

from convviz.gui.theme import Theme
from convviz.present.watch.network_map.health import GOOD, place_on_axis
from convviz.present.watch.network_map.layout import LABELS, ColumnPlace, MapLayout

BADGE = 15
"""Height of a badge, in pixels."""
FADE = 14
"""Width in pixels over which columns fade out behind the labels of the rows when the map is scrolled."""


def paint_titles(painter: QPainter, layout: MapLayout, theme: Theme) -> None:
    """Paint the parts that don't change with the pictures, on a transparent ground."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rows = layout.rows
    painter.setPen(QPen(theme.colour("line"), 1))
    y = rows.dead - 4.5
    painter.drawLine(QPointF(0, y), QPointF(layout.places[-1].x + layout.places[-1].width, y))
    for number, place in enumerate(layout.places):
        if place.is_narrow:
            _upwards(painter, place, rows.lanes - 4, theme)
        else:
            _head(painter, place, theme, is_chosen=number == layout.chosen)
        if place.column.weight:
            _track(painter, place, rows.ratio, theme)


def paint_frame(painter: QPainter, layout: MapLayout, theme: Theme) -> None:
    """Paint the frame of the chosen column, below everything else."""
    if layout.chosen is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    place = layout.places[layout.chosen]
    inset = 4.5 if layout.is_small and any(one.is_narrow for one in layout.places) else 7.5
    frame = QRectF(place.x - inset, 0.5, place.width + 2 * inset, layout.rows.end + 1)
    painter.setPen(QPen(theme.colour("accent"), 1))
    painter.setBrush(theme.colour("accent_wash", 0.5))
    painter.drawRoundedRect(frame, 6, 6)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def paint_labels(
    painter: QPainter, layout: MapLayout, theme: Theme, left: float, *, scrolled: bool, norms: bool = False
) -> None:
    """Paint the labels of the rows at the left edge of the view; columns scroll past behind them.

    Parameters
    ----------
    painter : QPainter
    layout : MapLayout
    theme : Theme
    left : float
        The left edge of the view, in the painter's coordinates.
    scrolled : bool
        Whether columns may be behind the labels.
    norms : bool
        Whether bars show the norms of dense layers' units.
    """
    rows = layout.rows
    has_filters = any(place.filters is not None for place in layout.places)
    named = [words for words, there in (("filters", has_filters), ("‖w‖ sorted", norms)) if there]
    if scrolled:
        for top, bottom in ((rows.dead - 4, rows.end + 2), *(((rows.filters, rows.dead - 5),) if named else ())):
            _ground(painter, QRectF(left - 8, top, LABELS + 8 + FADE, bottom - top), theme)
    painter.setFont(theme.font(12))
    painter.setPen(theme.colour("muted"))
    labels = [(rows.dead, "dead"), (rows.ratio, "‖ΔW‖/‖W‖")]
    if rows.has_values:
        labels.append((rows.values + 6, "values"))
    top = rows.filters + 4 - 8 * (len(named) - 1)
    labels += [(top + 16 * number, words) for number, words in enumerate(named)]
    for y, words in labels:
        painter.drawText(QRectF(left, y, 80, 18), Qt.AlignmentFlag.AlignVCenter, words)
    painter.setFont(theme.font(11))
    painter.drawText(QRectF(left, rows.scale, 80, 14), Qt.AlignmentFlag.AlignVCenter, "colours")


def _ground(painter: QPainter, area: QRectF, theme: Theme) -> None:
    fade = QLinearGradient(area.right() - FADE, 0, area.right(), 0)
    fade.setColorAt(0, theme.colour("panel"))
    fade.setColorAt(1, theme.colour("panel", 0.0))
    painter.fillRect(area.adjusted(0, 0, -FADE, 0), theme.colour("panel"))
    painter.fillRect(QRectF(area.right() - FADE, area.top(), FADE, area.height()), fade)


def _upwards(painter: QPainter, place: ColumnPlace, bottom: float, theme: Theme) -> None:
    """Paint a title upwards, in a column narrower than the title; none in one narrower than letters are high."""
    font = theme.font(11 if place.width >= 10 else 9)
    metrics = QFontMetricsF(font)
    if place.width < 6:
        return
    painter.save()
    painter.setFont(font)
    painter.setPen(theme.colour("muted"))
    painter.translate(place.x + place.width / 2, bottom)
    painter.rotate(-90)
    words = metrics.elidedText(place.column.layer, Qt.TextElideMode.ElideRight, bottom)
    painter.drawText(QPointF(0, metrics.ascent() / 2 - 1), words)
    painter.restore()


def _head(painter: QPainter, place: ColumnPlace, theme: Theme, *, is_chosen: bool) -> None:
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


NAMED, NAMED_TWICE = 130, 330
"""Widths in pixels from which one end of the good range is labelled, and both; the value is at the right."""


def _track(painter: QPainter, place: ColumnPlace, y: int, theme: Theme) -> None:
    """Paint the logarithmic axis of ‖ΔW‖/‖W‖ with its good range."""
    painter.fillRect(QRectF(place.x, y + 6, place.width, 4), theme.colour("tray"))
    low, high = (place.x + place.width * place_on_axis(power) for power in GOOD)
    painter.fillRect(QRectF(low, y + 6, high - low, 4), theme.colour("success", 0.45))
    if place.is_narrow or place.width < NAMED:
        return
    painter.setFont(theme.mono(10))
    painter.setPen(theme.colour("faint"))
    named = (low, GOOD[0]), (high, GOOD[1])
    for x, power in named if place.width >= NAMED_TWICE else named[:1]:
        words = f"{10**power:g}"
        painter.drawText(QRectF(x - 30, y + 12, 60, 14), Qt.AlignmentFlag.AlignCenter, words)
