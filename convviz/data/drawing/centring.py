"""Centres a drawing as MNIST's digits are: fitted into a box, with its centre of mass in the middle of the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["box_side", "centred"]

Image = NDArray[np.float32]
INKED = 0.05
"""Value above which a pixel belongs to the drawing."""


def box_side(side: int) -> int:
    """Side of the box in an image with sides of ``side`` pixels: 20 for 28."""
    return max(1, round(side * 20 / 28))


def centred(image: Image) -> Image:
    """Fit what is drawn into the box, and move its centre of mass into the middle.

    Parameters
    ----------
    image : ndarray of float32, (C, H, W)
        Values in 0…1; ink is bright.

    Returns
    -------
    ndarray of float32, (C, H, W)
        The image itself if there is no ink.
    """
    from PIL import Image as Pictures

    _, height, width = image.shape
    mass = image.max(axis=0)
    rows, columns = np.flatnonzero((mass > INKED).any(axis=1)), np.flatnonzero((mass > INKED).any(axis=0))
    if not len(rows):
        return image
    cut = image[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = box_side(min(height, width)) / max(cut.shape[1:])
    size = max(1, round(cut.shape[1] * scale)), max(1, round(cut.shape[2] * scale))
    small = np.stack(
        [
            np.asarray(Pictures.fromarray(np.ascontiguousarray(one)).resize(size[::-1], Pictures.Resampling.BILINEAR))
            for one in cut
        ]
    ).clip(0, 1)
    weight = small.sum(axis=0, dtype=np.float64)
    total = weight.sum()
    centre = [float((weight.sum(axis=1 - axis) * np.arange(size[axis])).sum() / total) for axis in (0, 1)]
    # MNIST's middle is pixel (14, 14) of 28. A lopsided drawing is kept within the image.
    top = min(max(0, round(height / 2 - centre[0])), height - size[0])
    left = min(max(0, round(width / 2 - centre[1])), width - size[1])
    out = np.zeros_like(image)
    out[:, top : top + size[0], left : left + size[1]] = small
    return out
