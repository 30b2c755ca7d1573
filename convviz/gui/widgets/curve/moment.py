"""The moment that is shown, marked on curves that go on after it."""

from __future__ import annotations

from collections.abc import Callable

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from convviz.gui.theme import Theme
from convviz.gui.widgets.buttons import Button
from convviz.gui.widgets.curve.crosshair import place_words

PALE = 0.55
"""How much of what came later is hidden."""
ABOVE = 1000
"""Z value: above the curves and below the crosshair."""


class CurveMoment:
    """A line at the moment, and a veil over what came later; a button that leads there while it is out of sight.

    Parameters
    ----------
    plot : pyqtgraph.PlotWidget
        Owns all of them.
    theme : Theme
        Source of the colours; :meth:`restyle` reads them again.
    unit : str
        Name of the x axis: ``step``.
    hold : callable
        Moves the view so that it holds an x.

    Attributes
    ----------
    at : float or None
        The moment; None while the newest one is shown, with no line.
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme, unit: str, hold: Callable[[float], object]) -> None:
        self._plot, self._theme, self._unit, self._hold = plot, theme, unit, hold
        self.at: float | None = None
        self.end = 0.0
        """Right end of the plot."""
        self.way = Button("", plot, small=True)
        self.way.setToolTip("Go to the moment that is looked at, which is out of sight here")
        self.way.clicked.connect(self._go)
        self.way.hide()
        self._veil = pg.LinearRegionItem(movable=False)
        self._line = pg.InfiniteLine(0.0, angle=90)
        for number, item in enumerate((self._veil, self._line)):
            item.setZValue(ABOVE + number)
            item.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
            item.hide()
            plot.addItem(item, ignoreBounds=True)
        for edge in self._veil.lines:
            edge.hide()
        self.restyle()

    def set(self, at: float | None) -> bool:
        """Show another moment; whether it is another one."""
        if at == self.at:
            return False
        self.at = at
        self._line.setVisible(at is not None)
        if at is not None:
            self._line.setValue(at)
        self.reach(self.end)
        if at is not None:
            self._hold(at)
        return True

    def reach(self, end: float) -> None:
        """Cover what came later, up to the right end of the plot."""
        self.end = end
        later = self.at is not None and self.at < end
        self._veil.setVisible(later)
        if later:
            self._veil.setRegion((self.at, end))
        self._show_way()

    def _show_way(self) -> None:
        """Show the way to the moment at the side where it is out of sight."""
        box = self._plot.getViewBox()
        low, high = box.viewRange()[0]
        away = self.at is not None and self._line.isVisible() and low < high and not low <= self.at <= high
        self.way.setVisible(away)
        if self.at is None or not away:
            return
        is_left, place = self.at < low, f"{self._unit} {place_words(self.at)}"
        self.way.setText(f"← {place}" if is_left else f"{place} →")
        self.way.resize(self.way.sizeHint())
        area = self._plot.mapFromScene(box.sceneBoundingRect()).boundingRect()
        self.way.move(area.left() + 4 if is_left else area.right() - self.way.width() - 4, area.top() + 4)
        self.way.raise_()

    def _go(self) -> None:
        if self.at is not None:
            self._hold(self.at)

    @property
    def hides(self) -> tuple[float, float] | None:
        """The part under the veil; None if there is no veil."""
        return self._veil.getRegion() if self._veil.isVisible() else None

    def restyle(self) -> None:
        """Read the theme's colours again."""
        veil = QColor(self._theme.palette.panel)
        veil.setAlphaF(PALE)
        self._veil.setBrush(veil)
        self._line.setPen(pg.mkPen(self._theme.palette.accent, width=1.5))
