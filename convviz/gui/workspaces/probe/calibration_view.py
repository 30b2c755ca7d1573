"""Calibration: accuracy by confidence, which are equal if the network is right as often as it claims."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.words import counted
from convviz.probe.mistakes import Calibration

LEFT, BOTTOM, TOP = 34, 30, 6


class CalibrationView(QWidget):
    """A bar for each bin of confidence that has images, and the diagonal where both would be equal.

    Attributes
    ----------
    chosen : Signal(int)
        The bar that the user chose.
    """

    KEYS = FocusKeys("the calibration", {"Another bar": ("Left", "Right")})

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.calibration: Calibration | None = None
        self.bar = -1
        """The bar that is chosen; -1 for none."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Accuracy by confidence")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(210, 118)

    def show_calibration(self, calibration: Calibration) -> None:
        """Show other bins."""
        self.calibration = calibration
        self.setAccessibleDescription(f"calibration error {calibration.error:.3f}")
        self.update()

    def choose(self, bar: int) -> None:
        """Mark a bar; -1 marks none."""
        self.bar = bar
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(self._at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        found = self.calibration
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        way = ways.get(Qt.Key(event.key()))
        if way is None or found is None:
            super().keyPressEvent(event)
            return
        bars = np.flatnonzero(found.counts)
        ahead = bars[bars > self.bar] if way > 0 else bars[bars < self.bar][::-1]
        if len(ahead):
            self._pick(int(ahead[0]))

    def _pick(self, bar: int) -> None:
        if self.calibration is not None and self.calibration.counts[bar]:
            self.choose(bar)
            self.chosen.emit(bar)

    def paintEvent(self, event: QPaintEvent) -> None:
        found = self.calibration
        if found is None:
            return
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self._room()
        painter.setFont(theme.font(10))
        painter.setPen(theme.colour("muted"))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for share in (0, 50, 100):
            y = room.bottom() - room.height() * share / 100
            painter.drawText(QRectF(0, y - 8, LEFT - 5, 16), right, f"{share}%")
        painter.drawText(QRectF(room.left(), room.bottom() + 1, 40, 14), Qt.AlignmentFlag.AlignLeft, "0%")
        painter.drawText(QRectF(room.right() - 40, room.bottom() + 1, 40, 14), Qt.AlignmentFlag.AlignRight, "100%")
        middle = QRectF(room.left(), room.bottom() + 13, room.width(), 16)
        painter.drawText(middle, Qt.AlignmentFlag.AlignCenter, "how sure it is; bars: how often right")
        most = max(int(found.counts.max(initial=0)), 1)
        painter.setPen(Qt.PenStyle.NoPen)
        bars = zip(found.edges[:-1], found.edges[1:], found.counts, found.accuracy, strict=True)
        for number, (low, high, count, right_share) in enumerate(bars):
            if count:
                # The more images, the stronger the colour: with few, the share says little.
                painter.setBrush(theme.colour("test", 0.25 + 0.65 * float(np.log1p(count) / np.log1p(most))))
                left, wide = room.left() + room.width() * low, room.width() * (high - low)
                tall = max(room.height() * float(right_share), 1.0)
                bar = QRectF(left + 0.5, room.bottom() - tall, max(wide - 1, 1), tall)
                painter.drawRect(bar)
                if number == self.bar:
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(QPen(theme.colour("focus" if self.hasFocus() else "ink"), 2))
                    painter.drawRect(bar.adjusted(1, 1, -1, -1))
                    painter.setPen(Qt.PenStyle.NoPen)
        painter.setPen(QPen(theme.colour("ink"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(room.left(), room.bottom()), QPointF(room.right(), room.top()))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(room)

    def event(self, event: QEvent) -> bool:
        found = self.calibration
        if isinstance(event, QHelpEvent) and found is not None:
            at = self._at(event.pos().x())
            words = (
                f"{found.edges[at]:.0%} to {found.edges[at + 1]:.0%} sure: {counted(int(found.counts[at]), 'image')}"
            )
            if found.counts[at]:
                words += f"\n{found.confidence[at]:.1%} sure on average, {found.accuracy[at]:.1%} right"
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _at(self, x: float) -> int:
        """The bar at a place."""
        room, bins = self._room(), 1 if self.calibration is None else len(self.calibration.counts)
        return min(max(int((x - room.left()) / max(room.width(), 1) * bins), 0), bins - 1)

    def _room(self) -> QRectF:
        return QRectF(LEFT, TOP, self.width() - LEFT - 8, self.height() - TOP - BOTTOM)
