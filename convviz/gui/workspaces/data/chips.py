"""Chips: small choices above the grid."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from convviz.gui.theme import current_theme


class Chip(QAbstractButton):
    """A word and a number, on or off.

    Parameters
    ----------
    text : str
    tip : str
    mark : str
        Palette token of a short line before the word; none if empty.
    """

    def __init__(self, text: str, tip: str = "", parent: QWidget | None = None, *, mark: str = "") -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._mark = mark
        self._compact = False
        self.count = ""
        self.setText(text)
        self.setCheckable(True)
        self.setToolTip(tip)
        self.setAccessibleName(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)

    def set_count(self, count: str) -> None:
        """Show another number."""
        if count != self.count:
            self.count = count
            self.setAccessibleDescription(count)
            self.updateGeometry()
            self.update()

    def set_compact(self, compact: bool) -> None:
        """Show the word alone."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        word, number = self._widths()
        return QSize(word + (number + 6 if number else 0) + (14 if self._mark else 0) + 24, 27)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, able = self.isChecked(), self.isEnabled()
        edge = "focus" if self.hasFocus() and not on else "accent" if on else "line"
        painter.setPen(QPen(theme.colour(edge), 1.2 if on else 1))
        painter.setBrush(theme.colour("accent_wash" if on else "hover" if self.underMouse() and able else "panel"))
        area = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        left = 12.0
        if self._mark:
            painter.setPen(QPen(theme.colour(self._mark if able else "faint"), 2))
            painter.drawLine(int(left), self.height() // 2, int(left) + 8, self.height() // 2)
            left += 14
        word, number = self._widths()
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme.colour("ink" if able else "faint"))
        painter.setFont(theme.font(12))
        painter.drawText(QRectF(left, 0, word + 4, self.height()), middle, self.text())
        if number:
            painter.setPen(theme.colour("muted" if able else "faint"))
            painter.setFont(theme.mono(11))
            painter.drawText(QRectF(left + word + 6, 0, number + 4, self.height()), middle, self.count)

    @property
    def _shows_count(self) -> bool:
        return bool(self.count) and not self._compact

    def _widths(self) -> tuple[int, int]:
        word = QFontMetrics(self._theme.font(12)).horizontalAdvance(self.text())
        return word, QFontMetrics(self._theme.mono(11)).horizontalAdvance(self.count) if self._shows_count else 0
