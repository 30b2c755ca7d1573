"""Arrays of pixels as Qt's images, and colours as Qt blends them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

__all__ = ["image_of_pixels", "premultiplied"]


def image_of_pixels(pixels: npt.NDArray[Any], form: QImage.Format = QImage.Format.Format_ARGB32) -> QImage:
    """Return an image that owns its pixels: by itself Qt would keep a bare pointer into the array.

    Parameters
    ----------
    pixels : array of uint32 ``(height, width)``, or of uint8 ``(height, width, bytes)``
    form : QImage.Format
        What its bytes mean.
    """
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, pixels.nbytes // max(height, 1), form).copy()


def premultiplied(colours: npt.ArrayLike, alpha: npt.ArrayLike) -> npt.NDArray[np.uint32]:
    """Return colours with an opacity: red, green and blue are multiplied by it, as Qt wants them to blend.

    Parameters
    ----------
    colours : array of uint32
        ``0xRRGGBB``; the byte above doesn't count.
    alpha : array of int
        Opacities of 0 to 255; broadcast against the colours.
    """
    alpha, colours = np.asarray(alpha, np.uint32), np.asarray(colours, np.uint32)
    found = np.array(np.broadcast_to(alpha << np.uint32(24), np.broadcast_shapes(alpha.shape, colours.shape)))
    for shift in (16, 8, 0):
        part = (colours >> np.uint32(shift)) & np.uint32(255)
        if part.any():
            found |= ((alpha * part + np.uint32(127)) // np.uint32(255)) << np.uint32(shift)
    return found
