"""The learning rate over the whole training, according to the schedule."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.schedule import Constant, Schedule, TrainingProgress, learning_rate
from convviz.gui.theme import current_theme
from convviz.present.numbers import format_value

_POINTS = 240


class ScheduleCurve(QWidget):
    """A small curve; pointing at it shows a value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._given: tuple[float, Schedule, int, int] = (0.01, Constant(), 1, 1)
        self._rates: list[float] = []
        self._at: float | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("learning rate over the training")
        self._theme.changed.connect(self.update)

    def show_schedule(self, rate: float, schedule: Schedule, steps_per_epoch: int, epochs: int) -> None:
        """Show the learning rate over all steps of a training."""
        given = (rate, schedule, max(steps_per_epoch, 1), max(epochs, 1))
        if given == self._given and self._rates:
            return
        self._given = given
        steps = given[2] * given[3]
        # If there are few steps, every step is drawn, so that warm-ups and drops are at their exact places.
        self._rates = [self._rate(round(i * (steps - 1) / (_POINTS - 1))) for i in range(_POINTS)]
        text = f"from {format_value(self._rates[0])} to {format_value(self._rates[-1])}"
        self.setAccessibleDescription(f"{text}, at most {format_value(max(self._rates))}")
        self.update()

    def _rate(self, step: int) -> float:
        rate, schedule, per_epoch, epochs = self._given
        return learning_rate(rate, schedule, TrainingProgress(step, per_epoch, epochs))

    def sizeHint(self) -> QSize:
        return QSize(200, 62)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._at = event.position().x()
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._at = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rates:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = self._theme.colour
        area = QRectF(1, 6, self.width() - 2, self.height() - 24)
        painter.setPen(QPen(colour("line"), 1))
        painter.drawLine(area.bottomLeft() + QPointF(0, 0.5), area.bottomRight() + QPointF(0, 0.5))
        top = max(self._rates) or 1.0
        points = [
            QPointF(area.x() + area.width() * i / (_POINTS - 1), area.bottom() - area.height() * rate / top)
            for i, rate in enumerate(self._rates)
        ]
        painter.setPen(QPen(colour("training"), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setFont(self._theme.font(11))
        painter.setPen(colour("muted"))
        below = QRectF(0, self.height() - 16, self.width(), 16)
        steps, epochs = self._given[2] * self._given[3], self._given[3]
        if self._at is None:
            painter.drawText(below, _LEFT, "epoch 0")
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"at most {top:.4g}")
            painter.drawText(below, _RIGHT, f"{epochs:,}")
            return
        share = min(max((self._at - area.x()) / area.width(), 0.0), 1.0)
        step = round(share * (steps - 1))
        rate = self._rate(step)
        point = QPointF(area.x() + share * area.width(), area.bottom() - area.height() * min(rate / top, 1.0))
        painter.setPen(QPen(colour("accent"), 1))
        painter.drawLine(QPointF(point.x(), area.top()), QPointF(point.x(), area.bottom()))
        painter.setBrush(colour("accent"))
        painter.drawEllipse(point, 2.5, 2.5)
        painter.setPen(colour("ink"))
        epoch = step // self._given[2] + 1
        painter.drawText(below, _LEFT, f"epoch {epoch:,}, step {step + 1:,}")
        painter.drawText(below, _RIGHT, format_value(rate))


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
