"""The part of the image that one cell of a layer sees."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.present.colour import ColourRole, colourise
from convviz.present.design.layer_costs import LayerCosts


class ReceptivePicture(QWidget):
    """The image, faded except in the receptive field of one cell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._costs: LayerCosts | None = None
        self._size = (28, 28)
        self.at = (0, 0)
        self._box = (0, 0, 1, 1)
        self._sample: npt.NDArray[np.float32] | None = None
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMaximumHeight(320)
        self.setAccessibleName("receptive field")
        self._theme.follow(self._recolour)

    def show_field(
        self,
        costs: LayerCosts | None,
        size: tuple[int, int],
        at: tuple[int, int],
        box: tuple[int, int, int, int],
        sample: npt.NDArray[np.float32] | None,
    ) -> None:
        """Show the field of the cell ``at``, its top, left, height and width, in an image of that size."""
        fresh = sample is not self._sample
        self._costs, self._size, self.at, self._box, self._sample = costs, size, at, box, sample
        if fresh:
            self._recolour()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 290)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, 110)

    def _recolour(self) -> None:
        sample = self._sample
        self._image = None if sample is None else map_image(sample, "input", dark=self._theme.dark)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._costs is None:
            return
        painter = QPainter(self)
        field = self._costs.field
        height, width = self._size
        whole = QRectF(0, 0, width, height)
        if field.whole:
            seen = QRectF(whole)
        else:
            top, left, rows, columns = self._box
            seen = QRectF(left, top, columns, rows)
        around = whole.united(seen) if max(seen.width(), seen.height()) < 3 * max(width, height) else whole
        room = QRectF(self.rect()).adjusted(4, 4, -4, -4)
        cell = min(room.width() / around.width(), room.height() / around.height(), 14.0)
        x = room.center().x() - around.width() * cell / 2 - around.x() * cell
        y = room.center().y() - around.height() * cell / 2 - around.y() * cell

        def placed(area: QRectF) -> QRectF:
            return QRectF(x + area.x() * cell, y + area.y() * cell, area.width() * cell, area.height() * cell)

        colour = self._theme.colour
        painter.fillRect(placed(whole), colour("panel"))
        if self._image is not None:
            painter.setOpacity(0.35)
            painter.drawImage(placed(whole), self._image)
            painter.setOpacity(1.0)
            inside = seen.intersected(whole)
            painter.drawImage(placed(inside), self._image, inside)
        else:
            painter.fillRect(placed(seen.intersected(whole)), colour("accent", 0.18))
        painter.setPen(QPen(colour("line"), 1))
        painter.drawRect(placed(whole))
        painter.setPen(QPen(colour("accent"), 2))
        painter.drawRect(placed(seen))


def map_image(array: npt.ArrayLike, role: ColourRole | str, *, dark: bool) -> QImage:
    """Draw one map ``(H, W)``, or an image ``(C, H, W)``, with one pixel per cell.

    Three channels are shown as colours; otherwise, only the first channel is shown.
    """
    values = np.asarray(array, dtype=np.float32)
    if values.ndim == 3 and values.shape[0] == 3 and ColourRole(role) is ColourRole.INPUT:
        rgb = np.clip(values.transpose(1, 2, 0) * 255.0, 0, 255).astype(np.uint8)
        return image_of_pixels(rgb, QImage.Format.Format_RGB888)
    if values.ndim == 3:
        values = values[0]
    return image_of_pixels(colourise(values, role, dark), QImage.Format.Format_RGBA8888)
