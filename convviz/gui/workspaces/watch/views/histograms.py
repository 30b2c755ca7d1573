"""Two histograms of a layer's weights and their gradients, with the chosen filter outlined."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.card import Card
from convviz.gui.widgets.fitting_label import FittingLabel
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.labels import Heading
from convviz.gui.workspaces.watch.alone import run_view
from convviz.gui.workspaces.watch.view import WatchView
from convviz.present.colour import table
from convviz.present.watch.histograms import BINS, Histogram, HistogramsPicture, histograms

GUTTER, FOOT = 38, 20
"""Room for the counts at the left and for the values below, in pixels."""
LOWEST = math.log10(0.6)
"""Start of the axis of counts; below 1, so that a single value is visible."""
SPACED = 22
"""Smallest distance between two labels of the counts, in pixels."""
LEGEND = 18
NOTHING = "There are gradients after the first minibatch."


class HistogramPlot(QWidget):
    """One histogram: bars in the colours of their values, on a logarithmic axis of counts, with zero marked.

    Attributes
    ----------
    hovered : Signal(str)
        Text about the bar under the pointer; empty if there is none.
    """

    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._shown: Histogram | None = None
        self._over = -1
        Ground(self)
        self.setMouseTracking(True)
        self.setToolTip("How many values lie in the range of each bar, on a logarithmic axis")
        self.setMinimumHeight(56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme.changed.connect(self.update)

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Show other counts; None clears the plot. Equal counts are not painted again."""
        if histogram == self._shown:
            return
        self._shown = histogram
        self.setAccessibleName(f"histogram of {histogram.name}" if histogram is not None else "histogram")
        self.setAccessibleDescription(histogram.share if histogram is not None else "no values yet")
        if self._over >= 0:
            self._say()
        self.update()

    @property
    def area(self) -> QRectF:
        """The area of the bars."""
        return QRectF(GUTTER, 6, max(1, self.width() - GUTTER - 8), max(1, self.height() - FOOT - 6))

    @property
    def top(self) -> float:
        """Logarithm of the count at the upper end: 1, 2 or 5 times a power of ten, so that it seldom moves."""
        largest = max(self._shown.counts) if self._shown is not None else 1
        power = 10 ** math.floor(math.log10(max(largest, 1)))
        return math.log10(next(step * power for step in (1, 2, 5, 10) if step * power >= max(largest, 2)))

    def bin_at(self, x: float) -> int:
        """Number of the bar at ``x``; −1 if there is none."""
        area = self.area
        number = math.floor((x - area.left()) / area.width() * BINS)
        return number if 0 <= number < BINS else -1

    # --- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = self._shown
        painter = QPainter(self)
        if shown is None:
            painter.setFont(self._theme.font(12))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, NOTHING)
            return
        self._paint_axes(painter, shown)
        if self._over >= 0:
            left, right = self._edge(self._over), self._edge(self._over + 1)
            painter.fillRect(QRectF(left, self.area.top(), right - left, self.area.height()), self._colour("hover"))
        colours = table(shown.role, self._theme.dark)
        for number, count in enumerate(shown.counts):
            if count:
                value = 1 + round(254 * (number + 0.5) / BINS)
                painter.fillRect(self._bar(number, count), QColor(*colours[value].tolist()))
        middle = BINS // 2
        if shown.zeros:
            painter.fillRect(self._bar(middle, shown.zeros), self._colour("muted"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_outline(painter, shown.counts, QPen(self._colour("muted"), 1))
        if shown.part:
            self._paint_outline(painter, shown.part, QPen(self._colour("accent"), 1.5))

    def _paint_axes(self, painter: QPainter, shown: Histogram) -> None:
        area = self.area
        painter.setFont(self._theme.mono(11))
        last = area.bottom() + SPACED
        for power in range(math.floor(self.top) + 1):
            y = round(self._height(10**power)) + 0.5
            painter.setPen(QPen(self._colour("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            if last - y >= SPACED:
                last = y
                painter.setPen(self._colour("muted"))
                label = QRectF(0, y - 8, GUTTER - 7, 16)
                painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _count(power))
        middle = round(area.center().x()) + 0.5
        painter.setPen(QPen(self._colour("faint"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(middle, area.top()), QPointF(middle, area.bottom() + 3))
        painter.setPen(self._colour("muted"))
        half = painter.fontMetrics().horizontalAdvance(_short(-shown.end / 2))
        for part in (-1.0, -0.5, 0.0, 0.5, 1.0) if 1.5 * half + 8 < area.width() / 4 else (-1.0, 0.0, 1.0):
            text = _short(part * shown.end)
            wide = painter.fontMetrics().horizontalAdvance(text)
            x = min(max(area.center().x() + part * area.width() / 2 - wide / 2, area.left()), area.right() - wide)
            painter.drawText(QPointF(x, area.bottom() + FOOT - 5), text)

    def _paint_outline(self, painter: QPainter, counts: tuple[int, ...], pen: QPen) -> None:
        """Paint a line along the tops of all bars that are not empty."""
        base = self.area.bottom()
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line: list[QPointF] = []
        for number, count in enumerate((*counts, 0)):
            left, right = self._edge(number), self._edge(number + 1)
            if count:
                y = self._height(count)
                line += [*([] if line else [QPointF(left, base)]), QPointF(left, y), QPointF(right, y)]
            elif line:
                painter.drawPolyline(QPolygonF([*line, QPointF(left, base)]))
                line = []

    def _edge(self, number: int) -> float:
        return round(self.area.left() + number * self.area.width() / BINS)

    def _height(self, count: int) -> float:
        """The y coordinate of the top of a bar."""
        area = self.area
        return area.bottom() - area.height() * (math.log10(count) - LOWEST) / (self.top - LOWEST)

    def _bar(self, number: int, count: int) -> QRectF:
        left, top = self._edge(number), self._height(count)
        return QRectF(left, top, self._edge(number + 1) - left, self.area.bottom() - top)

    def _colour(self, token: str) -> QColor:
        return self._theme.colour(token)

    # --- the pointer ---------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self.bin_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point_at(-1)
        super().leaveEvent(event)

    def _point_at(self, number: int) -> None:
        if number != self._over:
            self._over = number
            self._say()
            self.update()

    def _say(self) -> None:
        self.hovered.emit(self._shown.says(self._over) if self._shown is not None and self._over >= 0 else "")


class Legend(QWidget):
    """Explains the bars, their outlines and the dark bar at zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._entries: tuple[tuple[str, str], ...] = ()
        self.setFixedHeight(LEGEND)
        Ground(self)
        self._theme.changed.connect(self.update)

    def set_entries(self, entries: tuple[tuple[str, str], ...]) -> None:
        """Set the entries, each a colour of the palette and words."""
        if entries != self._entries:
            self._entries = entries
            self.setAccessibleName(", ".join(words for _, words in entries))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._theme.font(12))
        x = 0.0
        for token, words in self._entries:
            wide = painter.fontMetrics().horizontalAdvance(words)
            if x + 18 + wide > self.width():
                return
            painter.setPen(QPen(self._theme.colour(token), 2))
            painter.drawLine(QPointF(x, LEGEND / 2), QPointF(x + 12, LEGEND / 2))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(QRectF(x + 18, 0, wide + 2, LEGEND), Qt.AlignmentFlag.AlignVCenter, words)
            x += 18 + wide + 14


class HistogramView(WatchView):
    """Weights above, gradients of the last minibatch below, on axes that seldom change."""

    is_slow = True
    picture_of = staticmethod(histograms)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weights, self.gradients = HistogramPlot(), HistogramPlot()
        self.legend = Legend()
        self._said = FittingLabel(align=Qt.AlignmentFlag.AlignRight), FittingLabel(align=Qt.AlignmentFlag.AlignRight)
        self._titles = Heading("Weights", level=3), Heading("Gradients", level=3)
        self.card = Card("Histograms")
        column = QVBoxLayout()
        column.setSpacing(4)
        for title, said, plot in zip(self._titles, self._said, (self.weights, self.gradients), strict=True):
            head = QHBoxLayout()
            head.setSpacing(8)
            head.addWidget(title)
            head.addWidget(said, 1)
            column.addLayout(head)
            column.addWidget(plot, 1)
            Ground(said)
            plot.hovered.connect(self.hovered)
        self._titles[1].setToolTip("Of the last minibatch")
        column.addWidget(self.legend)
        self.card.add(column, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.card)

    def show_picture(self, picture: HistogramsPicture) -> None:
        """Show a layer."""
        gradients = picture.gradients
        plots = self.weights, self.gradients
        for plot, said, one in zip(plots, self._said, (picture.weights, gradients), strict=True):
            plot.show_histogram(one)
            said.set_texts((one.share, one.share.rpartition(", ")[2]) if one is not None else ())
        zeros = any(one is not None and one.zeros for one in (picture.weights, gradients))
        entries = [("muted", picture.whole), ("accent", picture.part), ("muted" if zeros else "", "exactly 0" * zeros)]
        self.legend.set_entries(tuple((token, words) for token, words in entries if words))


def _count(power: int) -> str:
    """A power of ten as a count: ``1``, ``100``, ``10k``."""
    return f"{10**power}" if power < 4 else f"{10 ** (power - 3)}k"


def _short(value: float) -> str:
    """A value on the axis, written exactly: it is a round number or half of one."""
    text = f"{value:.3g}"
    mantissa, _, power = text.partition("e")
    return f"{mantissa}e{int(power)}" if power else text


if __name__ == "__main__":
    run_view(HistogramView)
