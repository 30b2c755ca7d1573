"""One field of a sweep against the test accuracy: a dot a run, and the mean of every value."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.curve.data import nice_step
from convviz.present.compare.sweep_table import Cell, SweepRun, ordered
from convviz.present.words import counted

LEFT, TOP, RIGHT, BOTTOM = 56, 12, 20, 40
NEAR = 9
"""Pixels from a dot within which the pointer is on it."""


class ScatterView(QWidget):
    """Dots over one field; numbers whose values span a factor of ten or more lie on a logarithmic axis.

    Attributes
    ----------
    runChosen : Signal(str)
        File of the run whose dot was clicked.
    """

    runChosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._runs: tuple[SweepRun, ...] = ()
        self.field = ""
        self._values: tuple[Cell, ...] = ()
        self._best = ""
        self.setAccessibleName("Test accuracy over one field")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(600, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)

    def show_runs(self, runs: Sequence[SweepRun], field: str, best: str) -> None:
        """Show the runs that are done over another field."""
        there = [run for run in runs if run.accuracy is not None and (field == "seed" or field in run.values)]
        self._runs, self.field, self._best = tuple(there), field, best
        self._values = ordered({self._value(run) for run in there})
        self.setAccessibleDescription(f"{counted(len(there), 'run')} over {field}")
        self.update()

    def point(self, run: SweepRun) -> QPointF:
        """Where the dot of a run is."""
        low, high = self._ends()
        share = (float(run.accuracy or 0.0) - low) / (high - low)
        area = self._area()
        return QPointF(self._across(self._value(run)), area.bottom() - share * area.height())

    def _value(self, run: SweepRun) -> Cell:
        return float(run.seed) if self.field == "seed" else run.values[self.field]

    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(10, self.width() - LEFT - RIGHT), max(10, self.height() - TOP - BOTTOM))

    def _ends(self) -> tuple[float, float]:
        known = [float(run.accuracy or 0.0) for run in self._runs]
        low, high = min(known, default=0.0), max(known, default=1.0)
        room = 0.06 * (high - low) or 0.02
        return low - room, high + room

    def _is_log(self) -> bool:
        numbers = [one for one in self._values if isinstance(one, float)]
        return len(numbers) == len(self._values) > 1 and numbers[0] > 0 and numbers[-1] >= 10 * numbers[0]

    def _across(self, value: Cell) -> float:
        area = self._area()
        numbers = [one for one in self._values if isinstance(one, float)]
        if len(self._values) < 2:
            return area.center().x()
        if len(numbers) < len(self._values) or not isinstance(value, float):
            share = self._values.index(value) / (len(self._values) - 1)
        elif self._is_log():
            share = math.log(value / numbers[0]) / math.log(numbers[-1] / numbers[0])
        else:
            share = (value - numbers[0]) / (numbers[-1] - numbers[0])
        return area.left() + 16 + share * (area.width() - 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, area = self._theme, self._area()
        if not self._runs:
            painter.setFont(theme.font(12))
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Dots appear as soon as a run is done.")
            return
        self._paint_axes(painter, area)
        means = [
            QPointF(self._across(value), sum(ys) / len(ys))
            for value in self._values
            if (ys := [self.point(run).y() for run in self._runs if self._value(run) == value])
        ]
        if len(means) < len(self._runs):
            painter.setPen(QPen(theme.colour("faint"), 1.5))
            painter.drawPolyline(means)
        for run in sorted(self._runs, key=lambda one: one.file == self._best):
            best = run.file == self._best
            painter.setPen(QPen(theme.colour("panel"), 1.2))
            painter.setBrush(theme.colour("accent" if best else "training", 1.0 if best else 0.75))
            painter.drawEllipse(self.point(run), 5.0 if best else 4.0, 5.0 if best else 4.0)

    def _paint_axes(self, painter: QPainter, area: QRectF) -> None:
        theme, (low, high) = self._theme, self._ends()
        painter.setFont(theme.mono(11))
        step = nice_step(high - low, max(2, int(area.height() / 40)))
        tick = math.ceil(low / step) * step
        while tick <= high:
            y = area.bottom() - (tick - low) / (high - low) * area.height()
            painter.setPen(QPen(theme.colour("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(theme.colour("muted"))
            place = QRectF(0, y - 8, LEFT - 6, 16)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{100 * tick:.4g} %")
            tick += step
        painter.setPen(theme.colour("ink"))
        free = 0.0  # the first may reach out to the left
        for value in self._values:
            words = f"{value:g}" if isinstance(value, float) else str(value)
            wide = painter.fontMetrics().horizontalAdvance(words)
            x = self._across(value)
            if x - wide / 2 >= free:
                painter.drawText(QRectF(x - wide, area.bottom() + 4, 2 * wide, 16), Qt.AlignmentFlag.AlignCenter, words)
                free = x + wide / 2 + 10
        painter.setFont(theme.font(12, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("muted"))
        name = f"{self.field}{', logarithmic' if self._is_log() else ''}"
        painter.drawText(QRectF(area.left(), area.bottom() + 20, area.width(), 18), Qt.AlignmentFlag.AlignCenter, name)

    def run_at(self, point: QPointF) -> SweepRun | None:
        """The run whose dot is there."""
        near = min(self._runs, key=lambda run: (self.point(run) - point).manhattanLength(), default=None)
        return near if near is not None and (self.point(near) - point).manhattanLength() <= NEAR else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        run = self.run_at(event.position())
        if run is not None:
            self.runChosen.emit(run.file)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            run = self.run_at(QPointF(event.pos()))
            if run is None:
                QToolTip.hideText()
            else:
                fields = [
                    f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
                    for name, value in run.values.items()
                ]
                QToolTip.showText(
                    event.globalPos(),
                    f"{', '.join([*fields, f'seed {run.seed}'])}: {100 * float(run.accuracy or 0):.2f} %",
                    self,
                )
            return True
        return super().event(event)
