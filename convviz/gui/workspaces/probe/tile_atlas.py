"""Many small pictures in one image, each with a colour for its ink, which can be drawn anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

from convviz.core.arrays import Array
from convviz.gui.workspaces.probe.map_dots import dots

COLUMNS = 64
SIDE = 28
"""Largest side of a picture, in its own pixels."""
PART = 1000
"""Images that are reduced at a time."""
MOST_PICTURES = 2500
"""Most images that are drawn as pictures: more could not be told apart."""
DOT = 6.0
"""Width of a dot, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureSheet:
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


@dataclass(frozen=True, slots=True, eq=False)
class SmallPictures:
    """Small pictures one by one.

    Parameters
    ----------
    values : ndarray, ``(n, height, width)``
        As in a :class:`PictureSheet`.
    """

    values: npt.NDArray[np.uint8] | npt.NDArray[np.uint32]

    def sheet(self, rows: npt.NDArray[np.int64] | slice = slice(None)) -> PictureSheet:
        """Some of them side by side."""
        some = self.values[rows]
        count, height, width = some.shape
        lines = -(-count // COLUMNS)
        sheet = np.zeros((lines * COLUMNS, height, width), some.dtype)
        sheet[:count] = some
        sheet = sheet.reshape(lines, COLUMNS, height, width).transpose(0, 2, 1, 3)
        return PictureSheet(count, height, width, np.ascontiguousarray(sheet.reshape(lines * height, COLUMNS * width)))


def pictures_of(images: Array) -> SmallPictures:
    """Images ``(n, C, H, W)`` as small pictures; for any thread."""
    every = -(-max(images.shape[2:]) // SIDE)
    made: npt.NDArray[np.uint8] | npt.NDArray[np.uint32]
    kind = np.uint32 if images.shape[1] == 3 else np.uint8
    made = np.empty((len(images), *images[:1, 0, ::every, ::every].shape[1:]), kind)
    for at in range(0, len(images), PART):
        small = np.clip(images[at : at + PART, :, ::every, ::every], 0, 1)
        if images.shape[1] == 3:
            red, green, blue = np.moveaxis((small * 255).astype(np.uint32), 1, 0)
            made[at : at + PART] = np.uint32(0xFF000000) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue
        else:
            made[at : at + PART] = (small.mean(axis=1) * 255).astype(np.uint8)
    return SmallPictures(made)


NONE = SmallPictures(np.zeros((0, 1, 1), np.uint8))


class TileAtlas:
    """Draws pictures: ink in any colour, coloured pictures in their own; dots where there are too many."""

    def __init__(self) -> None:
        self._pictures = NONE
        self._colours: npt.NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._made: tuple[bytes, int, int] | None = None
        """Which pictures are in the image, and their size."""
        self._sized: PictureSheet | None = None
        self._pixels: npt.NDArray[np.uint32] = np.zeros((0, 0), np.uint32)
        self._image: QImage | None = None

    def set_pictures(self, pictures: SmallPictures) -> None:
        """Take other pictures."""
        self._pictures, self._made, self._image = pictures, None, None

    def set_colours(self, colours: npt.NDArray[np.uint32]) -> None:
        """Take other colours ``0xffrrggbb``, ``(n,)``."""
        self._colours, self._image = colours, None

    def paint(
        self, painter: QPainter, middles: Array, side: float, room: QRect, order: npt.NDArray[np.int64] | None = None
    ) -> bool:
        """Draw every image about its middle ``(n, 2)``; returns whether as dots.

        Those outside the room, or without a place (NaN), are left out.

        Parameters
        ----------
        painter : QPainter
        middles : ndarray, ``(n, 2)``
        side : float
            Of a picture, in pixels.
        room : QRect
        order : ndarray, optional
            Rows from the lowest to the topmost; as they are numbered unless given.
        """
        count = len(middles)
        if len(self._colours) != count or not count:
            return False
        away = np.abs(middles - [room.width() / 2, room.height() / 2])
        seen = (away < [room.width() / 2 + side, room.height() / 2 + side]).all(axis=1)
        order = np.arange(count) if order is None else order
        rows = order[seen[order]]
        if len(rows) > MOST_PICTURES:
            self._paint_dots(painter, middles[rows], self._colours[rows], room)
            return True
        if len(self._pictures.values) == count:
            self._paint_pictures(painter, middles, rows, side)
        return False

    def _paint_dots(self, painter: QPainter, middles: Array, colours: npt.NDArray[np.uint32], room: QRect) -> None:
        ratio = painter.device().devicePixelRatioF()
        size = round(room.width() * ratio), round(room.height() * ratio)
        pixels = dots(middles * ratio, colours, DOT * ratio, *size)
        image = image_over(pixels)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(0, 0, image)

    def _paint_pictures(self, painter: QPainter, middles: Array, rows: npt.NDArray[np.int64], side: float) -> None:
        height, width = self._pictures.values.shape[1:]
        scale = side / max(height, width)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < 2)
        across, down = max(round(width * scale), 1), max(round(height * scale), 1)
        # All in one call. Many small pictures are copied, a few large ones scaled; in order of rows they stay cached
        # longer.
        every = np.sort(rows)
        smaller = scale < 1
        image = self._painted(every, *((across, down) if smaller else (width, height)))
        if smaller:
            height, width = down, across
        place = np.searchsorted(every, rows).tolist()
        corners = np.rint(middles[rows] - [across / 2, down / 2]).astype(int).tolist()
        for number, (x, y) in zip(place, corners, strict=True):
            line, column = divmod(number, COLUMNS)
            painter.drawImage(QRect(x, y, across, down), image, QRect(column * width, line * height, width, height))

    def _painted(self, rows: npt.NDArray[np.int64], across: int, down: int) -> QImage:
        """Some pictures in a size: scaled once, and coloured again whenever colours change."""
        wanted = rows.tobytes(), across, down
        if self._made != wanted or self._sized is None:
            sheet = self._pictures.sheet(rows)
            same = (sheet.width, sheet.height) == (across, down) or not len(rows)
            self._sized, self._made, self._image = sheet if same else scaled(sheet, across, down), wanted, None
        if self._image is None:
            self._pixels = coloured(self._sized, self._colours[rows])
            self._image = image_over(self._pixels)
        return self._image

    def picture(self, row: int) -> QImage:
        """One picture by itself, in its own size; empty as long as there are none."""
        if row >= min(len(self._pictures.values), len(self._colours)):
            return QImage()
        height, width = self._pictures.values.shape[1:]
        pixels = coloured(self._pictures.sheet(np.array([row])), self._colours[row : row + 1])
        return image_over(pixels).copy(0, 0, width, height)


def image_over(pixels: npt.NDArray[np.uint32]) -> QImage:
    """Premultiplied colours as Qt's image, over the same memory."""
    lines, width = pixels.shape
    return QImage(pixels.data, width, lines, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)


def scaled(sheet: PictureSheet, across: int, down: int) -> PictureSheet:
    """The sheet with its pictures in another size, averaged."""
    lines, wide = len(sheet.values) // sheet.height, sheet.values.shape[1]
    is_ink = sheet.values.dtype == np.uint8
    kind = QImage.Format.Format_Grayscale8 if is_ink else QImage.Format.Format_RGB32
    image = QImage(sheet.values.data, wide, len(sheet.values), sheet.values.strides[0], kind)
    aspect, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    image = image.scaled(COLUMNS * across, lines * down, aspect, smooth).convertToFormat(kind)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(lines * down, image.bytesPerLine())
    values = np.ascontiguousarray(rows).view(sheet.values.dtype)[:, : COLUMNS * across]
    return PictureSheet(sheet.count, down, across, np.array(values))


def coloured(sheet: PictureSheet, colours: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The pictures as premultiplied colours: where there is no ink, nothing."""
    if sheet.values.dtype == np.uint32:
        return sheet.values.astype(np.uint32, copy=False)
    some, which = np.unique(colours, return_inverse=True)
    # A row of shades for each of the few colours, from none to full ink: looked up instead of computed for every pixel.
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
