"""One run in the list: a small curve of its loss, its name and facts, how it ended, and its result."""

from __future__ import annotations

import math

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from convviz.gui.theme import current_theme
from convviz.present.recorded_runs import RunLine

__all__ = ["LINE", "RunPainter"]

LINE = Qt.ItemDataRole.UserRole
HEIGHT, EDGE = 60, 12
SKETCH = QSize(84, 36)
Part = tuple[str, str, QFont]


class RunPainter(QStyledItemDelegate):
    """Paints a :class:`RunLine`, which is the item's data."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(400, HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line, theme = index.data(LINE), current_theme()
        if not isinstance(line, RunLine):
            return
        area = QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour("accent_wash"))
            painter.fillRect(QRectF(area.left(), area.top(), 3, area.height()), theme.colour("accent"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.colour("hover"))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), theme.colour("line"))
        inside = area.adjusted(EDGE, 0, -EDGE, 0)
        place = QRectF(QPointF(inside.left(), inside.center().y() - SKETCH.height() / 2), SKETCH.toSizeF())
        paint_losses(painter, place, line.losses)
        self._paint_words(painter, inside.adjusted(SKETCH.width() + EDGE, 8, 0, -9), line)
        painter.restore()

    def _paint_words(self, painter: QPainter, area: QRectF, line: RunLine) -> None:
        theme = current_theme()
        strong, plain = theme.font(14, QFont.Weight.DemiBold), theme.font(12)
        half = area.height() / 2
        upper = QRectF(area.left(), area.top(), area.width(), half)
        lower = QRectF(area.left(), area.top() + half, area.width(), half)
        right = Qt.AlignmentFlag.AlignRight
        used = paint_parts(painter, upper, [(line.result, "ink", strong)], right)
        beside = " · ".join(part for part in (line.best, line.after) if part)
        if beside:
            rest = upper.adjusted(0, 0, -used - 8, 0)
            used += 8 + paint_parts(painter, rest, [(beside, "muted", plain)], right)
        paint_parts(
            painter, upper.adjusted(0, 0, -used - EDGE, 0), [(line.title, "ink", strong), (line.about, "muted", plain)]
        )
        when = " · ".join(part for part in (line.when, line.size) if part)
        used = paint_parts(painter, lower, [(when, "muted", plain)], right)
        facts = [(line.ended, line.token, plain)]
        facts += [(text, "muted", plain) for text in (line.where, line.branch) if text]
        paint_parts(painter, lower.adjusted(0, 0, -used - EDGE, 0), facts)


def paint_parts(
    painter: QPainter, area: QRectF, parts: list[Part], side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft
) -> float:
    """Paint texts beside each other, as far as there is room; returns the width that they take."""
    theme = current_theme()
    left, taken = area.left(), 0.0
    for text, token, font in parts:
        room = area.right() - left
        if not text or room < 24:
            continue
        metrics = QFontMetricsF(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(shown)
        painter.setFont(font)
        painter.setPen(theme.colour(token))
        painter.drawText(QRectF(left, area.top(), room, area.height()), side | Qt.AlignmentFlag.AlignVCenter, shown)
        left += width + EDGE
        taken += width
    return taken


def paint_losses(painter: QPainter, area: QRectF, losses: tuple[float, ...]) -> None:
    """Paint a loss small, on a logarithmic scale from its lowest to its highest value."""
    theme = current_theme()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("field"))
    painter.drawRoundedRect(area, 4, 4)
    heights = [math.log(max(loss, 1e-12)) for loss in losses]
    if len(heights) < 2:
        return
    low, high = min(heights), max(heights)
    inner = area.adjusted(4, 5, -4, -5)
    points = [
        QPointF(
            inner.left() + inner.width() * number / (len(heights) - 1),
            inner.bottom() - inner.height() * (height - low) / max(high - low, 0.2),
        )
        for number, height in enumerate(heights)
    ]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("training"), 1.5))
    painter.drawPolyline(QPolygonF(points))
