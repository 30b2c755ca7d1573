"""The heat map of a sweep: mean test accuracy for every pair of values of two fields."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.elided import elided
from convviz.present.colour import ColourRole, colourise, text_colour
from convviz.present.compare.sweep_table import Cell, HeatMap

LEFT, BOTTOM, GAP = 92, 40, 3
LARGEST = 140


class HeatView(QWidget):
    """Cells with their mean; the stronger the colour, the better.

    Failed ones are red, waiting ones empty, and those in training have a dashed edge and a bar.

    Attributes
    ----------
    chosen : Signal(object, object)
        Values of the column and of the row that were clicked.
    """

    chosen = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self.map: HeatMap | None = None
        self.setAccessibleName("Test accuracy by two fields")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(420, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 130)

    def show_map(self, found: HeatMap | None) -> None:
        """Show another map."""
        self.map = found
        self.update()

    def rect_of(self, row: int, column: int) -> QRectF:
        """The place of a cell; the first row is at the bottom."""
        assert self.map is not None
        wide, high = self._cell()
        count = len(self.map.rows)
        return QRectF(LEFT + column * wide, (count - 1 - row) * high, wide - GAP, high - GAP)

    def paintEvent(self, event: QPaintEvent) -> None:
        found = self.map
        if found is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, (low, high) = self._theme, found.ends
        for row, cells in enumerate(found.cells):
            for column, cell in enumerate(cells):
                place = self.rect_of(row, column)
                painter.setPen(QPen(theme.colour("line"), 1))
                painter.setBrush(theme.colour("panel"))
                words, ink = "", theme.colour("muted")
                if cell.count:
                    share = 1.0 if high <= low else (cell.mean - low) / (high - low)
                    red, green, blue = (
                        int(one)
                        for one in colourise([0.08 + 0.85 * share], ColourRole.ACTIVATION, theme.dark, 1.0)[0][:3]
                    )
                    painter.setBrush(QColor(red, green, blue))
                    ink = QColor(text_colour(f"#{red:02x}{green:02x}{blue:02x}"))
                    words = f"{100 * cell.mean:.1f}"
                elif cell.failed:
                    painter.setBrush(theme.colour("danger_wash"))
                    painter.setPen(QPen(theme.colour("danger"), 1))
                    words, ink = "failed", theme.colour("danger")
                elif cell.impossible:
                    words = "–"
                if cell.running:
                    painter.setPen(QPen(theme.colour("accent"), 1.4, Qt.PenStyle.DashLine))
                painter.drawRoundedRect(place, 4, 4)
                painter.setPen(ink)
                self._paint_words(painter, place, words, cell.spread)
                if cell.running:
                    self._paint_progress(painter, place, cell.share)
        self._paint_axes(painter, found)

    def _paint_progress(self, painter: QPainter, place: QRectF, share: float) -> None:
        """Progress of a cell's runs in training: a thin bar at its bottom."""
        bar = QRectF(place.left() + 8, place.bottom() - 10, place.width() - 16, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        for token, part in (("line", 1.0), ("accent", share)):
            painter.setBrush(self._theme.colour(token))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * part, bar.height()), 2, 2)

    def _paint_words(self, painter: QPainter, place: QRectF, words: str, spread: float) -> None:
        theme = self._theme
        if not words or place.width() < 30 or place.height() < 15:
            return
        painter.setFont(theme.mono(12))
        two = math.isfinite(spread) and place.height() >= 34
        upper = place.adjusted(0, 2, 0, -place.height() / 2 + 2) if two else place
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, words)
        if two:
            painter.setFont(theme.mono(11))
            lower = place.adjusted(0, place.height() / 2 - 2, 0, -2)
            painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, f"±{100 * spread:.1f}")

    def _paint_axes(self, painter: QPainter, found: HeatMap) -> None:
        theme = self._theme
        wide, high = self._cell()
        bottom = len(found.rows) * high
        painter.setFont(theme.mono(11))
        painter.setPen(theme.colour("ink"))
        for row, value in enumerate(found.rows):
            place = QRectF(0, (len(found.rows) - 1 - row) * high, LEFT - 8, high - GAP)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _words(value))
        for column, value in enumerate(found.columns):
            place = QRectF(LEFT + column * wide - 2, bottom + 2, wide, 16)
            text = elided(_words(value), painter.fontMetrics(), wide)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("muted"))
        across = QRectF(LEFT, bottom + 19, max(80.0, len(found.columns) * wide), 16)
        painter.drawText(across, Qt.AlignmentFlag.AlignHCenter, f"{found.across} →")
        if found.down:
            place = QRectF(0, bottom + 2, LEFT - 8, 16)
            text = painter.fontMetrics().elidedText(f"{found.down} ↑", Qt.TextElideMode.ElideLeft, LEFT - 8)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position())
        if at is not None and self.map is not None:
            self.chosen.emit(self.map.columns[at[1]], self.map.rows[at[0]])

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self.map is not None:
            at = self._at(QPointF(event.pos()))
            if at is None:
                QToolTip.hideText()
            else:
                found = self.map
                where = f"{found.across} {_words(found.columns[at[1]])}"
                where += f", {found.down} {_words(found.rows[at[0]])}" if found.down else ""
                QToolTip.showText(event.globalPos(), f"{where}: {found.cells[at[0]][at[1]].words}", self)
            return True
        return super().event(event)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        found = self.map
        if found is None:
            return None
        for row in range(len(found.rows)):
            for column in range(len(found.columns)):
                if self.rect_of(row, column).contains(point):
                    return row, column
        return None

    def _cell(self) -> tuple[float, float]:
        assert self.map is not None
        wide = (self.width() - LEFT) / max(1, len(self.map.columns))
        high = (self.height() - BOTTOM) / max(1, len(self.map.rows))
        return min(wide, float(LARGEST)), min(high, float(LARGEST))


def _words(value: Cell) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
