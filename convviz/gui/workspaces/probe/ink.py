"""The outline of the ink: where an image is, drawn over maps that don't show it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLine, QRect
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from convviz.core.arrays import Array
from convviz.gui.theme import Theme
from convviz.gui.widgets.array.layout import Viewport
from convviz.gui.widgets.array.marks import border_lines
from convviz.gui.widgets.array.view import ArrayView

SHARE = 0.35
"""Share of the brightest pixel's value from which a pixel counts as ink."""
MOST = 0.6
"""Largest share of ink pixels with which an image counts as ink on paper."""
KEPT = 8
"""Outlines that are cached: all small maps share one, and a large map has few."""
FINEST = 2.0
"""Least size of a pixel on the screen with which an outline can be told from the map below it."""


class InkMask:
    """The pixels of an image that are ink, and their outlines on the screen.

    Parameters
    ----------
    pixels : ndarray of bool, ``(H, W)``
    """

    def __init__(self, pixels: Array) -> None:
        self.pixels = pixels
        self._lines: dict[Viewport, list[QLine]] = {}

    def paint(self, painter: QPainter, theme: Theme, view: Viewport) -> None:
        """Draw the outline over a map of the same size whose first pixel lies where ``view`` puts it."""
        if min(view.scale_x, view.scale_y) < FINEST:
            return
        if view not in self._lines:
            if len(self._lines) >= KEPT:
                self._lines.clear()
            left, top = view.x - view.scale_x, view.y - view.scale_y
            self._lines[view] = border_lines(np.pad(self.pixels, 1), left, top, view)
        pen = QColor(theme.colour("ink"))
        pen.setAlphaF(0.75)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(pen, 1))
        painter.drawLines(self._lines[view])


def ink_of(image: Array) -> InkMask | None:
    """The ink of an image ``(C, H, W)``; None for images in colour or without paper."""
    if len(image) != 1:
        return None
    page = image[0]
    high = float(page.max(initial=0.0))
    found = page > SHARE * high
    return InkMask(found) if high > 0 and found.mean() <= MOST else None


class InkedView(ArrayView):
    """A map with the outline over it.

    Attributes
    ----------
    ink : Ink or None
        A picture of another size is drawn without it.
    """

    ink: InkMask | None = None

    def set_ink(self, ink: InkMask | None) -> None:
        """Draw another outline; None draws none."""
        self.ink = ink
        self.update()

    @property
    def is_outlined(self) -> bool:
        """Whether the outline lies over the picture."""
        return self.ink is not None and self.picture is not None and self.picture.shape == (1, *self.ink.pixels.shape)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.ink is not None and self.is_outlined:
            painter = QPainter(self)
            painter.setClipRect(self.picture_area().intersected(QRect(0, 0, self.width(), self.height())))
            self.ink.paint(painter, self._theme, self.viewport)
