"""How much every filter differs between two runs, as bars; one of them can be chosen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.compare.pair import bar_order, bar_tops
from convviz.present.numbers import format_value

HIGH = 40
LEAST = 2.0
"""Height of the shortest bar, in pixels: a filter that did not change is there too."""


class ChangeBars(QWidget):
    """A bar a filter, in the order of the filters or the largest first.

    Where there are more filters than pixels, each pixel shows the largest of its filters.

    Attributes
    ----------
    chosen : Signal(int)
        Number of a filter whose bar was clicked.
    """

    KEYS = FocusKeys("how much filters differ", {"Another filter": ("Left", "Right", "Home", "End")})

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self.change: Array = np.zeros(0)
        self.order: Array = np.zeros(0, np.int64)
        """Number of the filter of every bar."""
        self.filter = -1
        self._sorted = False
        self.setFixedHeight(HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("‖B−A‖ / ‖A‖ of every filter")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(320, HIGH)

    def show_change(self, change: Array, number: int) -> None:
        """Show other differences ``(F,)``, with one filter chosen."""
        self.change, self.filter = change, number
        self.order = bar_order(change, largest_first=self._sorted)
        if 0 <= number < len(change):
            self.setAccessibleDescription(f"filter {number}: {format_value(float(change[number]))}")
        self.update()

    def set_sorted(self, largest_first: bool) -> None:
        """Show the largest first, or the filters in order."""
        self._sorted = largest_first
        self.show_change(self.change, self.filter)

    def rect_of(self, number: int) -> QRectF:
        """The place of a filter's bar."""
        at = int(np.flatnonzero(self.order == number)[0])
        left, right = self._edges(at)
        return self._bar(left, right, float(self.change[number]))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), self._theme.colour("line"))
        count, wide = len(self.order), max(1, self.width())
        if not count:
            return
        plain = self._theme.colour("faint")
        tops = bar_tops(self.change[self.order], min(count, wide))
        for at, value in enumerate(tops):
            left, right = self._edges(at) if count <= wide else (at, at + 1)
            painter.fillRect(self._bar(left, right, float(value)), plain)
        if 0 <= self.filter < count:
            token = "focus" if self.hasFocus() else "accent"
            painter.fillRect(self.rect_of(self.filter), self._theme.colour(token))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position())
        if number is not None:
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = Qt.Key(event.key()), len(self.order) - 1
        if key not in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End) or last < 0:
            super().keyPressEvent(event)
            return
        found = np.flatnonzero(self.order == self.filter)
        at = int(found[0]) if len(found) else 0
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Home: -at, Qt.Key.Key_End: last - at}[key]
        self.chosen.emit(int(self.order[min(max(at + step, 0), last)]))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self._at(QPointF(event.pos()))
            if number is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(
                    event.globalPos(), f"filter {number}: {format_value(float(self.change[number]))}", self
                )
            return True
        return super().event(event)

    def _edges(self, at: int) -> tuple[float, float]:
        across = self.width() / max(1, len(self.order))
        gap = 2.0 if across >= 6 else 1.0 if across >= 3 else 0.0
        return at * across, max((at + 1) * across - gap, at * across + 1)

    def _bar(self, left: float, right: float, value: float) -> QRectF:
        known = self.change[np.isfinite(self.change)]
        most = float(known.max(initial=0.0))
        # An infinite difference, of a filter that was 0 in A, is as high as there is room.
        share = 1.0 if value == np.inf else value / most if most > 0 and np.isfinite(value) else 0.0
        high = max(LEAST, (self.height() - 2) * share)
        return QRectF(left, self.height() - high, right - left, high)

    def _at(self, point: QPointF) -> int | None:
        """The filter at a place; where several share a pixel, the one that is shown."""
        count, wide = len(self.order), max(1, self.width())
        if not count or not 0 <= point.x() < wide:
            return None
        if count <= wide:
            return int(self.order[min(int(point.x() * count / wide), count - 1)])
        pixel = int(point.x())
        some = self.order[pixel * count // wide : max((pixel + 1) * count // wide, pixel * count // wide + 1)]
        return int(some[int(np.nan_to_num(self.change[some], nan=-1.0, posinf=np.inf).argmax())])
