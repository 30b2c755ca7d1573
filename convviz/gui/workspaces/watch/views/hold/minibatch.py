"""The images of a held minibatch below a bar of their shares of the loss: the first ones large, the others small."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.elided import CutTexts
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.pixels import image_of_pixels
from convviz.present.data_set import pixels
from convviz.present.watch.hold.look import Order
from convviz.present.watch.hold.minibatch import ImageTile, MinibatchPicture, percent

BAR, UNDER = 8, 20
"""Heights of the bar of shares and of the words below it, in pixels."""
LARGE, WORDS, PITCH = 56, 40, 74
"""Side of a large image, height of the words below it, and distance from one image to the next, in pixels."""
MOST_LARGE = 14
BESIDE = 6
"""Space at the left and the right end of a row of images, for the frame of the chosen one, in pixels."""
SMALL, SMALL_PITCH = 28, 36


class Spot(NamedTuple):
    """Where an image is painted."""

    area: QRectF
    is_large: bool


class MinibatchView(QWidget):
    """The images of a minibatch, one of which is chosen.

    Attributes
    ----------
    picked : Signal(int)
        Row of the training image that was chosen.
    opened : Signal()
        The chosen image was double-clicked, or Enter was pressed on it.
    """

    KEYS = FocusKeys(
        "the images of a held minibatch",
        {"The previous, the next image": ("Left", "Right"), "The worst image": ("Home",), "Step it": ("Return",)},
    )
    picked = Signal(int)
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._cuts = current_theme(), CutTexts()
        self._picture: MinibatchPicture | None = None
        self._sheet: QImage | None = None
        """All images above each other, in the order of the tiles."""
        self._side = (1, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName("Images of the minibatch")
        self._theme.changed.connect(self._forget)

    def show_minibatch(self, picture: MinibatchPicture) -> None:
        """Show the images."""
        before, self._picture = self._picture, picture
        if before is None or before.images is not picture.images:
            self._forget()
        if before is None or len(before.tiles) != len(picture.tiles):
            self.updateGeometry()
        self.setAccessibleDescription(picture.tiles[picture.chosen].sentence)
        self.update()

    # --- where is what -------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        large, _, rows = self._plan(width)
        return BAR + UNDER + LARGE + WORDS + 8 + rows * SMALL_PITCH if large else BAR

    def sizeHint(self) -> QSize:
        return QSize(700, self.heightForWidth(700))

    def _plan(self, width: int) -> tuple[int, int, int]:
        """Number of large images, of small images in a row, and of rows of small images."""
        count = 0 if self._picture is None else len(self._picture.tiles)
        large = max(1, min(MOST_LARGE, (width - 2 * BESIDE - LARGE) // PITCH + 1))
        across = max(1, (width - 2 * BESIDE - SMALL) // SMALL_PITCH + 1)
        return large, across, math.ceil(max(count - large, 0) / across)

    def spot(self, number: int) -> Spot:
        """Where a tile is painted."""
        large, across, _ = self._plan(self.width())
        if number < large:
            pitch = min((self.width() - LARGE - 2 * BESIDE) / max(large - 1, 1), 96.0)
            return Spot(QRectF(BESIDE + number * pitch, BAR + UNDER + 2, LARGE, LARGE), is_large=True)
        row, column = divmod(number - large, across)
        top = BAR + UNDER + LARGE + WORDS + 8 + row * SMALL_PITCH
        return Spot(QRectF(BESIDE + column * SMALL_PITCH, top, SMALL, SMALL), is_large=False)

    def _number_at(self, place: QPointF) -> int | None:
        picture = self._picture
        if picture is None:
            return None
        if place.y() < BAR + 2:
            shares = np.cumsum([tile.share for tile in picture.tiles])
            found = int(np.searchsorted(shares, place.x() / max(self.width(), 1)))
            return min(found, len(picture.tiles) - 1) if shares[-1] > 0 else None
        for number in range(len(picture.tiles)):
            area, is_large = self.spot(number)
            if area.adjusted(-4, -4, 4, WORDS if is_large else 4).contains(place):
                return number
        return None

    # --- by hand -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._number_at(event.position())
        if number is not None and event.button() is Qt.MouseButton.LeftButton:
            self._pick(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._number_at(event.position()) is not None:
            self.opened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        picture = self._picture
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if picture is not None and plain and event.key() in ways:
            self._pick(min(max(picture.chosen + ways[Qt.Key(event.key())], 0), len(picture.tiles) - 1))
        elif picture is not None and plain and event.key() == Qt.Key.Key_Home:
            self.picked.emit(-1)
        elif picture is not None and plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._picture is not None:
            number = self._number_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if number is None else self._picture.tiles[number].sentence, self)
            return True
        return super().event(event)

    def _pick(self, number: int) -> None:
        assert self._picture is not None
        self.picked.emit(self._picture.tiles[number].row)

    # --- painting ------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._sheet = None
        self.update()

    def _image(self, place: int) -> tuple[QImage, QRectF]:
        """The sheet of all images, and where on it the image at a place is."""
        assert self._picture is not None
        if self._sheet is None:
            colours = pixels(self._picture.images, self._theme.dark)
            _, height, width = colours.shape
            self._side = height, width
            self._sheet = image_of_pixels(colours.reshape(-1, width))
        height, width = self._side
        return self._sheet, QRectF(0, place * height, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        picture = self._picture
        if picture is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter, picture)
        for number, tile in enumerate(picture.tiles):
            self._paint_tile(painter, number, tile, is_chosen=number == picture.chosen)

    def _paint_bar(self, painter: QPainter, picture: MinibatchPicture) -> None:
        colour, x = self._theme.colour, 0.0
        painter.fillRect(QRectF(0, 0, self.width(), BAR), colour("tray"))
        total = sum(tile.share for tile in picture.tiles)
        largest = max(max(tile.share for tile in picture.tiles), 1e-9)
        for number, tile in enumerate(picture.tiles):
            wide = tile.share * self.width()
            fill = QColor(colour("accent" if number == picture.chosen else "danger" if tile.is_wrong else "muted"))
            if number != picture.chosen:
                fill.setAlphaF(0.35 + 0.5 * tile.share / largest)
            painter.fillRect(QRectF(x, 0, max(wide - 1, 0.5 if wide > 0.3 else 0), BAR), fill)
            x += wide
        painter.setFont(self._theme.font(12))
        painter.setPen(colour("muted"))
        chosen = picture.tiles[picture.chosen]
        said = f"share of the loss: {percent(chosen.share)}" if total else "the loss is not a finite number"
        painter.drawText(QRectF(0, BAR + 1, self.width(), UNDER - 4), Qt.AlignmentFlag.AlignVCenter, said)

    def _paint_tile(self, painter: QPainter, number: int, tile: ImageTile, *, is_chosen: bool) -> None:
        colour = self._theme.colour
        area, is_large = self.spot(number)
        if is_chosen:
            frame = area.adjusted(-5, -4, 5, WORDS - 1) if is_large else area.adjusted(-3, -3, 3, 3)
            painter.setPen(QPen(colour("accent"), 2))
            painter.setBrush(colour("accent_wash"))
            painter.drawRoundedRect(frame, 5, 5)
        sheet, source = self._image(tile.place)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._side[0] > area.height())
        painter.setPen(QPen(colour("danger" if tile.is_wrong else "line"), 1))
        painter.setBrush(colour("field"))
        painter.drawRect(area.adjusted(-0.5, -0.5, 0.5, 0.5))
        high, wide = self._side
        scale = area.height() / max(high, wide)
        at = area.center() - QPointF(wide * scale / 2, high * scale / 2)
        painter.drawImage(QRectF(at, area.size() * 0 + QRectF(0, 0, wide * scale, high * scale).size()), sheet, source)
        if not is_large:
            return
        words = QRectF(area.left() - 2, area.bottom() + 3, area.width() + 14, 16)
        painter.setFont(self._theme.mono(12))
        painter.setPen(colour("ink"))
        label = self._fitted(painter, tile.label, 26 if tile.is_wrong else 60)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, label)
        if tile.is_wrong:
            painter.setPen(colour("danger"))
            after = words.adjusted(painter.fontMetrics().horizontalAdvance(label + " "), 0, 0, 0)
            taken = self._fitted(painter, tile.taken, round(after.width()) - 16)
            painter.drawText(after, Qt.AlignmentFlag.AlignVCenter, f"→ {taken}")
        painter.setPen(colour("ink"))
        number_below = tile.gradient if self._shows_gradients else tile.loss
        painter.drawText(words.translated(0, 15), Qt.AlignmentFlag.AlignVCenter, number_below)

    @property
    def _shows_gradients(self) -> bool:
        picture = self._picture
        return picture is not None and picture.order is Order.GRADIENT and bool(picture.tiles[0].gradient)

    def _fitted(self, painter: QPainter, text: str, width: int) -> str:
        return self._cuts.cut(text, painter.font(), painter.fontMetrics(), width)
