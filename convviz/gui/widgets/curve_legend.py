"""The legend of curves, in words."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from convviz.gui.theme import Theme
from convviz.gui.widgets.curve_data import Series

GAP = 14


class CurveLegend(QWidget):
    """Names beside samples of their lines, and their latest values, on one line at the right."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._entries: list[tuple[Series, str]] = []
        self._note = ""
        self.setFixedHeight(18)
        theme.changed.connect(self.update)

    def set_entries(self, entries: list[tuple[Series, str]], note: str) -> None:
        said = [(one.name, one.token, one.kind, one.dashed, value) for one, value in entries]
        if said != [(one.name, one.token, one.kind, one.dashed, value) for one, value in self._entries] or (
            note != self._note
        ):
            self._entries, self._note = entries, note
            self.setToolTip(note)
            self.update()

    def fitting(self, room: float) -> list[tuple[Series, str]]:
        """What is shown in so many pixels: rather every name than every value, and the raw curve's name goes first."""
        named = [entry for entry in self._entries if entry[0].kind != "raw"]
        without = [(one, "") for one, _ in named]
        for entries in (self._entries, named, without):
            if sum(self._width(*entry) + GAP for entry in entries) - GAP <= room:
                return entries
        return without[-1:]

    def _width(self, one: Series, value: str) -> int:
        name = QFontMetrics(self._theme.font(12)).horizontalAdvance(one.name)
        return 24 + name + (6 + QFontMetrics(self._theme.mono(11)).horizontalAdvance(value) if value else 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words, numbers = self._theme.font(12), self._theme.mono(11)
        x = self.width() - 8
        middle = self.height() / 2
        centre = Qt.AlignmentFlag.AlignVCenter
        for one, value in reversed(self.fitting(x)):
            painter.setFont(words)
            name = painter.fontMetrics().horizontalAdvance(one.name)
            needed = self._width(one, value)
            wide = QFontMetrics(numbers).horizontalAdvance(value)
            left = x - needed
            pen = QPen(self._theme.colour(one.token), 1 if one.kind == "raw" else 2)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if one.dashed:
                pen.setDashPattern([3, 2])
            painter.setPen(pen)
            painter.drawLine(QPointF(left, middle), QPointF(left + 18, middle))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(QRectF(left + 24, 0, name + 2, self.height()), centre, one.name)
            if value:
                painter.setFont(numbers)
                painter.setPen(self._theme.colour("ink"))
                painter.drawText(QRectF(x - wide, 0, wide + 2, self.height()), centre, value)
            x = left - GAP
        if self._note:
            painter.setFont(words)
            painter.setPen(self._theme.colour("warning"))
            note = painter.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, max(0, int(x)))
            painter.drawText(QRectF(0, 0, max(0, x), self.height()), centre, note)
