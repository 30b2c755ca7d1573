"""A thin line of progress, to lie under the top bar."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.demo import run_demo


class ProgressLine(QWidget):
    """A line 2 px high, filled with the accent from the left as far as the work is done.

    Parameters
    ----------
    name : str
        What makes progress, for screen readers.
    """

    def __init__(self, parent: QWidget | None = None, *, name: str = "progress") -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._fraction = 0.0
        self._name = name
        self.setFixedHeight(2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self.update)
        self._describe()

    @property
    def fraction(self) -> float:
        """How much is done, 0 to 1."""
        return self._fraction

    def set_fraction(self, fraction: float) -> None:
        """Show how much is done, 0 to 1; repaints only where a pixel changes."""
        if not math.isfinite(fraction):
            raise ValueError(f"progress: expected a number from 0 to 1, got {fraction}")
        new = min(1.0, max(0.0, fraction))
        moved = round(new * self.width()) != round(self._fraction * self.width())
        said = round(new * 100) != round(self._fraction * 100)
        self._fraction = new
        if said:
            self._describe()
        if moved:
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("line"))
        done = QRectF(0, 0, round(self._fraction * self.width()), self.height())
        painter.fillRect(done, self._theme.colour("accent"))

    def _describe(self) -> None:
        self.setAccessibleName(f"{self._name}: {round(self._fraction * 100)} %")


def _demo() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    for fraction in (0.0, 0.04, 0.6, 1.0):
        line = ProgressLine()
        line.set_fraction(fraction)
        layout.addWidget(line)
    layout.addStretch()
    return page


if __name__ == "__main__":
    run_demo(_demo, "ProgressLine", (480, 80))
