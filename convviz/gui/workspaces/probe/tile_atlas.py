"""Many small pictures in one image, each with a colour for its ink, to be drawn anywhere."""

from __future__ import annotations

import base64

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QImage, QPainter

from convviz.core.arrays import Array

COLUMNS = 64
TIP = 96
"""Side of the picture in a tooltip, in pixels."""


class TileAtlas:
    """Pictures of ink take any colour; pictures in colours have their own."""

    def __init__(self) -> None:
        self._tiles: npt.NDArray[np.uint8] = np.zeros((0, 1, 1), np.uint8)
        self._colours: npt.NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._image: QImage | None = None
        self._small: tuple[tuple[int, int], QImage] | None = None
        self._pixels: npt.NDArray[np.uint32] = np.zeros((0, 0), np.uint32)

    def set_tiles(self, tiles: npt.NDArray[np.uint8]) -> None:
        """Take other pictures: ink ``(n, h, w)``, or colours ``(n, h, w, 3)``."""
        self._tiles, self._image, self._small = tiles, None, None

    def set_colours(self, colours: npt.NDArray[np.uint32]) -> None:
        """Take other colours ``0xffrrggbb``, ``(n,)``."""
        self._colours, self._image, self._small = colours, None, None

    def paint(self, painter: QPainter, middles: Array, side: float, room: QRect) -> None:
        """Draw every picture about its middle ``(n, 2)``; those outside the room are left out."""
        if len(self._colours) != len(self._tiles) or not len(self._tiles):
            return
        height, width = self._tiles.shape[1:3]
        scale = side / max(height, width)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 2)
        across, down = max(round(width * scale), 1), max(round(height * scale), 1)
        image = self._made()
        if scale < 1:  # all at once: many small pictures are copied, few large ones scaled
            image, height, width = self._scaled(across, down), down, across
        seen = np.abs(middles - [room.width() / 2, room.height() / 2]) < [
            room.width() / 2 + side,
            room.height() / 2 + side,
        ]
        rows = np.flatnonzero(seen.all(axis=1))
        corners = np.rint(middles[rows] - [across / 2, down / 2]).astype(int).tolist()
        for row, (x, y) in zip(rows.tolist(), corners, strict=True):
            line, column = divmod(row, COLUMNS)
            painter.drawImage(QRect(x, y, across, down), image, QRect(column * width, line * height, width, height))

    def _scaled(self, across: int, down: int) -> QImage:
        """All pictures in another size."""
        if self._small is None or self._small[0] != (across, down):
            lines = -(-len(self._tiles) // COLUMNS)
            smooth = Qt.TransformationMode.SmoothTransformation
            ignore = Qt.AspectRatioMode.IgnoreAspectRatio
            made = self._made().scaled(COLUMNS * across, lines * down, ignore, smooth)
            self._small = (across, down), made
        return self._small[1]

    def tip(self, row: int, words: str) -> str:
        """A tooltip: the picture, and what is said of it."""
        height, width = self._tiles.shape[1:3]
        line, column = divmod(row, COLUMNS)
        cut = self._made().copy(column * width, line * height, width, height)
        large = cut.scaled(TIP, TIP, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.FastTransformation)
        raw = QByteArray()
        buffer = QBuffer(raw)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        large.save(buffer, b"PNG")
        picture = base64.b64encode(raw.data()).decode()
        return f'<img src="data:image/png;base64,{picture}"><br>{words.replace(chr(10), "<br>")}'

    def _made(self) -> QImage:
        if self._image is None:
            count, height, width = self._tiles.shape[:3]
            lines = -(-count // COLUMNS)
            packed = coloured(self._tiles, self._colours)
            sheet = np.zeros((lines * COLUMNS, height, width), np.uint32)
            sheet[:count] = packed
            sheet = sheet.reshape(lines, COLUMNS, height, width).transpose(0, 2, 1, 3)
            self._pixels = np.ascontiguousarray(sheet.reshape(lines * height, COLUMNS * width))
            self._image = QImage(
                self._pixels.data,
                COLUMNS * width,
                lines * height,
                4 * COLUMNS * width,
                QImage.Format.Format_ARGB32_Premultiplied,
            )
        return self._image


def coloured(tiles: npt.NDArray[np.uint8], colours: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Pictures as premultiplied colours: where there is no ink, nothing."""
    if tiles.ndim == 4:
        red, green, blue = (tiles[..., part].astype(np.uint32) for part in range(3))
        return np.asarray(np.uint32(0xFF000000) | (red << 16) | (green << 8) | blue, np.uint32)
    alpha = tiles.astype(np.uint32)
    made = alpha << np.uint32(24)
    for shift in (16, 8, 0):
        part = ((colours >> np.uint32(shift)) & np.uint32(255))[:, None, None]
        made |= (part * alpha // np.uint32(255)) << np.uint32(shift)
    return made
