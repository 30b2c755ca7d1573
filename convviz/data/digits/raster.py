"""From pen movements to pixels: ink on a fine grid, averaged down and centred as MNIST's digits are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from convviz.data.digits.hand import BOX, PenStrokes

#: Side of a finished image in pixels.
SIDE = 28
#: Fine cells per pixel and direction. Each is ink or paper, so a pixel has 4·4 + 1 = 17 possible values k/16.
FINE = 4

_FINE_SIDE = int(BOX) * FINE


def render(inks: Sequence[PenStrokes], rngs: Sequence[np.random.Generator]) -> NDArray[np.float32]:
    """Render characters to images.

    A fine cell is inked when it lies within the pen's radius of any movement, give or take the paper's
    roughness. Pixels are the mean of their 4×4 cells. The 20×20 result is put into 28×28 so that
    its centre of mass falls within pixel (14, 14).

    Parameters
    ----------
    inks
        N characters.
    rngs
        N generators for the roughness, one each, so that an image does not depend on the others.

    Returns
    -------
    (N, 28, 28) float32 in 0…1, every value a multiple of 1/16.
    """
    covered = _distance(inks)
    covered += np.stack([_rough_edge(rng) * np.float32(ink.roughness) for ink, rng in zip(inks, rngs, strict=True)])
    cells = (covered < 0.0).reshape(len(inks), int(BOX), FINE, int(BOX), FINE)
    boxes = cells.sum(axis=(2, 4), dtype=np.float32) / np.float32(FINE * FINE)
    return np.stack([_centred(box) for box in boxes])


def _distance(inks: Sequence[PenStrokes]) -> NDArray[np.float32]:
    """Signed distance (N, 80, 80) of each fine cell to the edge of the ink, negative inside, in pixels."""
    longest = max(len(ink.start) for ink in inks)
    # Characters with fewer movements repeat their last one, which does not change the minimum over movements.
    index = [np.minimum(np.arange(longest), len(ink.start) - 1) for ink in inks]
    nib = np.stack([ink.nib for ink in inks])
    starts = _through(nib, np.stack([ink.start[i] for ink, i in zip(inks, index, strict=True)]))
    stops = _through(nib, np.stack([ink.stop[i] for ink, i in zip(inks, index, strict=True)]))
    radius = np.stack([ink.start_radius[i] for ink, i in zip(inks, index, strict=True)])
    growth = np.stack([ink.stop_radius[i] for ink, i in zip(inks, index, strict=True)]) - radius
    centres = (np.arange(_FINE_SIDE, dtype=np.float32) + np.float32(0.5)) / np.float32(FINE)
    x, y = _through(nib, np.stack(np.meshgrid(centres, centres), axis=-1).reshape(1, -1, 2))
    nearest = np.full(x.shape, np.inf, dtype=np.float32)
    for s in range(longest):
        (x0, y0), (x1, y1) = ((axis[:, s, None] for axis in ends) for ends in (starts, stops))
        dx, dy = x1 - x0, y1 - y0
        px, py = x - x0, y - y0
        along = (px * dx + py * dy) / np.maximum(dx * dx + dy * dy, np.float32(1e-12))
        np.clip(along, 0.0, 1.0, out=along)
        px -= along * dx
        py -= along * dy
        away = np.sqrt(px * px + py * py)
        away -= radius[:, s, None] + along * growth[:, s, None]
        np.minimum(nearest, away, out=nearest)
    return nearest.reshape(len(inks), _FINE_SIDE, _FINE_SIDE)


def _through(nib: NDArray[np.float32], points: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Points (N, K, 2) in the coordinates in which the nib is a circle: x (N, K) and y (N, K).

    The product is written out because BLAS would round differently for other batch sizes and processors.
    """
    x, y = points[..., 0], points[..., 1]
    a, b, c, d = nib[:, 0, 0, None], nib[:, 1, 0, None], nib[:, 0, 1, None], nib[:, 1, 1, None]
    return x * a + y * b, x * c + y * d


def _rough_edge(rng: np.random.Generator) -> NDArray[np.float32]:
    """Noise of unit variance (80, 80) with a grain of about half a pixel, as a scanner's threshold leaves it."""
    grain = rng.standard_normal((_FINE_SIDE // 2 + 1, _FINE_SIDE // 2 + 1), dtype=np.float32)
    rows = np.repeat(grain, 2, axis=0)
    rows = (rows[:-1] + rows[1:]) / np.float32(2)
    both = np.repeat(rows, 2, axis=1)
    both = (both[:, :-1] + both[:, 1:]) / np.float32(2)
    return np.asarray(both[:_FINE_SIDE, :_FINE_SIDE] * np.float32(4 / 3), dtype=np.float32)


def _centred(box: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put a 20×20 image into 28×28 so that its centre of mass falls within pixel (14, 14), as in MNIST."""
    side = len(box)
    margin = SIDE - side
    mass = max(float(box.sum()), 1e-6)
    at = np.arange(side) + 0.5
    row = (SIDE + 1) / 2 - float(box.sum(axis=1) @ at) / mass
    column = (SIDE + 1) / 2 - float(box.sum(axis=0) @ at) / mass
    top = min(max(round(row), 0), margin)
    left = min(max(round(column), 0), margin)
    image = np.zeros((SIDE, SIDE), dtype=np.float32)
    image[top : top + side, left : left + side] = box
    return image
