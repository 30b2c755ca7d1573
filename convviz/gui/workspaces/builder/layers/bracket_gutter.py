"""The gutter at the left of the cards, with a bracket for every link that skips layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from convviz.core.layers import AnyLayer
from convviz.gui.theme import current_theme
from convviz.present.design.brackets import Bracket, brackets

LANE = 11
"""Distance from one bracket to the next, in pixels."""
MOST_LANES = 5
"""Largest number of lanes; further brackets share the outermost one, so that the list keeps its width."""
CORNER, ARROW = 5.0, 5.0


class BracketGutter(QWidget):
    """Draws the brackets; those of the selected layer in the accent colour.

    Parameters
    ----------
    parent : QWidget
        The widget that holds the cards.
    card : callable
        Returns the card of a layer by its number; -1 is the input.
    """

    def __init__(self, parent: QWidget, card: Callable[[int], QWidget | None]) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._theme.follow(self._restyle)
        self._card = card
        self._selected = -1
        self.brackets: tuple[Bracket, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        parent.installEventFilter(self)

    def show_layers(self, layers: Sequence[AnyLayer]) -> None:
        """Show the brackets of a design whose layers are named."""
        found = brackets(layers)
        if found != self.brackets:
            self.brackets = found
            self._fit()

    def select(self, number: int) -> None:
        """Emphasise the links of a layer; -1 is the input."""
        if number != self._selected:
            self._selected = number
            self.update()

    @property
    def needed_width(self) -> int:
        """Width of the brackets in pixels; 0 without any."""
        lanes = min(max((one.lane + 1 for one in self.brackets), default=0), MOST_LANES)
        return 8 + LANE * lanes if lanes else 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            # The cards get their places only after this event.
            QTimer.singleShot(0, self, self._fit)
        return super().eventFilter(watched, event)

    def _restyle(self) -> None:
        self.update()

    def _fit(self) -> None:
        holder = self.parentWidget()
        if holder is not None:
            self.setGeometry(0, 0, self.needed_width, holder.height())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        seen = event.rect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The emphasised ones are drawn last, over the others.
        for chosen in (False, True):
            for one in self.brackets:
                if (self._selected in one.rows) == chosen:
                    self._draw(painter, one, "accent" if chosen else "faint", seen)

    def _draw(self, painter: QPainter, one: Bracket, token: str, seen: QRect) -> None:
        places = {row: self._middle(row) for row in one.rows}
        ends = [(row, y) for row, y in places.items() if y is not None]
        if len(ends) < 2 or ends[0][1] > seen.bottom() + ARROW or ends[-1][1] < seen.top() - ARROW:
            return
        right = float(self.width() - 1)
        x = right - 6 - LANE * min(one.lane, MOST_LANES - 1) - LANE / 2
        colour = self._theme.colour(token)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        top, bottom = ends[0][1], ends[-1][1]
        path = QPainterPath(QPointF(right, top))
        path.lineTo(x + CORNER, top)
        path.arcTo(QRectF(x, top, 2 * CORNER, 2 * CORNER), 90, 90)
        path.lineTo(x, bottom - CORNER)
        path.arcTo(QRectF(x, bottom - 2 * CORNER, 2 * CORNER, 2 * CORNER), 180, 90)
        path.lineTo(right, bottom)
        for _, y in ends[1:-1]:
            path.moveTo(x, y)
            path.lineTo(right, y)
        painter.drawPath(path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for row, y in ends:
            if row in one.targets:
                arrow = [QPointF(right, y), QPointF(right - ARROW, y - 3.5), QPointF(right - ARROW, y + 3.5)]
                painter.drawPolygon(QPolygonF(arrow))

    def _middle(self, row: int) -> float | None:
        """The y coordinate of the middle of a layer's card; None if there is no card."""
        card = self._card(row)
        if card is None:
            return None
        if card.isHidden():  # it has yet to appear, out of sight
            return float(self.height())
        return float(card.geometry().center().y())
