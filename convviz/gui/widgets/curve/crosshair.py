"""The crosshair over curves: a line, a dot on each curve, and a box with the values."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtWidgets import QLabel

from convviz.gui.theme import Theme
from convviz.present.numbers import format_value


class CurveCrosshair:
    """Points at one x of a plot.

    Parameters
    ----------
    plot : pyqtgraph.PlotWidget
        Owns all parts.
    theme : Theme
        Source of the colours; :meth:`restyle` reads them again.
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._plot = plot
        self._theme = theme
        self.line = pg.InfiniteLine(angle=90, movable=False)
        self.line.setZValue(1002)
        plot.addItem(self.line, ignoreBounds=True)
        self.dots = pg.ScatterPlotItem(size=8, pxMode=True)
        self.dots.setZValue(1003)
        plot.addItem(self.dots, ignoreBounds=True)
        self.box = QLabel(plot)
        self.box.setObjectName("curveValues")
        self.box.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def hide(self) -> None:
        """Hide the crosshair."""
        self.line.hide()
        self.dots.setData([])
        self.box.hide()

    def show(self, x: float, dots: Sequence[tuple[float, float, str]], text: str) -> None:
        """Point at an x.

        Parameters
        ----------
        x : float
            Position of the line.
        dots : sequence of (x, y, colour)
            In the units of the plot.
        text : str
            Rich text for the box, which is placed beside the line and inside the plot.
        """
        self.line.setPos(x)
        self.line.show()
        pen = pg.mkPen(self._theme.palette.panel, width=1.5)
        self.dots.setData([{"pos": (px, py), "brush": pg.mkBrush(colour), "pen": pen} for px, py, colour in dots])
        self.box.setText(text)
        self.box.setWordWrap(False)
        size = self.box.sizeHint()
        if size.width() > self._plot.width():
            self.box.setWordWrap(True)
            size = QSize(self._plot.width(), self.box.heightForWidth(self._plot.width()))
        self.box.resize(size)
        at = self._plot.mapFromScene(self._plot.getViewBox().mapViewToScene(QPointF(x, 0))).x()
        width, room = size.width(), self._plot.width()
        left = at + 12 if at + 12 + width < room else at - 12 - width
        self.box.move(min(max(0, round(left)), room - width), 8)
        self.box.show()

    def restyle(self) -> None:
        """Take the colours of the theme."""
        palette = self._theme.palette
        self.line.setPen(pg.mkPen(palette.muted, width=1))
        self.box.setFont(self._theme.font(12))
        self.box.setStyleSheet(
            f"#curveValues {{ color: {palette.ink}; background: {palette.panel};"
            f" border: 1px solid {palette.line}; border-radius: 6px; padding: 5px 8px; }}"
        )


def place_words(x: float) -> str:
    """Format a position on the x axis; most are whole steps."""
    return format_value(int(x) if x == int(x) else x)
