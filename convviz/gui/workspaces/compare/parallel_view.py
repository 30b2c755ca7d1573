"""Parallel coordinates: an axis a field, a line a run; dragging along an axis keeps only the lines that cross there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.present.colour import ColourRole, colourise
from convviz.present.compare.sweep_table import SweepRun, ordered, swept_fields

LEFT, RIGHT, TOP, BOTTOM = 44, 62, 26, 12
ACCURACY, SECONDS = "test accuracy", "seconds"


class ParallelView(QWidget):
    """Runs as lines over the fields, their test accuracy and their time.

    Attributes
    ----------
    kept : Signal(int)
        How many runs the brushes keep.
    """

    kept = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._theme = current_theme()
        self._runs: tuple[SweepRun, ...] = ()
        self.axes: tuple[str, ...] = ()
        self._values: dict[str, tuple[object, ...]] = {}
        """The values of a field, in order; they are evenly spaced on its axis."""
        self._best = ""
        self._brushes: dict[str, tuple[float, float]] = {}
        self._from: tuple[str, float] | None = None
        self.setAccessibleName("Runs of the sweep, field by field")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("Drag along an axis to keep only the runs there; a click on it lets go")
        self._theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(600, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 120)

    def show_runs(self, runs: Sequence[SweepRun], best: str) -> None:
        """Show the runs that are done; ``best`` is the file of the best."""
        self._runs = tuple(run for run in runs if run.accuracy is not None)
        fields = swept_fields(runs)
        seeds = ("seed",) if len({run.seed for run in runs}) > 1 else ()
        self.axes = (*fields, *seeds, ACCURACY, SECONDS)
        self._values = {name: ordered({run.values[name] for run in runs if name in run.values}) for name in fields}
        if seeds:
            self._values["seed"] = tuple(sorted({run.seed for run in runs}))
        self._best = best
        self._brushes = {name: brush for name, brush in self._brushes.items() if name in self.axes}
        self.update()

    def height_of(self, run: SweepRun, axis: str) -> float:
        """Where a run crosses an axis, from 0, its bottom, to 1."""
        if axis in self._values:
            values = self._values[axis]
            at = values.index(run.seed if axis == "seed" else run.values[axis])
            return at / max(1, len(values) - 1) if len(values) > 1 else 0.5
        low, high = self._ends(axis)
        number = float(run.accuracy or 0.0) if axis == ACCURACY else run.seconds
        return 0.5 if high <= low else (number - low) / (high - low)

    def is_kept(self, run: SweepRun) -> bool:
        """Whether a run crosses all brushes."""
        return all(low <= self.height_of(run, axis) <= high for axis, (low, high) in self._brushes.items())

    def _ends(self, axis: str) -> tuple[float, float]:
        numbers = [float(run.accuracy or 0.0) if axis == ACCURACY else run.seconds for run in self._runs]
        return (min(numbers), max(numbers)) if numbers else (0.0, 1.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._theme
        if not self._runs:
            painter.setFont(theme.font(12))
            painter.setPen(theme.colour("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Lines appear as soon as a run is done.")
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        order = sorted(self._runs, key=lambda run: (self.is_kept(run), run.file == self._best, run.accuracy or 0.0))
        faint = theme.colour("line")
        for run in order[-1500:]:
            path = QPainterPath()
            for at, axis in enumerate(self.axes):
                point = QPointF(self._x(at), self._y(self.height_of(run, axis)))
                if at:
                    before = path.currentPosition()
                    third = (point.x() - before.x()) / 2
                    path.cubicTo(before + QPointF(third, 0), point - QPointF(third, 0), point)
                else:
                    path.moveTo(point)
            if run.file == self._best:
                painter.setPen(QPen(theme.colour("accent"), 2.4))
            elif self.is_kept(run):
                share = 0.25 + 0.75 * self.height_of(run, ACCURACY)
                red, green, blue = (
                    int(one) for one in colourise([share], ColourRole.ACTIVATION, theme.dark, 1.0)[0][:3]
                )
                painter.setPen(QPen(QColor(red, green, blue), 1.3))
            else:
                painter.setPen(QPen(faint, 1))
            painter.drawPath(path)
        for at, axis in enumerate(self.axes):
            self._paint_axis(painter, at, axis)

    def _paint_axis(self, painter: QPainter, at: int, axis: str) -> None:
        theme, x = self._theme, self._x(at)
        if axis in self._brushes:
            low, high = self._brushes[axis]
            painter.fillRect(
                QRectF(x - 7, self._y(high), 14, self._y(low) - self._y(high)), theme.colour("accent", 0.3)
            )
        painter.setPen(QPen(theme.colour("muted"), 1))
        painter.drawLine(QPointF(x, self._y(0)), QPointF(x, self._y(1)))
        painter.setFont(theme.font(12, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("ink"))
        room = (self._x(1) - self._x(0) if len(self.axes) > 1 else 120) - 6
        # Over its axis, also the first and the last.
        room = max(LEFT + 20.0, min(room, 2 * x, 2 * (self.width() - x)))
        text = painter.fontMetrics().elidedText(axis, Qt.TextElideMode.ElideRight, int(room))
        place = QRectF(x - room / 2, 0, room, 18)
        place.moveLeft(max(0.0, min(place.left(), self.width() - room)))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(theme.mono(11))
        labels = (
            [(at_ / max(1, len(self._values[axis]) - 1), value) for at_, value in enumerate(self._values[axis])]
            if axis in self._values
            else []
        )
        if not labels:
            low, high = self._ends(axis)
            percent = axis == ACCURACY
            labels = [
                (one, f"{100 * (low + one * (high - low)):.1f} %" if percent else f"{low + one * (high - low):.1f}")
                for one in (0.0, 0.5, 1.0)
            ]
        if len(labels) == 1:
            labels = [(0.5, labels[0][1])]
        stride = -(-len(labels) // max(2, int((self.height() - TOP - BOTTOM) // 16)))
        for height, value in labels[::stride]:
            words = f"{value:g}" if isinstance(value, float) else str(value)
            wide = painter.fontMetrics().horizontalAdvance(words) + 6
            box = QRectF(x + 5, self._y(height) - 8, wide, 16)
            painter.fillRect(box, theme.colour("panel", 0.8))
            painter.setPen(theme.colour("ink"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = min(range(len(self.axes)), key=lambda one: abs(self._x(one) - event.position().x()), default=None)
        if at is not None and abs(self._x(at) - event.position().x()) < 30:
            self._from = self.axes[at], self._share(event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            axis, start = self._from
            end = self._share(event.position().y())
            self._brushes[axis] = min(start, end), max(start, end)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        axis, start = self._from
        self._from = None
        if abs(self._share(event.position().y()) - start) < 0.02:
            self._brushes.pop(axis, None)
        self.update()
        self.kept.emit(sum(map(self.is_kept, self._runs)))

    def _share(self, y: float) -> float:
        return min(max((self._y(0) - y) / max(1.0, self._y(0) - self._y(1)), -0.02), 1.02)

    def _x(self, at: int) -> float:
        return LEFT + at * (self.width() - LEFT - RIGHT) / max(1, len(self.axes) - 1)

    def _y(self, share: float) -> float:
        return TOP + (1 - share) * (self.height() - TOP - BOTTOM)
