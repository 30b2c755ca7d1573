"""The confusion matrix as cells that can be chosen."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.colour import ColourRole, colourise, text_colour
from convviz.probe.mistakes import Mistakes

LARGEST = 52
NUMBERED = 22
"""Least side of a cell that shows its number, in pixels."""
PRECISE = 27
"""Least side with room for the precision below a column, in pixels."""
TOP, RIGHT, BOTTOM = 44, 116, 28


class MatrixView(QWidget):
    """Labels down, answers across; only mistakes are coloured, by how many there are.

    Recall is at the right of each row, precision below each column.

    Attributes
    ----------
    chosen : Signal(int, int)
        The user chose a cell: label and answer.
    turned : Signal()
        The user wants counts instead of shares, or shares instead of counts.
    """

    KEYS = FocusKeys(
        "the matrix of mistakes",
        {"Another cell": ("Left", "Right", "Up", "Down"), "Counts, or per cent of the row": ("C",)},
    )

    chosen = Signal(int, int)
    turned = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._counts = np.zeros((0, 0), np.int64)
        self._names: tuple[str, ...] = ()
        self._shares: tuple[np.ndarray, np.ndarray] = (np.zeros(0), np.zeros(0))
        self.by_row = False
        """Whether cells show per cent of their row instead of counts."""
        self.cell = (-1, -1)
        """Label and answer of the chosen cell."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("What is taken for what")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(660, 590)

    def minimumSizeHint(self) -> QSize:
        return QSize(380, 320)

    def show_mistakes(self, mistakes: Mistakes, names: tuple[str, ...]) -> None:
        """Show other counts."""
        self._counts, self._names = mistakes.confusion, names
        self._shares = mistakes.recall, mistakes.precision
        self.update()

    def set_by_row(self, by_row: bool) -> None:
        """Show per cent of each row instead of counts, or counts again."""
        self.by_row = by_row
        self.update()

    def choose(self, label: int, answer: int) -> None:
        """Mark a cell."""
        self.cell = label, answer
        if 0 <= label < len(self._counts):
            count = int(self._counts[label, answer])
            self.setAccessibleDescription(f"{self._names[label]} taken for {self._names[answer]}: {count:,}")
        self.update()

    def rect_of(self, label: int, answer: int) -> QRectF:
        """The place of a cell."""
        left, side = self._left(), self._side()
        return QRectF(left + answer * side, TOP + label * side, side, side)

    @property
    def most(self) -> float:
        """The number at the end of the scale: that of the most frequent mistake, in images or per cent."""
        return max(float(self._wrong.max(initial=0)), 0.1 if self.by_row else 1.0)

    @property
    def _values(self) -> np.ndarray:
        if not self.by_row:
            return self._counts
        whole = self._counts.sum(axis=1, keepdims=True)
        return np.asarray(100 * self._counts / np.maximum(whole, 1))

    @property
    def _wrong(self) -> np.ndarray:
        values = self._values
        return np.asarray(values - np.diag(np.diag(values)))

    # --- Qt --------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        count = len(self._counts)
        if not count:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, side = self._left(), self._side()
        values = self._values
        colours = colourise(self._wrong, ColourRole.COUNT, self._theme.dark, self.most)
        numbers = 0 if side < NUMBERED else 12 if side >= 34 else 11
        small = numbers if side >= 40 else 9
        for label, answer in np.ndindex(self._counts.shape):
            red, green, blue = (int(part) for part in colours[label, answer][:3])
            place = QRectF(left + answer * side, TOP + label * side, side, side)
            painter.fillRect(place, QColor(red, green, blue))
            if side >= 8:
                painter.setPen(QPen(self._theme.colour("line"), 1))
                painter.drawRect(place)
            if numbers:
                number = int(self._counts[label, answer])
                ink = text_colour(f"#{red:02x}{green:02x}{blue:02x}")
                token = "muted" if label == answer or not number else ink
                painter.setPen(self._theme.colour(token))
                text = f"{number:,}" if number else "·"
                if self.by_row and number:
                    text = f"{values[label, answer]:.1f}"
                painter.setFont(self._theme.mono(numbers if len(text) < 4 else small))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        self._paint_names(painter, side)
        self._paint_shares(painter, side)
        self._paint_chosen(painter, side, count)

    def _paint_names(self, painter: QPainter, side: float) -> None:
        left = self._left()
        painter.setFont(self._theme.font(11))
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(QRectF(left, 0, 200, 18), Qt.AlignmentFlag.AlignLeft, "network says →")
        painter.drawText(QRectF(0, 22, left - 8, 18), Qt.AlignmentFlag.AlignRight, "label ↓")
        right = left + len(self._names) * side + 12
        painter.drawText(QRectF(right, 22, RIGHT, 18), Qt.AlignmentFlag.AlignLeft, f"recall, {self._low()}–100 %")
        if side < 13:
            return
        size = 13 if side >= 20 else 10
        for number, name in enumerate(self._names):
            for at, own in ((0, "row"), (1, "column")):
                here = number == self.cell[at]
                painter.setPen(self._theme.colour("accent_text" if here else "ink"))
                painter.setFont(self._theme.font(size, QFont.Weight.DemiBold if here else QFont.Weight.Normal))
                room = side if own == "column" else left - 10
                text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room))
                if own == "row":
                    place = QRectF(0, TOP + number * side, left - 8, side)
                    painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
                else:
                    place = QRectF(left + number * side, 20, side, 22)
                    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_shares(self, painter: QPainter, side: float) -> None:
        count, left = len(self._names), self._left()
        if side < 13:
            return
        painter.setFont(self._theme.mono(11 if side >= 32 else 10))
        right, low = left + count * side + 12, self._low()
        for number in range(count):
            recall, precision = (float(share[number]) for share in self._shares)
            middle = TOP + (number + 0.5) * side
            painter.setPen(Qt.PenStyle.NoPen)
            bar = QRectF(right, middle - 2.5, 48, 5)
            painter.setBrush(self._theme.colour("tray"))
            painter.drawRoundedRect(bar, 2.5, 2.5)
            if recall == recall:
                bar.setWidth(max(2.0, 48 * (100 * recall - low) / max(100 - low, 1)))
                painter.setBrush(self._theme.colour("muted"))
                painter.drawRoundedRect(bar, 2.5, 2.5)
            here = number == self.cell[0]
            painter.setPen(self._theme.colour("accent_text" if here else "ink"))
            text = f"{100 * recall:.1f}" if recall == recall else "–"
            place = QRectF(right + 52, middle - 9, 42, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            if side >= PRECISE:
                painter.setPen(self._theme.colour("accent_text" if number == self.cell[1] else "muted"))
                text = f"{100 * precision:.1f}" if precision == precision else "–"
                place = QRectF(left + number * side, TOP + count * side + 4, side, 18)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        if side >= PRECISE:
            painter.setFont(self._theme.font(11))
            painter.setPen(self._theme.colour("muted"))
            place = QRectF(right, TOP + count * side + 4, RIGHT, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "precision %")

    def _paint_chosen(self, painter: QPainter, side: float, count: int) -> None:
        label, answer = self.cell
        if not (0 <= label < count and 0 <= answer < count):
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("accent", 0.6), 1))
        left = self._left()
        painter.drawRect(QRectF(left, TOP + label * side, count * side, side))
        painter.drawRect(QRectF(left + answer * side, TOP, side, count * side))
        painter.setPen(QPen(self._theme.colour("focus" if self.hasFocus() else "accent"), 2))
        painter.drawRoundedRect(self.rect_of(label, answer).adjusted(1, 1, -1, -1), 3, 3)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and found is not None:
            self._choose(*found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        key, last = Qt.Key(event.key()), len(self._counts) - 1
        if key in moves and last >= 0:
            down, across = moves[key]
            self._choose(min(max(self.cell[0] + down, 0), last), min(max(self.cell[1] + across, 0), last))
        elif key == Qt.Key.Key_C and not event.modifiers():
            self.turned.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            found = self._at(QPointF(event.pos()))
            if found is None:
                QToolTip.hideText()
            else:
                count = int(self._counts[found])
                words = f"label {self._names[found[0]]}, answered {self._names[found[1]]}: {count:,}"
                words += f", {100 * count / whole:.1f} % of the row" if (whole := self._counts[found[0]].sum()) else ""
                QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    # --- how -------------------------------------------------------------------------------------------------------

    def _choose(self, label: int, answer: int) -> None:
        self.choose(label, answer)
        self.chosen.emit(label, answer)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        side = self._side()
        if not len(self._counts) or side <= 0:
            return None
        label, answer = int((point.y() - TOP) // side), int((point.x() - self._left()) // side)
        inside = 0 <= label < len(self._counts) and 0 <= answer < len(self._counts)
        return (label, answer) if inside else None

    def _left(self) -> float:
        """Room at the left, for the names."""
        metrics = self.fontMetrics()
        return min(max(56, *(metrics.horizontalAdvance(name) + 18 for name in self._names)), 120)

    def _side(self) -> float:
        count = max(len(self._counts), 1)
        across, down = self.width() - self._left() - RIGHT, self.height() - TOP - BOTTOM
        side = min(across / count, down / count, LARGEST)
        return float(int(side)) if side >= 4 else max(side, 0.5)

    def _low(self) -> int:
        """Where the bars of recall begin: a multiple of ten below the worst."""
        known = self._shares[0][np.isfinite(self._shares[0])]
        return int(100 * known.min() / 10 - 1e-9) * 10 if len(known) and known.min() > 0 else 0
