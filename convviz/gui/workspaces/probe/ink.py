"""The outline of the ink: where an image is, drawn over maps that say nothing of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen

from convviz.core.arrays import Array
from convviz.gui.theme import Theme
from convviz.gui.widgets.array.layout import Viewport
from convviz.gui.widgets.array.marks import border_lines
from convviz.gui.widgets.array.view import ArrayView

SHARE = 0.35
"""Of the brightest pixel, from which on a pixel is ink."""
MOST = 0.6
"""Share of the pixels up to which it is ink on paper; with more of it there is no paper."""
FINEST = 2.0
"""Size of a pixel on the screen from which on an outline can be told from the map below it."""


def ink_of(image: Array) -> Array | None:
    """Pixels of an image ``(C, H, W)`` that are ink, bool ``(H, W)``; None of pictures in colours or without paper."""
    if len(image) != 1:
        return None
    page = image[0]
    high = float(page.max(initial=0.0))
    found = page > SHARE * high
    return found if high > 0 and found.mean() <= MOST else None


def paint_ink(painter: QPainter, theme: Theme, ink: Array, view: Viewport) -> None:
    """Draw the outline over a map of the same size whose first pixel lies where ``view`` puts it."""
    if min(view.scale_x, view.scale_y) < FINEST:
        return
    lines = border_lines(np.pad(ink, 1), view.x - view.scale_x, view.y - view.scale_y, view)
    pen = QColor(theme.colour("ink"))
    pen.setAlphaF(0.75)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(pen, 1))
    painter.drawLines(lines)


class InkedView(ArrayView):
    """A map with the outline over it.

    Attributes
    ----------
    ink : ndarray or None
        As of :func:`ink_of`; a picture of another size is drawn without it.
    """

    ink: Array | None = None

    def set_ink(self, ink: Array | None) -> None:
        """Draw another outline; None draws none."""
        self.ink = ink
        self.update()

    @property
    def is_outlined(self) -> bool:
        """Whether the outline lies over the picture."""
        return self.ink is not None and self.picture is not None and self.picture.shape == (1, *self.ink.shape)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.ink is not None and self.is_outlined:
            painter = QPainter(self)
            painter.setClipRect(self.picture_area().intersected(QRect(0, 0, self.width(), self.height())))
            paint_ink(painter, self._theme, self.ink, self.viewport)
