"""A list of names and values, for values that change many times a second."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.widgets.labels import Caption, ThemedLabel

ROW_GAP = 6
BETWEEN = 8
"""Smallest gap between a name and its value, in pixels."""


class FactTable(QWidget):
    """Rows of a name at the left and a value at the right, which can be selected and copied.

    A label in a layout causes a new layout of everything around it whenever its text changes. Here the rows are fixed,
    so a new value repaints only its own row.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[Caption, ThemedLabel]] = []
        self._shown = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show names and values."""
        while len(self._rows) < len(facts):
            name, value = Caption(parent=self), ThemedLabel(parent=self, mono=True, size=12)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._rows.append((name, value))
        moved = len(facts) != self._shown
        for (name, value), (word, text) in zip(self._rows, facts, strict=False):
            if word != name.text():
                name.setText(word)
                moved = True
            if text != value.text():
                value.setText(text)
        if moved:
            self._shown = len(facts)
            for number, labels in enumerate(self._rows):
                for label in labels:
                    label.setVisible(number < self._shown)
            self._place()
            self.updateGeometry()

    def text(self) -> str:
        """Return the text, one fact per line."""
        return "\n".join(f"{name.text()} {value.text()}" for name, value in self._rows[: self._shown])

    def sizeHint(self) -> QSize:
        names = (name.sizeHint().width() for name, _ in self._rows[: self._shown])
        return QSize(max(names, default=0) + BETWEEN + 60, max(0, self._shown * self._pitch() - ROW_GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _pitch(self) -> int:
        if not self._rows:
            return 0
        return max(label.sizeHint().height() for label in self._rows[0]) + ROW_GAP

    def _place(self) -> None:
        pitch = self._pitch()
        for number, (name, value) in enumerate(self._rows):
            left = name.sizeHint().width()
            name.setGeometry(0, number * pitch, left, pitch - ROW_GAP)
            start = left + BETWEEN
            value.setGeometry(start, number * pitch, max(0, self.width() - start), pitch - ROW_GAP)
