"""Thousands of dots in one image, for when pictures would only cover each other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array

Colours = npt.NDArray[np.uint32]


def dots(middles: Array, colours: Colours, side: float, width: int, height: int) -> Colours:
    """Round dots as premultiplied colours, ``(height, width)``; later ones lie over earlier ones.

    Parameters
    ----------
    middles : ndarray, ``(n, 2)``
        In pixels; dots at the edges are cut.
    colours : ndarray, ``(n,)``
        ``0xffrrggbb``.
    side : float
        Their width, in pixels.
    width, height : int
        Of the image.
    """
    radius = side / 2
    reach = int(np.ceil(radius))
    room = np.zeros((height + 2 * reach, width + 2 * reach), np.uint32)
    x, y = np.rint(middles[:, 0]).astype(np.int64), np.rint(middles[:, 1]).astype(np.int64)
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    x, y, colours = x[inside] + reach, y[inside] + reach, colours[inside]
    stamp = [
        (float(np.clip(radius + 0.5 - np.hypot(across, down), 0, 1)), across, down)
        for across in range(-reach, reach + 1)
        for down in range(-reach, reach + 1)
    ]
    for share, across, down in sorted(stamp):  # rims first: the middle of a dot is never covered by another's rim
        if share > 0:
            room[y + down, x + across] = colours if share == 1 else thinned(colours, share)
    return np.ascontiguousarray(room[reach : reach + height, reach : reach + width])


def thinned(colours: Colours, share: float) -> Colours:
    """Opaque colours made translucent (premultiplied), so that they cover a share of the background."""
    part = np.uint32(round(255 * share))
    made = np.full_like(colours, part << np.uint32(24))
    for shift in (16, 8, 0):
        made |= (((colours >> np.uint32(shift)) & np.uint32(255)) * part // np.uint32(255)) << np.uint32(shift)
    return made
