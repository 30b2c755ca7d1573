"""Several images in a row, each with its label and the network's answer; a click makes one the watched image."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.gui.theme import current_theme
from convviz.gui.widgets.focus_keys import FocusKeys
from convviz.gui.widgets.ground import Ground
from convviz.gui.widgets.thumbnail import image_of
from convviz.present.numbers import format_cell
from convviz.present.watch.strip import StripPicture, StripTile

SIDE = 52
"""Length of an image's longer side, in pixels."""
WIDE, GAP = 60, 8
"""Width of a tile and the gap between two, in pixels."""
HEIGHT = SIDE + 30
ARROW = "\u2009→\u2009"


class ImageStrip(QWidget):
    """Paints the tiles; wheel and arrow keys reach those that don't fit.

    Attributes
    ----------
    picked : Signal(str, int)
        The user wants to watch an image: its split and row.
    removed : Signal(str, int)
        The user no longer wants an image in the strip.
    hovered : Signal(str)
        Text about the image under the pointer; empty if there is none.
    """

    KEYS = FocusKeys(
        "the strip of images",
        {
            "Watch the previous or the next image": ("Left", "Right"),
            "Watch the first or the last image": ("Home", "End"),
            "Remove a chosen image from the strip": ("Del",),
        },
    )

    picked = Signal(str, int)
    removed = Signal(str, int)
    hovered = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = current_theme()
        self._picture = StripPicture()
        self._images: dict[int, QImage] = {}
        """The images by number of the tile, in the colours of the theme."""
        self._offset = 0
        Ground(self)
        self.setAccessibleName("strip of images")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme.changed.connect(self._recolour)

    @property
    def tiles(self) -> tuple[StripTile, ...]:
        """The shown tiles."""
        return self._picture.tiles

    def show_picture(self, picture: StripPicture) -> None:
        """Show other images, or the network's present answers to them."""
        before, self._picture = self._picture, picture
        if picture.key == before.key:
            return
        if [tile.place for tile in picture.tiles] != [tile.place for tile in before.tiles]:
            self._images = {}
            self._scroll_to(0)
            self._keep_watched_in_sight()
        elif picture.watched != before.watched:
            self._keep_watched_in_sight()
        at = self._watched_at()
        self.setAccessibleDescription(picture.tiles[at].says if at is not None else picture.note)
        self.update()

    # --- Qt ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(5 * (WIDE + GAP), HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * (WIDE + GAP), HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._picture.tiles:
            painter.setFont(self._theme.font(12))
            painter.setPen(self._theme.colour("muted"))
            inside = self.rect().adjusted(8, 0, -8, 0)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._picture.note)
            return
        for number, tile in enumerate(self._picture.tiles):
            area = self._area(number)
            if area.right() > 0 and area.left() < self.width():
                self._paint_tile(painter, area, number, tile)
        self._paint_ends(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().toPoint())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(*self._picture.tiles[number].place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().toPoint())
        self.setCursor(Qt.CursorShape.ArrowCursor if number is None else Qt.CursorShape.PointingHandCursor)
        self.hovered.emit("" if number is None else self._picture.tiles[number].says)

    def leaveEvent(self, event) -> None:
        super().leaveEvent(event)
        self.hovered.emit("")

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._most <= 0:
            event.ignore()
            return
        self._scroll_to(self._offset - (event.angleDelta().x() or event.angleDelta().y()))
        event.accept()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._scroll_to(self._offset)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, at = len(self._picture.tiles) - 1, self._watched_at()
        ways = {
            Qt.Key.Key_Left: last if at is None else max(at - 1, 0),
            Qt.Key.Key_Right: 0 if at is None else min(at + 1, last),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        to = ways.get(Qt.Key(event.key()))
        if to is not None and last >= 0:
            self.picked.emit(*self._picture.tiles[to].place)
        elif event.key() == Qt.Key.Key_Delete and self._picture.is_kept:
            self.removed.emit(*self._picture.watched)
        else:
            super().keyPressEvent(event)

    # --- details -------------------------------------------------------------------------------------------------

    def _area(self, number: int) -> QRectF:
        return QRectF(number * (WIDE + GAP) - self._offset, 0, WIDE, HEIGHT)

    def _at(self, point: QPoint) -> int | None:
        number, rest = divmod(point.x() + self._offset, WIDE + GAP)
        return number if 0 <= number < len(self._picture.tiles) and rest < WIDE else None

    def _watched_at(self) -> int | None:
        """Number of the watched image's tile; None if it has none."""
        places = [tile.place for tile in self._picture.tiles]
        return places.index(self._picture.watched) if self._picture.watched in places else None

    @property
    def _most(self) -> int:
        return len(self._picture.tiles) * (WIDE + GAP) - GAP - self.width()

    def _scroll_to(self, offset: int) -> None:
        offset = max(0, min(offset, self._most))
        if offset != self._offset:
            self._offset = offset
            self.update()

    def _keep_watched_in_sight(self) -> None:
        at = self._watched_at()
        if at is None:
            return
        left = at * (WIDE + GAP)
        if left < self._offset:
            self._scroll_to(left)
        elif left + WIDE > self._offset + self.width():
            self._scroll_to(left + WIDE - self.width())

    def _image(self, number: int) -> QImage:
        if number not in self._images:
            self._images[number] = image_of(self._picture.tiles[number].pixels, self._theme.dark)
        return self._images[number]

    def _paint_tile(self, painter: QPainter, area: QRectF, number: int, tile: StripTile) -> None:
        colour = self._theme.colour
        image = self._image(number)
        scale = SIDE / max(image.width(), image.height())
        wide, high = image.width() * scale, image.height() * scale
        frame = QRectF(round(area.left() + (WIDE - wide) / 2), (SIDE - high) / 2 + 1, wide, high)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 1)
        painter.drawImage(frame, image)
        is_watched = tile.place == self._picture.watched
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("accent" if is_watched else "line"), 2 if is_watched else 1))
        painter.drawRect(frame.adjusted(-1, -1, 1, 1) if is_watched else frame.adjusted(-0.5, -0.5, 0.5, 0.5))
        self._paint_words(painter, QRectF(area.left(), SIDE + 4, WIDE, 16), tile)
        self._paint_bar(painter, QRectF(area.left(), SIDE + 23, WIDE, 5), tile)

    def _paint_words(self, painter: QPainter, line: QRectF, tile: StripTile) -> None:
        """Paint ``4`` and its probability or, for a wrong answer, ``4 → 9``."""
        colour = self._theme.colour
        font = self._theme.mono(12, QFont.Weight.DemiBold if not tile.is_right else QFont.Weight.Normal)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        if not tile.is_right:
            room = (line.width() - metrics.horizontalAdvance(ARROW)) / 2
            names = [metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) for name in (tile.label, tile.answer)]
            painter.setPen(colour("danger"))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, ARROW.join(names))
            return
        number = format_cell(tile.of_label)
        small = self._theme.mono(11)
        taken = QFontMetricsF(small).horizontalAdvance(number) + 4
        painter.setPen(colour("ink"))
        name = metrics.elidedText(tile.label, Qt.TextElideMode.ElideRight, line.width() - taken)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(small)
        painter.setPen(colour("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)

    def _paint_bar(self, painter: QPainter, bar: QRectF, tile: StripTile) -> None:
        """Paint the probability of the label, and behind it that of a wrong answer."""
        colour = self._theme.colour
        painter.fillRect(bar, colour("tray"))
        own = bar.width() * _share(tile.of_label)
        painter.fillRect(QRectF(bar.left(), bar.top(), own, bar.height()), colour("accent"))
        if not tile.is_right:
            wrong = min(bar.width() * _share(tile.of_answer), bar.width() - own)
            painter.fillRect(QRectF(bar.left() + own, bar.top(), wrong, bar.height()), colour("danger"))

    def _paint_ends(self, painter: QPainter) -> None:
        """Mark the ends at which there are more tiles."""
        painter.setFont(self._theme.font(12, QFont.Weight.DemiBold))
        for is_there, left, sign in (
            (self._offset > 0, 0, "‹"),
            (self._offset < self._most, self.width() - 14, "›"),
        ):
            if is_there:
                area = QRectF(left, 0, 14, HEIGHT)
                painter.fillRect(area, self._theme.colour("panel", 0.85))
                painter.setPen(self._theme.colour("muted"))
                painter.drawText(area, Qt.AlignmentFlag.AlignCenter, sign)

    def _recolour(self) -> None:
        self._images = {}
        self.update()


def _share(probability: float) -> float:
    """A probability as a share of a length; 0 for NaN."""
    return min(max(probability, 0.0), 1.0) if probability == probability else 0.0
