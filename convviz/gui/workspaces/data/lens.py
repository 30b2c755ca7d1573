"""A lens: the pixels around one place, with their numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.present.colour import ColourRole, argb_table, entries, text_is_white

ACROSS = 5
CELL = 27


class Lens(QWidget):
    """Five by five pixels of a channel, or of the mean of all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.role = ColourRole.INPUT
        """Size of the numbers."""
        self._theme = current_theme()
        self.values: Array = np.zeros((1, 1), np.float32)
        self.centre = (0, 0)
        self.setFixedSize(ACROSS * CELL + 1, ACROSS * CELL + 1)
        self.setAccessibleName("pixels around the pointer")
        self._theme.changed.connect(self.update)

    def show_values(self, values: Array, centre: tuple[int, int]) -> None:
        """Show the surroundings of a pixel, (row, column), of an image ``(H, W)``."""
        self.values, self.centre = values, centre
        self.update()

    def number(self, row: int, column: int) -> str:
        """What stands in a cell of the lens: ``.75``; empty outside the image."""
        y, x = self.centre[0] + row - ACROSS // 2, self.centre[1] + column - ACROSS // 2
        if not (0 <= y < self.values.shape[0] and 0 <= x < self.values.shape[1]):
            return ""
        text = f"{self.values[y, x]:.2f}"
        return {"0.00": "0", "1.00": "1", "-0.00": "0"}.get(text, text.lstrip("0"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.fillRect(self.rect(), theme.colour("background"))
        painter.setFont(theme.mono(10))
        colours = argb_table(self.role, theme.dark)
        white = text_is_white(self.role, theme.dark)
        half = ACROSS // 2
        for row in range(ACROSS):
            for column in range(ACROSS):
                text = self.number(row, column)
                if not text:
                    continue
                value = self.values[self.centre[0] + row - half, self.centre[1] + column - half]
                entry = int(entries(np.asarray([value]), self.role, 1.0)[0])
                colour = int(colours[entry])
                cell = QRectF(column * CELL, row * CELL, CELL, CELL)
                painter.fillRect(cell, QColor.fromRgb(colour))
                painter.setPen(Qt.GlobalColor.white if white[entry] else Qt.GlobalColor.black)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRect(0, 0, self.width() - 1, self.height() - 1)
        painter.setPen(QPen(theme.colour("accent"), 2))
        painter.drawRect(QRectF(half * CELL + 1, half * CELL + 1, CELL - 1, CELL - 1))
