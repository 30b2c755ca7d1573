"""Accuracy by the share of weights that are gone: the points measured so far."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme

LEFT, BOTTOM, TOP, RIGHT = 44, 24, 10, 12


class PruneCurve(QWidget):
    """Points from 0 to 100 % of the weights across, 0 to 100 % right up; the newest is marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.points: dict[int, float] = {}
        """Accuracy by per cent of the weights."""
        self.here = 0
        self.chance = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Accuracy by share of weights that are gone")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(420, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 120)

    def show_points(self, points: dict[int, float], here: int, chance: float) -> None:
        """Show what was measured."""
        self.points, self.here, self.chance = dict(points), here, chance
        if here in points:
            self.setAccessibleDescription(f"{points[here]:.2%} right without {here} % of the weights")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)
        painter.setFont(theme.mono(11))
        for share in (0, 25, 50, 75, 100):
            y, x = room.bottom() - room.height() * share / 100, room.left() + room.width() * share / 100
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(theme.colour("muted"))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 9, LEFT - 8, 18), right, f"{share} %")
            under = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(QRectF(x - 30, room.bottom() + 5, 60, 18), under, f"{share} %" if 0 < share < 100 else "")
        painter.setFont(theme.font(11))
        painter.drawText(QRectF(room.left(), room.bottom() + 5, 90, 18), Qt.AlignmentFlag.AlignLeft, "all weights")
        painter.drawText(QRectF(room.right() - 90, room.bottom() + 5, 90, 18), Qt.AlignmentFlag.AlignRight, "none left")
        dashed = QPen(theme.colour("faint"), 1, Qt.PenStyle.DashLine)
        level = room.bottom() - room.height() * self.chance
        painter.setPen(dashed)
        painter.drawLine(QPointF(room.left(), level), QPointF(room.right(), level))
        painter.setPen(theme.colour("muted"))
        painter.drawText(QRectF(room.left() + 6, level - 18, 80, 16), Qt.AlignmentFlag.AlignLeft, "chance")
        found = [
            QPointF(room.left() + room.width() * at / 100, room.bottom() - room.height() * self.points[at])
            for at in sorted(self.points)
        ]
        painter.setPen(QPen(theme.colour("test"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(found))
        painter.setBrush(theme.colour("test"))
        painter.setPen(Qt.PenStyle.NoPen)
        for point in found:
            painter.drawEllipse(point, 2.5, 2.5)
        x = room.left() + room.width() * self.here / 100
        painter.setPen(QPen(theme.colour("accent"), 1))
        painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        if self.here in self.points:
            painter.setBrush(theme.colour("accent"))
            painter.drawEllipse(QPointF(x, room.bottom() - room.height() * self.points[self.here]), 4.5, 4.5)
