"""The probability of every class as a row of bars."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme

LINE = 18
MOST = 12
"""Most classes that are shown; of more, the most probable ones and the label."""


class ScoresView(QWidget):
    """Bars with names and numbers; the answer in the accent colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.lines: tuple[tuple[str, float, str], ...] = ()
        """Name, probability and what the class is: ``answer``, ``label`` …"""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._most = MOST
        self._shown: tuple[Array, int, tuple[str, ...], int | None] | None = None
        self.setAccessibleName("Probabilities")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(240, LINE * max(len(self.lines), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, LINE * max(len(self.lines), 1))

    def set_most(self, most: int) -> None:
        """Show no more classes than this: the most probable ones, and the label."""
        if most != self._most:
            self._most = most
            if self._shown is not None:
                self.show_scores(*self._shown)

    def show_scores(self, probabilities: Array, label: int, names: tuple[str, ...], other: int | None = None) -> None:
        """Show an image's probabilities ``(classes,)``; the class ``other`` is always among them."""
        self._shown = probabilities, label, names, other
        answer = int(probabilities.argmax())
        order = np.argsort(-probabilities, kind="stable").tolist()
        first = list(dict.fromkeys([answer, label, *([] if other is None else [other])]))
        shown = sorted([*first, *(k for k in order if k not in first)][: self._most])
        words = {} if other is None else {other: "chosen"}
        words |= {answer: "answer", label: "label"}
        if answer == label:
            words[answer] = "right"
        self.lines = tuple((names[k], float(probabilities[k]), words.get(k, "")) for k in shown)
        self.setAccessibleDescription(f"{names[answer]} with {float(probabilities[answer]):.3f}")
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font(12))
        left = min(max([14, *(painter.fontMetrics().horizontalAdvance(name) for name, _, _ in self.lines)]), 70) + 8
        right = 104
        for number, (name, p, word) in enumerate(self.lines):
            top = number * LINE
            token = "accent" if word in ("answer", "right") else "muted"
            painter.setFont(self._theme.font(12, QFont.Weight.DemiBold if word else QFont.Weight.Normal))
            painter.setPen(self._theme.colour("accent_text" if token == "accent" else "ink"))
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(left - 8))
            painter.drawText(QRectF(0, top, left, LINE), Qt.AlignmentFlag.AlignVCenter, text)
            room = max(self.width() - left - right, 10)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour(token))
            painter.drawRoundedRect(QRectF(left, top + LINE / 2 - 3.5, max(1.0, room * p), 7), 2, 2)
            painter.setFont(self._theme.mono(12))
            painter.setPen(self._theme.colour("ink"))
            place = QRectF(self.width() - right, top, 56, LINE)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{p:.4f}")
            painter.setFont(self._theme.font(11))
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(QRectF(self.width() - 42, top, 42, LINE), Qt.AlignmentFlag.AlignVCenter, word)
