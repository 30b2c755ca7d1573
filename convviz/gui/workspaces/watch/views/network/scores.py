"""The probabilities of the classes in the network map's last column; the keyboard reaches each of them."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys

LOWEST_ROW, HIGHEST_ROW = 12, 18
"""Smallest and largest height of a class's row, in pixels."""
CLOSEST_ROW = 9.5
"""Height of a row in small letters, in pixels."""


class ClassScores(QWidget):
    """Paints one row per class; of many classes, the most probable ones and the true one.

    With the focus, the arrow keys reach every class.

    Attributes
    ----------
    picked : Signal(int)
        The user chose a class.
    hovered : Signal(str)
        Text about a class; empty if there is none.
    """

    KEYS = FocusKeys(
        "the class scores",
        {
            "The previous or the next class": ("Up", "Down"),
            "The first or the last class": ("Home", "End"),
            "Select the unit of the class": ("Return", "Enter"),
        },
    )

    picked = Signal(int)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._values: Array = np.zeros(0)
        self._names: tuple[str, ...] = ()
        self._label = 0
        self._current: int | None = None
        """The class under the keyboard cursor; None without the focus."""
        self._told: int | None = None
        """The class whose text :attr:`hovered` carried last; None if it carried an empty text."""
        self.setAccessibleName("class scores")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._theme.changed.connect(self.update)

    def show_scores(self, values: Array, names: tuple[str, ...], label: int) -> bool:
        """Show the probabilities of an image whose class is ``label``; return whether anything changed."""
        same = label == self._label and names == self._names and np.array_equal(values, self._values, equal_nan=True)
        if same:
            return False
        self._values, self._names, self._label = values, names, label
        if self.hasFocus() and (self._current is None or self._current >= len(values)):
            self._current = int(values.argmax())
        self._describe()
        if self._told is not None:
            self._tell(self._told if self._told < len(values) else self._current)
        self.update()
        return True

    def says(self, number: int) -> str:
        """Text about a class and its probability."""
        words = [f"class {self._names[number]}: {float(self._values[number]):.4f}"]
        if number == self._label:
            words.append("the label")
        if number == self._answer:
            words.append("the answer")
        return ", ".join(words)

    def rows(self) -> list[int]:
        """The shown classes, from top to bottom."""
        count, most = len(self._values), self._most
        if count <= most:
            return list(range(count))
        order = self._order
        if self._current is None:
            return sorted({*order[: most - 2], self._label})
        at = order.index(self._current)
        first = min(max(0, at - (most - 1) // 2), count - (most - 1))
        return order[first : first + most - 1]

    # --- Qt ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self._values):
            return
        painter = QPainter(self)
        rows, count = self.rows(), len(self._values)
        step, size = self._row_height(len(rows)), self._letters
        if len(rows) < count:
            painter.setFont(self._theme.mono(size))
            painter.setPen(self._theme.colour("muted"))
            left_out = f"+ {count - len(rows):,} smaller"
            if self._current is not None:
                left_out = f"{self._order.index(self._current) + 1:,} of {count:,}"
            last = QRectF(0, len(rows) * step, self.width(), step)
            painter.drawText(last, Qt.AlignmentFlag.AlignVCenter, left_out)
        painter.setFont(self._theme.mono(size))
        metrics = painter.fontMetrics()
        widest = max((metrics.horizontalAdvance(self._names[n]) for n in rows), default=8)
        label_width, number_width = min(widest, self.width() // 2), metrics.horizontalAdvance("0.00")
        for row, number in enumerate(rows):
            self._paint_row(painter, QRectF(0, row * step, self.width(), step), number, label_width, number_width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        order = list(range(len(self._values))) if len(self._values) <= self._most else self._order
        if not order or self._current is None:
            super().keyPressEvent(event)
            return
        at, last = order.index(self._current), len(order) - 1
        ways = {
            Qt.Key.Key_Up: max(at - 1, 0),
            Qt.Key.Key_Down: min(at + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        key = Qt.Key(event.key())
        if key in ways:
            self._go_to(order[ways[key]])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit(self._current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if len(self._values):
            self._go_to(int(self._values.argmax()))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._current = None
        self._tell(None)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.class_at(event.position().toPoint())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(number)
            self._go_to(number)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._tell(self.class_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._tell(None)

    # --- details -------------------------------------------------------------------------------------------------

    def class_at(self, point: QPoint) -> int | None:
        """The class at a point; None if there is none."""
        rows = self.rows()
        row = int(point.y() // self._row_height(len(rows)))
        return rows[row] if 0 <= row < len(rows) else None

    @property
    def _answer(self) -> int:
        """The class with the highest score; -1 if scores are NaN, because the network then gives no answer."""
        return int(self._values.argmax()) if np.isfinite(self._values).all() else -1

    @property
    def _order(self) -> list[int]:
        """The classes by descending probability."""
        return [int(number) for number in np.argsort(-self._values, kind="stable")]

    @property
    def _letters(self) -> float:
        # If room is short, rows move closer and letters shrink before any class is omitted.
        return 11 if len(self._values) * LOWEST_ROW <= self.height() else 9

    @property
    def _most(self) -> int:
        lowest = LOWEST_ROW if self._letters == 11 else CLOSEST_ROW
        return max(3, int(self.height() // lowest))

    def _row_height(self, rows: int) -> float:
        is_cut = rows < len(self._values)
        return min(self.height() / max(rows + is_cut, 1), HIGHEST_ROW)

    def _go_to(self, number: int) -> None:
        self._current = number
        self._describe()
        self._tell(number)
        self.update()

    def _tell(self, number: int | None) -> None:
        self._told = number
        self.hovered.emit("" if number is None else self.says(number))

    def _describe(self) -> None:
        """Describe the class under the keyboard cursor to screen readers; only while the view has the focus."""
        if self._current is not None:
            self.setAccessibleDescription(self.says(self._current))

    def _paint_row(self, painter: QPainter, row: QRectF, number: int, label_width: int, number_width: int) -> None:
        theme, value = self._theme, float(self._values[number])
        is_true, is_answer = number == self._label, number == self._answer
        if number == self._current and self.hasFocus():
            painter.setPen(QPen(theme.colour("focus"), 1))
            painter.setBrush(theme.colour("tray"))
            painter.drawRoundedRect(row.adjusted(-0.5, 0.5, -0.5, -0.5), 3, 3)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        size = self._letters
        painter.setFont(theme.mono(size, QFont.Weight.Bold) if is_true else theme.mono(size))
        painter.setPen(theme.colour("ink" if is_true else "muted"))
        name = painter.fontMetrics().elidedText(self._names[number], Qt.TextElideMode.ElideRight, label_width)
        area = QRectF(0, row.top(), label_width + 2, row.height())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, name)
        left = label_width + 5
        room = max(6, self.width() - label_width - 10 - number_width)
        width = max(1.0, room * value) if math.isfinite(value) else 1.0
        token = "accent" if is_true else "danger" if is_answer else "faint"
        painter.fillRect(QRectF(left, row.center().y() - 3.5, width, 7), theme.colour(token))
        if value >= 0.005 or not math.isfinite(value):
            painter.setPen(theme.colour("ink" if is_true or is_answer else "muted"))
            area = QRectF(left + width + 4, row.top(), number_width + 8, row.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, f"{value:.2f}")
