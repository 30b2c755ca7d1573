"""Class scores as horizontal bars: the network's output for one sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.present.numbers import format_full

_GAP = 6


@dataclass(frozen=True, slots=True)
class Row:
    """The appearance of one class; equal rows look the same.

    Attributes
    ----------
    name, score : str
        Texts to the left and to the right of the bar.
    left, right : float
        Ends of the bar in pixels.
    best, true, wrong : bool
        Whether it is the predicted class, the true class, and a wrong prediction.
    marked : bool
        Whether the pointer or the keyboard's cursor is on it.
    """

    name: str
    score: str
    left: float
    right: float
    best: bool
    true: bool
    wrong: bool
    marked: bool


class ScoreBars(QWidget):
    """One bar per class: label, bar, score with 3 digits. The largest has the accent colour, the true class a tick.

    Scores that don't lie in 0..1 (before softmax) are drawn from a zero line.

    Attributes
    ----------
    picked : Signal(int)
        A click on a class, or Enter on the one the arrow keys chose.
    hovered : Signal(int)
        The pointer is on a class; −1 when it leaves.
    """

    KEYS = FocusKeys(
        "the scores",
        {
            "Another class": ("Up", "Down"),
            "Choose it": ("Return", "Enter", "Space"),
        },
    )

    picked = Signal(int)
    hovered = Signal(int)

    def __init__(self, parent: QWidget | None = None, *, row_height: int = 18) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._scores: npt.NDArray[np.float64] = np.zeros(0)
        self._labels: tuple[str, ...] = ()
        self._texts: tuple[str, ...] = ()
        """The scores as text."""
        self._true: int | None = None
        self._row_height = row_height
        self._over = self._cursor = -1
        self._label_width = 8
        self._score_widths: dict[int, int] = {}
        """Width of a score in pixels by its length, because all characters have the same width."""
        self._drawn: tuple[tuple[int, int], tuple[Row, ...]] = ((0, 0), ())
        """Widths of names and scores, and the rows, as last painted."""
        self.setAccessibleName("scores")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._theme.changed.connect(self.update)

    def set_scores(
        self, scores: npt.ArrayLike | None, labels: Sequence[str] = (), true_class: int | None = None
    ) -> None:
        """Show the scores (classes,) of one sample; labels default to the class numbers."""
        array = np.zeros(0) if scores is None else np.asarray(scores, dtype=np.float64).ravel()
        names = tuple(labels) if labels else tuple(map(str, range(len(array))))
        if len(names) != len(array):
            raise ValueError(f"scores: expected {len(array)} labels, got {len(names)}")
        same_scores = np.array_equal(array, self._scores, equal_nan=True)
        if same_scores and names == self._labels and true_class == self._true:
            return
        resized = len(array) != len(self._scores) or names != self._labels
        self._scores, self._labels, self._true = array, names, true_class
        self._texts = tuple(_score(one) for one in array.tolist())
        self.setAccessibleDescription(self.as_text())
        if resized:
            metrics = QFontMetrics(self._font(True))
            self._label_width = max((metrics.horizontalAdvance(name) for name in names), default=8)
            self.updateGeometry()
        self._update_changed()

    @property
    def predicted(self) -> int:
        """The class with the largest score; −1 if there is none."""
        finite = np.isfinite(self._scores)
        return int(np.argmax(np.where(finite, self._scores, -np.inf))) if finite.any() else -1

    def as_text(self) -> str:
        """Return the scores as a sentence for a screen reader."""
        if not len(self._scores):
            return "no scores yet"
        best = self.predicted
        parts = [f"{name} {score}" for name, score in zip(self._labels, self._texts, strict=True)]
        said = f"predicted {self._labels[best]}" if best >= 0 else "no class is predicted: no score is finite"
        if self._true is not None:
            said += f", true class {self._labels[self._true]}"
        return f"{said}; " + ", ".join(parts)

    def class_at(self, y: float) -> int:
        """Return the class of the row at a height; −1 if there is none."""
        row = int(y // self._pitch()) if y >= 0 else -1
        return row if 0 <= row < len(self._scores) else -1

    def sizeHint(self) -> QSize:
        label, value = self._widths()
        return QSize(label + value + 90, max(1, len(self._scores)) * self._row_height)

    def minimumSizeHint(self) -> QSize:
        label, value = self._widths()
        return QSize(label + value + 30, max(1, len(self._scores)) * 13)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not len(self._scores):
            return
        painter = QPainter(self)
        self._drawn = self._widths(), self.rows()
        (label_w, value_w), rows = self._drawn
        pitch = self._pitch()
        for number, row in enumerate(rows):
            if event.region().intersects(self._row_rect(number)):
                self._paint_row(painter, row, number * pitch, pitch, label_w, value_w)
        zero = round(self._axis()[0]) - 1
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.drawLine(zero, 2, zero, round(pitch * len(rows)) - 2)

    def _paint_row(self, painter: QPainter, row: Row, top: float, pitch: float, label_w: int, value_w: int) -> None:
        colour, middle = self._theme.colour, Qt.AlignmentFlag.AlignVCenter
        if row.marked:
            painter.fillRect(QRectF(0, top, self.width(), pitch), colour("hover"))
        painter.setFont(self._font(row.best or row.true))
        painter.setPen(colour("ink" if row.best or row.true else "muted"))
        room = label_w + 1 - (10 if self._true is not None else 0)
        name = painter.fontMetrics().elidedText(row.name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(0, top, label_w, pitch), middle | Qt.AlignmentFlag.AlignRight, name)
        if row.true:
            self._paint_tick(painter, top, pitch)
        height = min(11.0, pitch - 4)
        bar = QRectF(row.left, top + (pitch - height) / 2, row.right - row.left, height)
        painter.fillRect(bar, colour("accent" if row.best else "faint"))
        painter.setFont(self._font(row.best))
        painter.setPen(colour("danger" if row.wrong else "ink" if row.best else "muted"))
        painter.drawText(QRectF(row.right + _GAP, top, value_w + 2, pitch), middle, row.score)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._set_over(self.class_at(event.position().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._set_over(-1)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self.class_at(event.position().y())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._cursor = row
            self.picked.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._scores) - 1
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and last >= 0:
            way = 1 if event.key() == Qt.Key.Key_Down else -1
            self._cursor = min(max(self._cursor + way, 0), last)
            self.hovered.emit(self._cursor)
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor >= 0:
            self.picked.emit(self._cursor)
        else:
            super().keyPressEvent(event)

    def _set_over(self, row: int) -> None:
        if row == self._over:
            return
        self._over = row
        self.update()
        if row >= 0:
            true = " (the true class)" if row == self._true else ""
            self.setToolTip(f"{self._labels[row]}{true}: {format_full(float(self._scores[row]))}")
        self.hovered.emit(row)

    def rows(self) -> tuple[Row, ...]:
        """Return the appearance of every class."""
        scores, best, true = self._scores.tolist(), self.predicted, self._true
        zero, scale = self._axis()
        over, cursor = self._over, self._cursor if self.hasFocus() else -1
        found = []
        for number, (name, score) in enumerate(zip(self._labels, scores, strict=True)):
            end = zero + scale * score if math.isfinite(score) else zero
            left = min(zero, end)
            right = max(zero, end, left + 1.5)
            wrong = number == best and true is not None and best != true
            marked = number in (over, cursor)
            found.append(Row(name, self._texts[number], left, right, number == best, number == true, wrong, marked))
        return tuple(found)

    def _update_changed(self) -> None:
        """Paint the rows that look different than on screen."""
        widths, rows = self._drawn
        new = self.rows()
        if len(new) != len(rows) or widths != self._widths():
            self.update()
            return
        for number, (row, before) in enumerate(zip(new, rows, strict=True)):
            if row != before:
                self.update(self._row_rect(number))

    def _row_rect(self, number: int) -> QRect:
        pitch = self._pitch()
        top = math.floor(number * pitch)
        return QRect(0, top, self.width(), math.ceil((number + 1) * pitch) - top)

    def _axis(self) -> tuple[float, float]:
        """The start of the bars, and the length in pixels of a score of 1."""
        finite = [one for one in self._scores.tolist() if math.isfinite(one)]
        low, high = min((0.0, *finite)), max((0.0, *finite)) if finite else 1.0
        if low >= 0 and high <= 1.0 + 1e-6:
            high = 1.0
        label_w, value_w = self._widths()
        scale = max(8.0, self.width() - label_w - value_w - 2 * _GAP) / max(high - low, 1e-30)
        return label_w + _GAP - low * scale, scale

    def _paint_tick(self, painter: QPainter, top: float, pitch: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("success"), 1.6))
        y = top + pitch / 2
        painter.drawPolyline([QPointF(0.5, y), QPointF(3, y + 2.8), QPointF(7.5, y - 3)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _font(self, strong: bool) -> QFont:
        return self._theme.mono(11, QFont.Weight.Bold if strong else QFont.Weight.Normal)

    def _pitch(self) -> float:
        rows = max(1, len(self._scores))
        return min(self._row_height * 1.25, max(11.0, self.height() / rows))

    def _widths(self) -> tuple[int, int]:
        longest = max(map(len, self._texts), default=0)
        if longest not in self._score_widths:
            metrics = QFontMetrics(self._font(True))
            self._score_widths[longest] = metrics.horizontalAdvance("0" * longest) if longest else 30
        return min(self._label_width, 110) + (10 if self._true is not None else 0), self._score_widths[longest]


def _score(value: float) -> str:
    if not np.isfinite(value):
        return format_full(value)
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.1f}"
