"""The moment that is shown, marked on curves that go on after it."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from convviz.gui.theme import Theme

PALE = 0.55
"""How much of what came later is hidden."""
ABOVE = 1000
"""Z value: above the curves and below the crosshair."""


class CurveMoment:
    """A line at the moment, and a veil over what came later.

    Parameters
    ----------
    plot : pyqtgraph.PlotWidget
        Owns both.
    theme : Theme
        Source of the colours; :meth:`restyle` reads them again.

    Attributes
    ----------
    at : float or None
        The moment; None while the newest one is shown, with no line.
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._theme = theme
        self.at: float | None = None
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

    def set(self, at: float | None) -> None:
        """Show another moment."""
        self.at = at
        self._line.setVisible(at is not None)
        if at is not None:
            self._line.setValue(at)

    def reach(self, end: float) -> None:
        """Cover what came later, up to the right end of the plot."""
        later = self.at is not None and self.at < end
        self._veil.setVisible(later)
        if later:
            self._veil.setRegion((self.at, end))

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
