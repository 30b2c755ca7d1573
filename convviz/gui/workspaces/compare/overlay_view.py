"""Curves of many runs over each other: axes, the image of the curves, and the values under the pointer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.workspaces.compare.overlay_image import Frame, Line, Ribbon, drawn, heights, y_range
from convviz.gui.workspaces.compare.overlay_marks import (
    LEFT,
    Dot,
    End,
    NamedValue,
    paint_axes,
    paint_card,
    paint_cursor,
    paint_names,
)
from convviz.present.compare.curves import Band, DrawnCurve
from convviz.present.numbers import format_value

TOP, BOTTOM, RIGHT = 22, 24, 14
NAMES = 108
"""Room for names at the ends of the curves, in pixels."""
MOST_NAMES = 9
"""Most curves that have names."""


@dataclass(frozen=True, slots=True)
class RunCurveStyle:
    """How the curve of a run is drawn."""

    name: str
    colour: str
    width: float = 1.2
    alpha: float = 1.0


class OverlayView(QWidget):
    """Curves over one axis.

    Attributes
    ----------
    hovered : Signal(float)
        Where the pointer is on the axis; NaN when it has left.
    picked : Signal(object)
        Path of the run whose curve was clicked.
    momentAsked : Signal(float)
        A place of the axis that is to be shown; NaN for none.
    """

    KEYS = FocusKeys(
        "curves of runs",
        {
            "Walk along them": ("Left", "Right"),
            "Look at that moment": ("Return", "Enter"),
            "Look at no moment": ("Esc",),
            "Show all of them": ("0",),
        },
    )

    hovered = Signal(float)
    picked = Signal(object)
    momentAsked = Signal(float)

    def __init__(self, title: str, about: str, *, percent: bool = False, names: bool = False) -> None:
        super().__init__()
        self._theme = current_theme()
        self._title, self._about, self._percent, self._names = title, about, percent, names
        self._x_name = "step"
        self._traces: Sequence[DrawnCurve] = ()
        self._bands: Sequence[Band] = ()
        self._looks: dict[Path, RunCurveStyle] = {}
        self._log = False
        self._whole: tuple[float, float] = (0.0, 1.0)
        self._seen: tuple[float, float] | None = None
        self._y: tuple[float, float] = (0.0, 1.0)
        self._image: QImage | None = None
        self._frame: Frame | None = None
        self.at: float | None = None
        """Where the pointer is."""
        self.moment: float | None = None
        """The moment that is looked at."""
        self._pair: tuple[Path | None, Path | None] = (None, None)
        self._shared = -math.inf
        self._drawing = Background("convviz-overlay", self)
        self._drawing.done.connect(self._show_image)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        self._theme.changed.connect(self._redraw)

    def sizeHint(self) -> QSize:
        return QSize(400, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(190, 130)

    @property
    def is_drawn(self) -> bool:
        """Whether the image is up to date."""
        return self._image is not None and not self._drawing.is_busy

    def show_traces(
        self,
        traces: Sequence[DrawnCurve],
        bands: Sequence[Band],
        looks: dict[Path, RunCurveStyle],
        *,
        log: bool,
        x_name: str,
        pair: tuple[Path | None, Path | None],
        shared: float = -math.inf,
    ) -> None:
        """Show other curves; the zoom stays unless the axis has changed.

        Up to ``shared`` on the x axis the curves of the pair are the same, and both colours are shown.
        """
        if x_name != self._x_name:
            self._seen = None
        self._traces, self._bands, self._looks, self._x_name = traces, bands, looks, x_name
        self._log, self._pair, self._shared = log, pair, shared
        # On the axis of time, minibatches of an unfinished epoch have no place yet.
        placed = [one.x[~np.isnan(one.x)] for one in traces]
        ends = [float(x.max()) for x in placed if len(x)]
        # Room for the dot of a last epoch, which may be the only one.
        self._whole = (0.0, 1.02 * (max(ends, default=1.0) or 1.0))
        self._redraw()

    def show_at(self, x: float) -> None:
        """Show the values at a place of the axis; NaN hides them."""
        self.at = None if math.isnan(x) else x
        self.update()

    def show_cursor(self, x: float | None) -> None:
        """Show the values of all runs at a moment; None shows none."""
        self.moment = x
        self.update()

    def close_down(self) -> None:
        """Drop what is being drawn."""
        self._drawing.cancel()

    # --- drawing -----------------------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        names = NAMES if self._shows_names() else 0
        return QRectF(LEFT, TOP, max(10, self.width() - LEFT - RIGHT - names), max(10, self.height() - TOP - BOTTOM))

    def _shows_names(self) -> bool:
        return self._names and 0 < len(self._traces) <= MOST_NAMES and self.width() > 330

    def _redraw(self) -> None:
        area = self._area()
        x = self._seen or self._whole
        traces, bands, looks, log, percent = self._traces, self._bands, self._looks, self._log, self._percent
        second, shared = self._pair[1], self._shared
        size, ratio = (int(area.width()), int(area.height())), self.devicePixelRatioF()

        def work(cancelled: Cancelled) -> object:
            frame = Frame(x, y_range(traces, x, log=log, percent=percent), *size, ratio)
            lines = []
            for one in sorted(traces, key=lambda one: (looks[one.path].width, one.path == second)):
                look, ends = looks[one.path], shared if one.path == second else -math.inf
                line = Line(one.x, heights(one.y, log), look.colour, look.width, look.alpha, dots=percent, shared=ends)
                lines.append(line)
            ribbons = []
            for band in bands:
                colour = looks[band.paths[0]].colour
                ribbons.append(Ribbon(band.x, heights(band.low, log), heights(band.high, log), colour))
                lines.append(Line(band.x, heights(band.mean, log), colour, 2.2))
            return _pair(drawn(lines, ribbons, frame, cancelled), frame)

        self._drawing.start(work)
        self.update()

    def _height(self, y: np.ndarray) -> np.ndarray:
        return heights(y, self._log)

    def _show_image(self, found: tuple[QImage, Frame]) -> None:
        self._image, self._frame = found
        self._y = self._frame.y
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, area = self._theme, self._area()
        painter.setFont(theme.font(12, QFont.Weight.DemiBold))
        painter.setPen(theme.colour("ink"))
        painter.drawText(QPointF(0, 13), self._title)
        start = painter.fontMetrics().horizontalAdvance(self._title) + 6
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("muted"))
        about = painter.fontMetrics().elidedText(self._about, Qt.TextElideMode.ElideRight, int(self.width() - start))
        painter.drawText(QPointF(start, 13), about)
        if not self._traces:
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, "No run is shown.")
            return
        paint_axes(painter, area, self._now(area), log=self._log, percent=self._percent)
        if self._image is not None:
            # Until the new image is there, the old one is stretched into its place.
            painter.drawImage(area, self._image)
        if self._shows_names():
            self._paint_names(painter, area)
        if self.moment is not None:
            self._paint_readout(painter, area, self.moment, pinned=True)
        if self.at is not None and self.at != self.moment:
            self._paint_readout(painter, area, self.at, pinned=False)
        paint_focus_frame(painter, self)

    def _now(self, area: QRectF) -> Frame:
        """The visible part of the plane, and the size of its place."""
        return Frame(self._seen or self._whole, self._y, int(area.width()), int(area.height()))

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        frame, ends = self._now(area), []
        for one in self._traces:
            inside = (one.x <= frame.x[1]) & np.isfinite(one.y)
            if inside.any():
                look = self._looks[one.path]
                y = float(self._height(one.y[inside][-1:])[0])
                ends.append(End(float(one.x[inside][-1]), y, look.name, one.path in self._pair, look.colour))
        paint_names(painter, area, frame, ends, NAMES)

    def _paint_readout(self, painter: QPainter, area: QRectF, x: float, *, pinned: bool) -> None:
        paths = [path for path in self._pair if path is not None]
        if pinned:
            paths = [one.path for one in self._named()]
        dots = [Dot(self.value_at(path, x), self._looks[path].colour) for path in paths if path in self._looks]
        dots = [replace(dot, y=float(self._height(np.array([dot.y]))[0])) for dot in dots if math.isfinite(dot.y)]
        paint_cursor(painter, area, self._now(area), x, dots, pinned=pinned)
        if pinned:
            lines = self.values_at(x)
            paint_card(painter, area, self._now(area), x, self._place(x), lines)

    def _named(self) -> Sequence[DrawnCurve]:
        """The curves whose values are listed: all if they are few, otherwise A and B."""
        few = len(self._traces) <= MOST_NAMES
        return self._traces if few else [one for one in self._traces if one.path in self._pair]

    # --- values ------------------------------------------------------------------------------------------------

    def value_at(self, path: Path | None, x: float) -> float:
        """The value of a run's curve at a place of the axis, between its points in a straight line; NaN outside."""
        one = next((one for one in self._traces if one.path == path), None)
        if one is None or not len(one.x):
            return math.nan
        return float(np.interp(x, one.x, one.y, left=math.nan, right=math.nan))

    def nearest(self, x: float, y: float) -> Path | None:
        """The run whose curve is nearest to a point."""
        found: tuple[float, Path] | None = None
        for one in self._traces:
            if not len(one.x) or not one.x[0] <= x <= one.x[-1]:
                continue
            height = self._height(np.array([np.interp(x, one.x, one.y)]))[0]
            if math.isfinite(height) and (found is None or abs(height - y) < found[0]):
                found = abs(float(height) - y), one.path
        return None if found is None else found[1]

    def values_at(self, x: float) -> list[NamedValue]:
        """The values at a place of the axis: of A and B and their difference, then of the others, the highest first."""
        found, values = [], []
        for letter, path in zip("AB", self._pair, strict=True):
            values.append(self.value_at(path, x))
            if path is not None and math.isfinite(values[-1]):
                found.append(NamedValue(letter, self._exact(values[-1]), self._looks[path].colour))
        if all(map(math.isfinite, values)):
            found.append(NamedValue("B − A", self._exact(values[1] - values[0])))
        others = [(self.value_at(one.path, x), one.path) for one in self._named() if one.path not in self._pair]
        for value, path in sorted((one for one in others if math.isfinite(one[0])), key=lambda one: -one[0]):
            found.append(NamedValue(self._looks[path].name, self._exact(value), self._looks[path].colour))
        return found

    def readout(self, x: float, near: Path | None = None) -> list[str]:
        """Lines of text: the place, and the values there; of many runs, those of A, B and the nearest one."""
        lines = [f"<b>{escape(self._place(x))}</b>"]
        told = self.values_at(x)
        if near is not None and near not in self._pair and len(self._traces) > MOST_NAMES:
            value = self.value_at(near, x)
            told.append(NamedValue(self._looks[near].name, self._exact(value), self._looks[near].colour))
        for one in told:
            colour = self._theme.palette.colour(one.colour) if one.colour else ""
            mark = f'<span style="color:{colour}">■</span> ' if colour else ""
            lines.append(f"{mark}{escape(one.name)} <b>{one.value}</b>")
        return lines

    def _place(self, x: float) -> str:
        return f"step {round(x):,}" if self._x_name == "step" else f"{self._x_name} {format_value(x)}"

    def _exact(self, value: float) -> str:
        return f"{100 * value:.4g} %" if self._percent else f"{value:.5g}"

    # --- hands -------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, point = self._area(), event.position()
        if not self._traces or not area.contains(point):
            self._leave()
            return
        x, y = self._plane(point, area)
        self.show_at(x)
        self.hovered.emit(x)
        lines = self.readout(x, self.nearest(x, y))
        QToolTip.showText(event.globalPosition().toPoint() + QPointF(14, 10).toPoint(), "<br>".join(lines), self)
        self.setAccessibleDescription(", ".join(lines))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        area = self._area()
        if area.contains(event.position()):
            x, y = self._plane(event.position(), area)
            near = self.nearest(x, y)
            if near is not None:
                self.picked.emit(near)
            self.momentAsked.emit(x)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        area = self._area()
        if not self._traces or not area.contains(event.position()):
            event.ignore()
            return
        x, _ = self._plane(event.position(), area)
        low, high = self._seen or self._whole
        factor = 0.8 ** (event.angleDelta().y() / 120)
        low, high = x - (x - low) * factor, x + (high - x) * factor
        low, high = max(low, self._whole[0]), min(high, self._whole[1])
        whole = high - low > 0.99 * (self._whole[1] - self._whole[0])
        self._seen = None if whole else (low, max(high, low + 1e-6 * self._whole[1]))
        self._redraw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        low, high = self._seen or self._whole
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in moves and self._traces:
            x = (low + high) / 2 if self.at is None else self.at + moves[key] * (high - low) / 100
            x = min(max(x, low), high)
            self.show_at(x)
            self.hovered.emit(x)
            self.setAccessibleDescription(", ".join(self.readout(x)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at is not None:
            self.momentAsked.emit(self.at)
        elif key == Qt.Key.Key_Escape and self.moment is not None:
            self.momentAsked.emit(math.nan)
        elif key == Qt.Key.Key_0:
            self._fit()
        else:
            super().keyPressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._leave()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    def _fit(self) -> None:
        self._seen = None
        self._redraw()

    def _leave(self) -> None:
        if self.at is not None:
            self.show_at(math.nan)
            self.hovered.emit(math.nan)
            QToolTip.hideText()

    def _plane(self, point: QPointF, area: QRectF) -> tuple[float, float]:
        low, high = self._seen or self._whole
        x = low + (point.x() - area.left()) / area.width() * (high - low)
        return x, self._y[1] - (point.y() - area.top()) / area.height() * (self._y[1] - self._y[0])


def _pair(image: QImage | None, frame: Frame) -> tuple[QImage, Frame] | None:
    return None if image is None else (image, frame)
