"""Images in frames, and counts as bars."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.present.colour import ColourRole, argb_table, entries
from convviz.present.data_set import pixels

__all__ = ["HistogramBars", "Thumbnail", "image_of"]


def image_of(values: Array, dark: bool, role: ColourRole = ColourRole.INPUT, vmax: float = 1.0) -> QImage:
    """An image ``(C, H, W)`` as Qt's, one pixel a place; in roles other than input, channels are averaged."""
    if role is ColourRole.INPUT:
        colours = pixels(values[None], dark)[0]
    else:
        colours = np.take(argb_table(role, dark), entries(values.mean(axis=0), role, vmax))
    return image_of_pixels(colours)


class Thumbnail(QWidget):
    """An image in a frame.

    Parameters
    ----------
    side : int
        Width and height of the frame, in pixels.
    name : str
        For screen readers.
    role : ColourRole
        Role of the numbers, which decides the colours.
    """

    def __init__(
        self, side: int, parent: QWidget | None = None, *, name: str = "", role: ColourRole = ColourRole.INPUT
    ) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._side, self._role, self._vmax = side, role, 1.0
        self.values: Array | None = None
        self.setFixedSize(side, side)
        self.setAccessibleName(name)
        self._theme.changed.connect(self.update)

    def set_side(self, side: int) -> None:
        """Take another size, in pixels."""
        self._side = side
        self.setFixedSize(side, side)
        self.update()

    def show_values(self, values: Array | None, vmax: float = 1.0) -> None:
        """Show an image ``(C, H, W)``, or an empty frame."""
        self.values, self._vmax = values, vmax
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._theme.colour("line"), 1))
        painter.setBrush(self._theme.colour("field"))
        painter.drawRect(frame)
        if self.values is None:
            return
        height, width = self.values.shape[-2:]
        scale = (self._side - 2) / max(height, width)
        size = QSize(round(width * scale), round(height * scale))
        place = QRectF((self._side - size.width()) / 2, (self._side - size.height()) / 2, size.width(), size.height())
        # Larger images than the frame are averaged, small ones keep their pixels.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(place, image_of(self.values, self._theme.dark, self._role, self._vmax))


class HistogramBars(QWidget):
    """Counts as bars, with logarithmic heights.

    Parameters
    ----------
    height : int
        In pixels.
    """

    def __init__(self, height: int, parent: QWidget | None = None, *, name: str = "values") -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self.counts: npt.NDArray[np.int64] = np.zeros(1, np.int64)
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self._theme.changed.connect(self.update)

    def show_counts(self, counts: npt.NDArray[np.int64]) -> None:
        """Show a bar for each count."""
        self.counts = counts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        heights = np.log1p(self.counts.astype(np.float64))
        tall = float(heights.max(initial=0.0)) or 1.0
        floor = self.height() - 1
        across = self.width() / len(heights)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("muted"))
        for number, height in enumerate(heights):
            if height > 0:
                up = max(1.0, height / tall * (floor - 1))
                painter.drawRect(QRectF(number * across, floor - up, max(1.0, across - 1.5), up))
        painter.setBrush(self._theme.colour("line"))
        painter.drawRect(QRectF(0, floor, self.width(), 1))
