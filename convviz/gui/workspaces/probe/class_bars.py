"""A number for each class as bars, with the classes' names below."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.present.colour import ColourRole, argb_table
from convviz.present.numbers import format_value

NAMES = 18
"""Room for the names, in pixels."""


class ClassBars(QWidget):
    """Bars from 0 up; the tallest one is dark.

    Parameters
    ----------
    height : int
        In pixels, names included.
    """

    def __init__(self, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.values: Array = np.zeros(0)
        self._names: tuple[str, ...] = ()
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Mean activation by class")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, self.height())

    def show_values(self, values: Array, names: tuple[str, ...]) -> None:
        """Show a number for each class."""
        self.values, self._names = values, names
        known = np.where(np.isfinite(values), values, -np.inf)
        if len(values) and np.isfinite(known).any():
            best = int(known.argmax())
            self.setAccessibleDescription(f"largest for {names[best]}: {format_value(float(values[best]))}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self.values):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(0, 2, self.width(), self.height() - NAMES - 4)
        paint_bars(painter, room, self.values, self._theme.dark)
        painter.fillRect(QRectF(0, room.bottom(), self.width(), 1), self._theme.colour("line"))
        across = self.width() / len(self.values)
        painter.setFont(self._theme.font(11))
        painter.setPen(self._theme.colour("muted"))
        if across < 9:
            return
        for number, name in enumerate(self._names):
            place = QRectF(number * across, self.height() - NAMES, max(across - 3, 4), NAMES)
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(across) + 2)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and len(self.values):
            number = min(int(event.pos().x() * len(self.values) / max(self.width(), 1)), len(self.values) - 1)
            words = f"{self._names[number]}: {format_value(float(self.values[number]))}"
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)


def paint_bars(painter: QPainter, room: QRectF, means: Array, dark: bool) -> None:
    """Numbers ``(classes,)`` as bars on their own scale, the largest dark; NaN and negative numbers have none."""
    values = np.where(np.isfinite(means), means, 0.0)
    high = float(values.max(initial=0.0))
    across = room.width() / max(len(values), 1)
    gap = 3 if across > 9 else 1
    table = argb_table(ColourRole.ACTIVATION, dark)
    painter.setPen(Qt.PenStyle.NoPen)
    for number, value in enumerate(values):
        up = max(1.0, room.height() * max(float(value), 0.0) / high) if high > 0 else 1.0
        strong = high > 0 and int(values.argmax()) == number
        painter.setBrush(QColor.fromRgb(int(table[200 if strong else 84])))
        painter.drawRect(QRectF(room.left() + number * across, room.bottom() - up, max(across - gap, 1.0), up))
