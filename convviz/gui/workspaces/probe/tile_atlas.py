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
        self._small: tuple[tuple[int, int], QImage] | None = None
        self._pixels: npt.NDArray[np.uint32] = np.zeros((0, 0), np.uint32)

    def set_sheet(self, sheet: TileSheet) -> None:
        """Take other pictures."""
        self._sheet, self._image, self._small = sheet, None, None

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
            lines = -(-self._sheet.count // COLUMNS)
            smooth = Qt.TransformationMode.SmoothTransformation
            ignore = Qt.AspectRatioMode.IgnoreAspectRatio
            made = self._made().scaled(COLUMNS * across, lines * down, ignore, smooth)
            self._small = (across, down), made
        return self._small[1]

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
            lines, width = self._pixels.shape
            self._image = QImage(self._pixels.data, width, lines, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        return self._image


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
