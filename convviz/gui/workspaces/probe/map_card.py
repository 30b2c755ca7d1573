"""A card beside an image on the map: the image enlarged, and a few words about it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from convviz.gui.theme import current_theme

LARGE, EDGE, AWAY = 84, 6, 16
"""Side of its picture, its margin, and its distance from the image, in pixels."""


def paint_card(painter: QPainter, at: QPointF, room: QSize, picture: QImage, words: str) -> None:
    """Draw the card at the right of a point, or at its left where there is more room.

    It is no tooltip of Qt's: those are windows that appear late and vanish when the pointer moves.
    """
    theme = current_theme()
    painter.setFont(theme.font(12))
    metrics, lines = painter.fontMetrics(), words.split("\n")
    wide = max([LARGE, *(metrics.horizontalAdvance(line) for line in lines)]) + 2 * EDGE
    tall = LARGE + metrics.height() * len(lines) + 3 * EDGE
    left = at.x() + AWAY if at.x() + AWAY + wide < room.width() else at.x() - AWAY - wide
    top = min(max(at.y() - tall / 2, 2), room.height() - tall - 2)
    painter.setPen(QPen(theme.colour("line"), 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(QRectF(left, top, wide, tall), 6, 6)
    if not picture.isNull():
        scale = LARGE / max(picture.width(), picture.height())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(left + EDGE, top + EDGE, picture.width() * scale, picture.height() * scale), picture)
    painter.setPen(theme.colour("ink"))
    place = QRectF(left + EDGE, top + LARGE + 2 * EDGE, wide - 2 * EDGE, tall)
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)
