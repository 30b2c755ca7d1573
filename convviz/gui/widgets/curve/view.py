"""Curves over time: loss, accuracy, or any other number per step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.curve.axis import Form, Scale, StepAxis, ValueAxis, restyle
from convviz.gui.widgets.curve.crosshair import CurveCrosshair, place_words
from convviz.gui.widgets.curve.events import CurveEvents
from convviz.gui.widgets.curve.heights import Heights
from convviz.gui.widgets.curve.hint import CurveHint
from convviz.gui.widgets.curve.item import CurveItem
from convviz.gui.widgets.curve.legend import CurveLegend, entries_of
from convviz.gui.widgets.curve.levels import CurveLevels
from convviz.gui.widgets.curve.moment import CurveMoment
from convviz.gui.widgets.curve.range import EMPTY, CurveRange
from convviz.gui.widgets.curve.walk import CURVE_KEYS, moved_to_hold, nearest_points, places, walk
from convviz.gui.widgets.focus_frame import paint_focus_frame
from convviz.present.numbers import format_full, format_value
from convviz.present.series import Series, as_table
from convviz.present.words import counted

LOW = 190
"""Below this height, in pixels, the hint and further rows of the legend leave their room to the curves."""
CLOSEST = 5.0
"""Smallest visible length of the x axis."""


class CurveView(QWidget):
    """Curves over a common x axis, with a legend and the exact values under the pointer.

    The ranges are round numbers and rarely change while the curves grow. The wheel zooms along x, dragging pans, and y
    adapts to the visible part; a double click or 0 shows everything again. A line below says so. With the keyboard
    focus, Left and Right walk along the curve value by value (Ctrl by ten, Page Up and Page Down by a hundred), Enter
    picks.

    Parameters
    ----------
    x_name, y_name : str
        Names of the axes: ``step``, ``loss``.
    x_about : str
        The thing that the x axis counts, for the line below it: ``steps, one a minibatch``.
    scale : str
        Scale of y: ``linear`` or ``log``. On a log scale, values of 0 or less can't be drawn; the legend says how many.
    form : str
        ``number`` or ``percent`` (values 0..1 are written as 0..100 %).
    bounds : (float or None, float or None)
        Limits of y: (0, 1) for an accuracy.
    empty : str
        Text while there are no values.

    Attributes
    ----------
    picked : Signal(float)
        A click or Enter at a value of x, to go there.
    hovered : Signal(float)
        The crosshair is at a value of x; NaN when it is gone.
    allShown : Signal()
        The user wants to see all, by a double click for example.
    series, heights, items
        The curves, their heights on the plot, and the items that draw them.
    """

    KEYS = CURVE_KEYS

    picked = Signal(float)
    hovered = Signal(float)
    allShown = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        x_name: str = "step",
        x_about: str = "",
        y_name: str = "",
        scale: Scale = "linear",
        form: Form = "number",
        bounds: tuple[float | None, float | None] = (None, None),
        empty: str = "No values yet: they appear as soon as training starts.",
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._x_name = x_name
        self._scale, self._form = scale, form
        self.series: tuple[Series, ...] = ()
        self.heights: list[Heights] = []
        self.items: list[CurveItem] = []
        self._held = CurveRange(bounds)
        self._followed = True
        self._appears = False  # whether parts come and go: what they make room for is drawn afterwards, once
        self.at: float | None = None
        self.pinned: float | None = None  # picked last: the readout goes back there; Esc lets go of it
        self.legend = CurveLegend(self._theme)
        self.axes: dict[str, pg.AxisItem] = {"left": ValueAxis("left", self), "bottom": StepAxis("bottom", self)}
        self.plot = pg.PlotWidget(axisItems=self.axes, background=None, enableMenu=False)
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        # pyqtgraph makes a menu anyway, which would outlive the plot without a parent.
        menu = self.plot.getPlotItem().ctrlMenu
        menu.setParent(self, menu.windowFlags())
        self.plot.hideButtons()
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMinimumSize(60, 40)
        self.box: pg.ViewBox = self.plot.getViewBox()
        self.box.setMouseEnabled(x=True, y=False)
        self.box.setDefaultPadding(0)
        self.plot.getPlotItem().layout.setContentsMargins(0, 6, 20, 0)
        for axis in self.axes.values():
            axis.setZValue(-100)  # grid lines under the curves
        self.crosshair = CurveCrosshair(self.plot, self._theme)
        self.events = CurveEvents(self.plot, self._theme)
        self.levels = CurveLevels(self.plot, self._theme)
        self.moment = CurveMoment(self.plot, self._theme, x_name, self._hold)
        self.empty = QLabel(empty, self.plot)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.legend)
        layout.addWidget(self.plot, 1)
        self.hint = CurveHint(x_about or f"{x_name}s")
        self.hint.allAsked.connect(self.fit)
        layout.addWidget(self.hint)
        self.setAccessibleName(name or y_name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.plot.scene().sigMouseMoved.connect(self._moved)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.box.sigRangeChangedManually.connect(self._range_taken)
        self.box.sigResized.connect(self._resized)
        self._theme.follow(self._restyle)
        self._restyle()
        self._describe()

    # Contents

    def set_series(self, series: Sequence[Series]) -> None:
        """Show curves; those drawn later lie on top."""
        self.series = tuple(series)
        self._take()
        self._draw()
        self._describe()

    def set_events(self, events: Sequence[tuple[float, str]], moment: float | None = None) -> None:
        """Mark positions on the x axis, each with a sentence, which the crosshair says when it is near.

        ``moment`` is the one that is shown, None the newest: the legend has its values. Set series afterwards.
        """
        self.events.set(events)
        self.set_moment(moment)

    def set_moment(self, at: float | None) -> None:
        """Look at another moment, None for the newest: the legend has its values, and a zoomed view comes to it."""
        if self.moment.set(at):
            self._tell_legend()

    def set_levels(self, levels: Sequence[tuple[float, str]]) -> None:
        """Mark values on the y axis, each with a few words, also under curves that are drawn already."""
        if self.levels.set(levels):
            self.levels.draw(self._transform, self.series)

    def set_scale(self, scale: Scale) -> None:
        """Make y linear or logarithmic."""
        if scale != self._scale:
            self._scale = scale
            self._held.forget_y()
            self._take()
            self._draw()

    @property
    def scale(self) -> Scale:
        """Whether y is ``linear`` or ``log``."""
        return self._scale

    @property
    def form(self) -> Form:
        """The format of values."""
        return self._form

    def fit(self) -> None:
        """Show all of the curves, and follow them as they grow."""
        self._followed = True
        self._draw()
        self.allShown.emit()

    def as_table(self) -> str:
        """Return the curves as lines of text."""
        return as_table(self.series, self._x_name)

    def y_range(self) -> tuple[float, float]:
        """Return the ends of the y axis, in values."""
        low, high = self.box.viewRange()[1]
        return (10**low, 10**high) if self._scale == "log" else (low, high)

    def values_at(self, x: float) -> list[tuple[Series, float, float]]:
        """Return each curve's nearest point as (series, x, y)."""
        return nearest_points(self.series, x)

    def show_at(self, x: float | None) -> None:
        """Move the crosshair to a value of x, or hide it."""
        points = [] if x is None else self.values_at(x)
        if not points:
            self.at = None
            self.crosshair.hide()
            return
        nearest = min(points, key=lambda point: abs(point[1] - float(x or 0)))[1]
        points = self.values_at(nearest)
        self.at = nearest
        dots = []
        lines = [f"<b>{escape(self._x_name)} {place_words(nearest)}</b>"]
        for one, px, py in points:
            colour = self._theme.palette.colour(one.token)
            height = float(self._transform(np.array([py]))[0])
            if np.isfinite(height):
                dots.append((px, height, colour))
            where = "" if px == nearest else f" at {place_words(px)}"
            lines.append(f'<span style="color:{colour}">■</span> {escape(one.name)}{where} <b>{self.exact(py)}</b>')
        events = self.events.near(nearest)
        lines += self.events.lines_of(events, nearest, self._x_name)
        self.crosshair.show(nearest, dots, "<br>".join(lines))
        said = [f"{one.name} {self.exact(py)}" for one, _, py in points] + [sentence for _, sentence in events]
        self.setAccessibleDescription(", ".join(said))

    def exact(self, value: float) -> str:
        """Write a value with all its digits."""
        if self._form == "percent" and np.isfinite(value):
            return f"{format_full(round(value * 100, 6))} %"
        return f"{value:.7g}" if np.isfinite(value) else format_full(value)

    def sizeHint(self) -> QSize:
        return QSize(320, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.hint.setVisible(self.empty.isHidden() and self.height() >= LOW)
        self.legend.set_brief(self.height() < LOW)

    def leaveEvent(self, event: QEvent) -> None:
        self.show_at(self.pinned)
        self.hovered.emit(math.nan)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        faster = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        where = walk(places(self.series), self.at, key, tuple(self.box.viewRange()[0]), faster=faster)
        if key == Qt.Key.Key_0:
            self.fit()
        elif where is not None:
            self._hold(where)
            self.show_at(where)
            if self.at is not None:
                self.hovered.emit(self.at)
        elif key == Qt.Key.Key_Escape and self.pinned is not None:
            self.pinned = None
            self.show_at(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at is not None:
            self.pinned = self.at
            self.picked.emit(self.at)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_focus_frame(painter, self)

    # Details

    def _transform(self, y: np.ndarray) -> np.ndarray:
        values = np.asarray(y, dtype=np.float64)
        if self._scale == "log":
            return np.log10(np.where(values > 0, values, np.nan))
        return np.where(np.isfinite(values), values, np.nan)

    def _take(self) -> None:
        """Compute the heights of new values."""
        del self.heights[len(self.series) :]
        self.heights += [Heights() for _ in self.series[len(self.heights) :]]
        for one, heights in zip(self.series, self.heights, strict=True):
            heights.take(one, self._scale)

    def _draw(self) -> None:
        while len(self.items) > len(self.series):
            self.plot.removeItem(self.items.pop())
        while len(self.items) < len(self.series):
            self.items.append(CurveItem())
            self.plot.addItem(self.items[-1])
        nothing = not any(len(one.x) for one in self.series)
        self._appears = True
        self.empty.setVisible(nothing)
        self.hint.setVisible(not nothing and self.height() >= LOW)
        self.plot.getPlotItem().setVisible(not nothing)
        self._appears = False
        self._draw_curves()
        self._tell_legend()
        self._range()
        if self.at is not None:
            self.show_at(self.at)

    def _draw_curves(self) -> None:
        """Draw the visible part, thinned to the screen's resolution."""
        pixels = max(50, int(self.box.width()) or 300)
        ends = (-math.inf, math.inf) if self._followed else tuple(self.box.viewRange()[0])
        for depth, (one, item, heights) in enumerate(zip(self.series, self.items, self.heights, strict=True)):
            item.show_part(one, heights, ends, pixels, self._theme.palette, self._scale)
            item.setZValue(depth)

    def _range(self) -> None:
        """Set both ranges; that of x only if the user hasn't zoomed or panned."""
        x, y = self._held.around(self.series, self.heights, self._scale)
        if (x, y) == EMPTY:
            self._followed = True
        self.box.setLimits(xMin=x[0], xMax=x[1], minXRange=min(CLOSEST, x[1] - x[0]))
        if self._followed:
            self.plot.setRange(xRange=x, yRange=y, padding=0)
        else:
            seen = self._held.in_sight(self.series, self.heights, self._scale, tuple(self.box.viewRange()[0]))
            self.plot.setYRange(*seen, padding=0)
        self.hint.tell(followed=self._followed)
        self.levels.draw(self._transform, self.series)
        self.moment.reach(x[1])

    def _hold(self, x: float) -> None:
        """Move the view, if it shows a part of the curves, so that it holds an x."""
        if not self._followed:
            self.plot.setXRange(*moved_to_hold(tuple(self.box.viewRange()[0]), x), padding=0)
            self._see()

    def _see(self) -> None:
        """Draw the part that has become visible."""
        self._draw_curves()
        self._range()

    def _tell_legend(self) -> None:
        unseen = sum(heights.undrawn for heights in self.heights)
        notes = (f"{counted(unseen, 'value')} can't be drawn on a log scale", f"{unseen:,} not drawn") if unseen else ()
        self.legend.set_entries(entries_of(self.series, self.moment.at, self._short), notes)

    def _short(self, value: float) -> str:
        return f"{value * 100:.2f} %" if self._form == "percent" and np.isfinite(value) else format_value(value)

    @Slot(object)
    def _moved(self, position: QPointF) -> None:
        if not self.box.sceneBoundingRect().contains(position):
            self.show_at(self.pinned)
            return
        self.show_at(self.box.mapSceneToView(position).x())
        if self.at is not None:
            self.hovered.emit(self.at)

    @Slot(object)
    def _clicked(self, event) -> None:
        if event.double():
            self.fit()
        elif event.button() == Qt.MouseButton.LeftButton and self.at is not None:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.pinned = self.at
            self.picked.emit(self.at)

    @Slot(object)
    def _range_taken(self, _mask: object) -> None:
        low, high = self.box.viewRange()[0]
        whole = self._held.around(self.series, self.heights, self._scale)[0]
        self._followed = high - low > 0.999 * (whole[1] - whole[0])
        self._see()

    @Slot(object)
    def _resized(self, _box: object) -> None:
        self.empty.setGeometry(self.plot.rect().adjusted(16, 0, -16, 0))
        if not self._appears:
            self._draw()

    def _describe(self) -> None:
        parts = [f"{one.name} {self.exact(float(one.y[-1]))}" for one in self.series if len(one.y)]
        self.setAccessibleDescription("latest: " + ", ".join(parts) if parts else self.empty.text())

    def _restyle(self) -> None:
        # A transparent background is impossible: the application's window colour would show through.
        self.plot.setBackground(self._theme.palette.panel)
        restyle(self.axes, self._theme)
        self.crosshair.restyle()
        self.empty.setFont(self._theme.font(13))
        self.empty.setStyleSheet(f"color: {self._theme.palette.muted}; background: transparent;")
        self._draw()
        self.events.restyle()
        self.moment.restyle()
