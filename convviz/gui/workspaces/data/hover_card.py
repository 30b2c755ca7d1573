"""A card beside the image under the pointer: the image enlarged, and what is known about it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from convviz.core.arrays import Array
from convviz.gui.theme import current_theme
from convviz.gui.widgets.thumbnail import image_of

MARGIN, GAP, SHADOW = 9, 12, 5
LINE = 19
MOST = 192
"""Pixels of the longer side of the picture at most."""
WORDS = 220
"""Pixels of a line at most; a longer one ends in "…"."""
AWAY = 8
"""Pixels between the card and the image that it is about."""

Line = tuple[str, str]
"""Text, and the token of its colour."""


class HoverCard(QWidget):
    """Takes no clicks; its parent places and hides it.

    Attributes
    ----------
    lines : tuple of (str, str)
        What it says, and in which colour; the second line is its heading.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._theme = current_theme()
        self._image: Array | None = None
        self._picture = QSize()
        self.lines: tuple[Line, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        self._theme.changed.connect(self.update)

    def show_image(self, image: Array, scale: int, lines: Sequence[Line], beside: QRect) -> None:
        """Show an image and lines about it.

        Parameters
        ----------
        image : ndarray, ``(C, H, W)``
        scale : int
            Pixels of the screen for each pixel of the image; fewer where the picture would be too large.
        lines : sequence of (str, str)
        beside : QRect
            The place of the image, in the parent; the card stands at its right, or at its left where there is no room.
        """
        self._image = image
        self.lines = tuple(
            (self._metrics_of(number).elidedText(text, Qt.TextElideMode.ElideRight, WORDS), token)
            for number, (text, token) in enumerate(lines)
        )
        height, width = image.shape[1:]
        longest = max(height, width)
        fitting = min(float(scale), MOST / longest)
        fitting = max(1.0, float(int(fitting))) if fitting >= 1 else fitting
        self._picture = QSize(max(1, round(width * fitting)), max(1, round(height * fitting)))
        self.setAccessibleName(". ".join(text for text, _ in self.lines))
        self.resize(self.sizeHint())
        self.move(self._place(beside))
        self.show()
        self.raise_()
        self.update()

    def sizeHint(self) -> QSize:
        words = max(
            (self._metrics_of(number).horizontalAdvance(text) for number, (text, _) in enumerate(self.lines)), default=0
        )
        tall = max(self._picture.height() + 2, LINE * len(self.lines))
        return QSize(self._picture.width() + 2 + GAP + words + 2 * (MARGIN + SHADOW) + 4, tall + 2 * (MARGIN + SHADOW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside = QRectF(self.rect()).adjusted(SHADOW, SHADOW, -SHADOW, -SHADOW)
        painter.setPen(Qt.PenStyle.NoPen)
        token, alpha = ("background", 0.16) if theme.dark else ("ink", 0.018)
        painter.setBrush(theme.colour(token, alpha))
        for step in range(SHADOW, 0, -1):
            painter.drawRoundedRect(inside.adjusted(-step, -step + 1, step, step), 8 + step, 8 + step)
        painter.setBrush(theme.colour("panel"))
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawRoundedRect(inside.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        if self._image is None:
            return
        corner = QPoint(SHADOW + MARGIN + 1, SHADOW + MARGIN + 1)
        place = QRect(corner, self._picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._picture.width() < self._image.shape[2])
        painter.drawImage(place, image_of(self._image, theme.dark))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place.adjusted(-1, -1, 0, 0))
        left = place.right() + 1 + GAP
        top = SHADOW + MARGIN
        for number, (text, token) in enumerate(self.lines):
            painter.setFont(self._font_of(number))
            painter.setPen(theme.colour(token))
            room = QRect(left, top + number * LINE, self.width() - left, LINE)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _font_of(self, number: int) -> QFont:
        if number == 0:
            return self._theme.mono(11)
        return self._theme.font(
            13 if number == 1 else 12, QFont.Weight.DemiBold if number == 1 else QFont.Weight.Normal
        )

    def _metrics_of(self, number: int) -> QFontMetrics:
        return QFontMetrics(self._font_of(number))

    def _place(self, beside: QRect) -> QPoint:
        """At the right of the image and in the middle of its height, always inside the parent."""
        room = self._parent.rect()
        x = beside.right() + AWAY - SHADOW
        if x + self.width() > room.right():
            x = beside.left() - AWAY + SHADOW - self.width()
        y = beside.center().y() - self.height() // 2
        return QPoint(max(room.left(), x), min(max(room.top(), y), room.bottom() - self.height()))
