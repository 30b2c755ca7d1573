"""Small drawings of the three ways in: a falling loss, a window over an image, layers one below the other."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme

HEIGHT = 132


class Sketch(QWidget):
    """A drawing on a tray; it shows no numbers of a network."""

    def __init__(self) -> None:
        super().__init__()
        self.theme = current_theme()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(220, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.colour("background"))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        self.draw(painter, QRectF(self.rect()).adjusted(18, 16, -18, -16))

    def draw(self, painter: QPainter, area: QRectF) -> None:
        """Draw it."""
        raise NotImplementedError


class LossSketch(Sketch):
    """Two curves that fall."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(self.theme.colour("line"), 1))
        for part in (0.0, 1 / 3, 2 / 3, 1.0):
            y = area.top() + part * area.height()
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        for token, end, style in (("test", 0.30, Qt.PenStyle.DashLine), ("training", 0.12, Qt.PenStyle.SolidLine)):
            path = QPainterPath(QPointF(area.left(), area.top() + 4))
            for number in range(1, 61):
                x = number / 60
                height = end + (1 - end) / (1 + 9 * x) - (1 - end) / 10 * x
                path.lineTo(area.left() + x * area.width(), area.bottom() - height * (area.height() - 4))
            painter.setPen(QPen(self.theme.colour(token), 2, style))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)


class WindowSketch(Sketch):
    """The toy's image with a window on it, and the column that it becomes."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        cell = area.height() / 4
        left = area.center().x() - 3.3 * cell
        painter.setFont(self.theme.mono(11))
        for number in range(16):
            row, col = divmod(number, 4)
            held = row in (1, 2) and col in (1, 2)
            self._cell(painter, QRectF(left + col * cell, area.top() + row * cell, cell, cell), number, held)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.colour("accent"), 2))
        painter.drawRect(QRectF(left + cell, area.top() + cell, 2 * cell, 2 * cell))
        arrow = QPointF(left + 4.5 * cell, area.center().y())
        painter.drawLine(arrow, arrow + QPointF(0.9 * cell, 0))
        for way in (-4, 4):
            painter.drawLine(arrow + QPointF(0.9 * cell, 0), arrow + QPointF(0.9 * cell - 5, way))
        for row, number in enumerate((5, 6, 9, 10)):
            self._cell(painter, QRectF(left + 5.7 * cell, area.top() + row * cell, cell, cell), number, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.theme.colour("accent"), 2))
        painter.drawRect(QRectF(left + 5.7 * cell, area.top(), cell, 4 * cell))

    def _cell(self, painter: QPainter, where: QRectF, number: int, held: bool) -> None:
        painter.setBrush(self.theme.colour("accent_wash" if held else "panel"))
        painter.setPen(QPen(self.theme.colour("line"), 1))
        painter.drawRect(where)
        painter.setPen(self.theme.colour("ink" if held else "muted"))
        painter.drawText(where, Qt.AlignmentFlag.AlignCenter, str(number))


class LayersSketch(Sketch):
    """Cards of layers."""

    def draw(self, painter: QPainter, area: QRectF) -> None:
        gap = 6.0
        high = (area.height() - 3 * gap) / 4
        for number, (name, size) in enumerate(
            (("Conv2D", "32×28×28"), ("ReLU", "32×28×28"), ("MaxPool2D", "32×14×14"), ("Dense", "10"))
        ):
            where = QRectF(area.left(), area.top() + number * (high + gap), area.width(), high)
            painter.setBrush(self.theme.colour("panel"))
            painter.setPen(QPen(self.theme.colour("accent" if number == 0 else "line"), 1.5 if number == 0 else 1))
            painter.drawRoundedRect(where, 5, 5)
            inside = where.adjusted(9, 0, -9, 0)
            painter.setFont(self.theme.font(11))
            painter.setPen(self.theme.colour("ink"))
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
            painter.setFont(self.theme.mono(11))
            painter.setPen(self.theme.colour("muted"))
            painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, size)
