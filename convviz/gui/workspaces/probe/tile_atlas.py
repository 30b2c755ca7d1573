"""Many small pictures in one image, each with a colour for its ink, to be drawn anywhere."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QImage, QPainter

from convviz.core.arrays import Array

COLUMNS = 64
SIDE = 28
"""Largest side of a picture, in its own pixels."""
TIP = 96
"""Side of the picture in a tooltip, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class TileSheet:
    """Pictures side by side, ``COLUMNS`` a line.

    Parameters
    ----------
    count, height, width : int
        Of the pictures.
    values : ndarray, ``(lines · height, COLUMNS · width)``
        Ink of uint8, or colours ``0xffrrggbb`` of uint32 where the images have three channels.
    """

    count: int
    height: int
    width: int
    values: npt.NDArray[np.uint8] | npt.NDArray[np.uint32]


def sheet_of(images: Array) -> TileSheet:
    """Images ``(n, C, H, W)`` as small pictures; for any thread."""
    every = -(-max(images.shape[2:]) // SIDE)
    small = np.clip(images[:, :, ::every, ::every], 0, 1)
    count, height, width = len(small), *small.shape[2:]
    if images.shape[1] == 3:
        red, green, blue = np.moveaxis((small * 255).astype(np.uint32), 1, 0)
        packed = np.uint32(0xFF000000) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue
    else:
        packed = (small.mean(axis=1) * 255).astype(np.uint8)
    lines = -(-count // COLUMNS)
    sheet = np.zeros((lines * COLUMNS, height, width), packed.dtype)
    sheet[:count] = packed
    sheet = sheet.reshape(lines, COLUMNS, height, width).transpose(0, 2, 1, 3)
    return TileSheet(count, height, width, np.ascontiguousarray(sheet.reshape(lines * height, COLUMNS * width)))


EMPTY = TileSheet(0, 1, 1, np.zeros((0, COLUMNS), np.uint8))


class TileAtlas:
    """Pictures of ink take any colour; pictures in colours have their own."""

    def __init__(self) -> None:
        self._sheet = EMPTY
        self._colours: npt.NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._image: QImage | None = None
        self._pixels: npt.NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._sized = EMPTY
        """The sheet with pictures of the size that they are drawn in, if that is smaller."""
        self._small: QImage | None = None
        self._small_pixels: npt.NDArray[np.uint32] = np.zeros((0, 0), np.uint32)

    def set_sheet(self, sheet: TileSheet) -> None:
        """Take other pictures."""
        self._sheet, self._sized, self._image, self._small = sheet, EMPTY, None, None

    def set_colours(self, colours: npt.NDArray[np.uint32]) -> None:
        """Take other colours ``0xffrrggbb``, ``(n,)``."""
        self._colours, self._image, self._small = colours, None, None

    def paint(self, painter: QPainter, middles: Array, side: float, room: QRect) -> None:
        """Draw every picture about its middle ``(n, 2)``; those outside the room are left out."""
        if len(self._colours) != self._sheet.count or not self._sheet.count:
            return
        height, width = self._sheet.height, self._sheet.width
        scale = side / max(height, width)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 2)
        across, down = max(round(width * scale), 1), max(round(height * scale), 1)
        if scale < 1:  # all at once: many small pictures are copied, few large ones scaled
            image, height, width = self._scaled(across, down), down, across
        else:
            image = self._made()
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
        """All pictures in a smaller size; they are scaled once, and coloured again whenever colours change."""
        if (self._sized.width, self._sized.height) != (across, down):
            self._sized, self._small = scaled(self._sheet, across, down), None
        if self._small is None:
            self._small_pixels = coloured(self._sized, self._colours)
            self._small = image_over(self._small_pixels)
        return self._small

    def tip(self, row: int, words: str) -> str:
        """A tooltip: the picture, and what is said of it."""
        height, width = self._sheet.height, self._sheet.width
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
            self._pixels = coloured(self._sheet, self._colours)
            self._image = image_over(self._pixels)
        return self._image


def image_over(pixels: npt.NDArray[np.uint32]) -> QImage:
    """Premultiplied colours as Qt's image, over the same memory."""
    lines, width = pixels.shape
    return QImage(pixels.data, width, lines, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)


def scaled(sheet: TileSheet, across: int, down: int) -> TileSheet:
    """The sheet with its pictures in another size, averaged."""
    lines, wide = len(sheet.values) // sheet.height, sheet.values.shape[1]
    is_ink = sheet.values.dtype == np.uint8
    kind = QImage.Format.Format_Grayscale8 if is_ink else QImage.Format.Format_RGB32
    image = QImage(sheet.values.data, wide, len(sheet.values), sheet.values.strides[0], kind)
    aspect, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    image = image.scaled(COLUMNS * across, lines * down, aspect, smooth).convertToFormat(kind)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(lines * down, image.bytesPerLine())
    values = np.ascontiguousarray(rows).view(sheet.values.dtype)[:, : COLUMNS * across]
    return TileSheet(sheet.count, down, across, np.array(values))


def coloured(sheet: TileSheet, colours: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The pictures as premultiplied colours: where there is no ink, nothing."""
    if sheet.values.dtype == np.uint32:
        return sheet.values.astype(np.uint32, copy=False)
    some, which = np.unique(colours, return_inverse=True)
    # A row of shades for each of the few colours, from none to full ink: looked up, not worked out for every pixel.
    alpha = np.arange(256, dtype=np.uint32)
    shades = np.repeat((alpha << np.uint32(24))[None], len(some), axis=0)
    for shift in (16, 8, 0):
        part = (some >> np.uint32(shift)) & np.uint32(255)
        shades |= (part[:, None] * alpha // np.uint32(255)) << np.uint32(shift)
    lines = len(sheet.values) // sheet.height
    kind = np.uint16 if len(some) <= 256 else np.uint32
    row: npt.NDArray[Any] = np.zeros(lines * COLUMNS, kind)
    row[: sheet.count] = which * 256
    ink: npt.NDArray[Any] = sheet.values.reshape(lines, sheet.height, COLUMNS, sheet.width)
    return np.take(shades, row.reshape(lines, 1, COLUMNS, 1) + ink).reshape(sheet.values.shape)
