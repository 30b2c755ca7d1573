"""Marks over curves where something happened, each with a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pyqtgraph as pg
from PySide6.QtCore import Qt

from convviz.gui.theme import Theme
from convviz.gui.widgets.curve.crosshair import place_words

NEAR = 4
"""Distance in pixels within which the pointer is on a mark."""


class CurveEvents:
    """Dotted vertical lines.

    Parameters
    ----------
    plot : pyqtgraph.PlotWidget
        Owns the lines.
    theme : Theme
        Source of the colour; :meth:`restyle` reads it again.

    Attributes
    ----------
    shown : tuple of (float, str)
        Positions on the x axis and sentences.
    lines : list of pyqtgraph.InfiniteLine
    """

    def __init__(self, plot: pg.PlotWidget, theme: Theme) -> None:
        self._plot, self._theme = plot, theme
        self.shown: tuple[tuple[float, str], ...] = ()
        self.lines: list[pg.InfiniteLine] = []

    def set(self, events: Sequence[tuple[float, str]]) -> None:
        """Show other marks; marks at the same place share a line."""
        if tuple(events) == self.shown:
            return
        self.shown = tuple(events)
        for line in self.lines:
            self._plot.removeItem(line)
        self.lines = [pg.InfiniteLine(place, angle=90) for place in dict.fromkeys(place for place, _ in self.shown)]
        for line in self.lines:
            self._plot.addItem(line, ignoreBounds=True)
        self.restyle()

    def near(self, x: float) -> list[tuple[float, str]]:
        """The marks at an x, or too close to it on the screen to be told apart."""
        reach = NEAR * self._plot.getViewBox().viewPixelSize()[0]
        return [(place, sentence) for place, sentence in self.shown if abs(place - x) <= reach]

    def lines_of(self, events: Sequence[tuple[float, str]], x: float, unit: str) -> list[str]:
        """Sentences of marks as rich text, with their places unless that is where the pointer is."""
        sign = f'<span style="color:{self._theme.palette.accent}">┊</span> '
        return [
            f"{sign}{'' if place == x else f'{unit} {place_words(place)}: '}{escape(sentence)}"
            for place, sentence in events
        ]

    def restyle(self) -> None:
        """Read the theme's colour again."""
        pen = pg.mkPen(self._theme.palette.accent, width=1, style=Qt.PenStyle.DotLine)
        for line in self.lines:
            line.setPen(pen)
