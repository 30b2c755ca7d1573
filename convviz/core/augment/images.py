"""Augmented images, reproducible one by one.

What happens to an image follows from the run's seed, the number of the pass and the image's row in the training images.
Every purpose (how an image moves, its elastic displacement, its noise) has random numbers of its own. So an image comes
out with the same bits whatever else is in its minibatch, and turning one change on leaves the others as they are.

All arithmetic is cell by cell: no BLAS, no sums whose rounding would depend on the number of images.
"""

from __future__ import annotations

import math

import numpy as np

from convviz.core.arrays import Array
from convviz.core.augment.settings import Augmentation
from convviz.core.seeds import Stream

MOTION, DISPLACEMENT, NOISE = range(3)
"""Purposes of random numbers."""
DRAWS = 12
"""Random numbers in 0 … 1 for an image's flip, motion and erased rectangle. Each has a fixed place, used or not."""
CELLS = 4
"""Cells of the grid whose corners elastic displacement moves, along the longer side of an image."""
SPREAD = 151 / 315
"""Mean sum of a cubic B-spline's squared weights; in 2-D, the standard deviation of unit noise that it smooths."""
ERASED = (0.02, 0.2)
"""Smallest and largest share of the image that is erased."""
RATIO = 3.0
"""Greatest ratio of the sides of the rectangle that is erased."""


def augmented(images: Array, settings: Augmentation, *, seed: int, step: int, rows: Array) -> Array:
    """Images as one pass of training sees them.

    Parameters
    ----------
    images : ndarray, ``(N, C, H, W)``
        Left as they are.
    settings : Augmentation
    seed : int
        The run's seed, 0 or greater.
    step : int
        Number of the pass in the run, from 0; it does not begin anew with an epoch.
    rows : ndarray of int, ``(N,)``
        Which training images these are.

    Returns
    -------
    ndarray, ``(N, C, H, W)``, of the same dtype
        ``images`` itself if nothing is to be changed.
    """
    if not settings.is_on or not len(images):
        return images
    key = np.random.SeedSequence([seed, Stream.AUGMENTATION, step]).generate_state(2, np.uint64)
    draws = np.stack([numbers(key, int(row), MOTION).random(DRAWS) for row in rows])
    made = flipped(images, draws[:, 0] < settings.flip)
    if settings.moves:
        made = resampled(made, *sources(made.shape, settings, draws, key, rows))
    made = erased(made, draws[:, 7] < settings.erase, draws[:, 8:])
    if settings.noise:
        made = with_noise(made, settings.noise, key, rows)
    return made


def examples(image: Array, settings: Augmentation, count: int, *, seed: int = 0, row: int = 0) -> Array:
    """One image as the first ``count`` passes over it would see it.

    Parameters
    ----------
    image : ndarray, ``(C, H, W)``
    settings : Augmentation
    count : int
    seed : int
        The run's seed.
    row : int
        Which training image it is.

    Returns
    -------
    ndarray, ``(count, C, H, W)``
    """
    if not count:
        return np.empty((0, *image.shape), image.dtype)
    where = np.array([row])
    return np.concatenate([augmented(image[None], settings, seed=seed, step=step, rows=where) for step in range(count)])


def numbers(key: Array, row: int, purpose: int) -> np.random.Generator:
    """Random numbers for one image and purpose; ``key`` names the pass."""
    return np.random.Generator(np.random.Philox(key=key, counter=[0, row, purpose, 0]))


def flipped(images: Array, which: Array) -> Array:
    """Mirror some images left and right."""
    return np.where(which[:, None, None, None], images[..., ::-1], images) if which.any() else images


def sources(
    shape: tuple[int, ...], settings: Augmentation, draws: Array, key: Array, rows: Array
) -> tuple[Array, Array]:
    """Row and column in the old images that every pixel of the new ones comes from, both ``(N, H, W)`` float64.

    With the image's centre c, a shift t and the matrix A of rotation, shear and scale, the pixel at p comes from
    A⁻¹(p − c − t) + c, plus its elastic displacement.
    """
    height, width = shape[2:]
    middle = (height - 1) / 2, (width - 1) / 2
    inverse = np.array([inverse_of(settings, one) for one in draws])
    shift = (2 * draws[:, 5:7] - 1) * settings.shift
    y = (np.arange(height) - middle[0])[None, :, None] - shift[:, 0, None, None]
    x = (np.arange(width) - middle[1])[None, None, :] - shift[:, 1, None, None]
    a, b, c, d = (inverse[:, i, j, None, None] for i in range(2) for j in range(2))
    from_y, from_x = a * y + b * x + middle[0], c * y + d * x + middle[1]
    if settings.elastic:
        down, across = displacements(key, rows, height, width)
        from_y, from_x = from_y + settings.elastic * down, from_x + settings.elastic * across
    return from_y, from_x


def inverse_of(settings: Augmentation, draws: Array) -> list[list[float]]:
    """The inverse of one image's rotation · shear · scale, for (row, column)."""
    turn, grow, slant = (2 * float(draw) - 1 for draw in draws[1:4])
    angle = math.radians(settings.rotate * turn)
    size = 1.0 + settings.scale * grow
    lean = math.tan(math.radians(settings.shear * slant))
    cos, sin = math.cos(angle), math.sin(angle)
    return [[cos / size, -sin / size], [(sin - lean * cos) / size, (cos + lean * sin) / size]]


def displacements(key: Array, rows: Array, height: int, width: int) -> Array:
    """Smooth random displacements of unit standard deviation: down and across, ``(2, N, H, W)``.

    The corners of a coarse grid are moved at random; cubic B-splines give the motion of the pixels between them.
    """
    spacing = max(height, width) / CELLS
    down, across = spline(height, spacing), spline(width, spacing)
    grid = 2, down.shape[1], across.shape[1]
    corners = np.stack([numbers(key, int(row), DISPLACEMENT).standard_normal(grid) for row in rows], axis=1) / SPREAD
    tall = sum(weights[:, None] * corners[:, :, None, number] for number, weights in enumerate(down.T))
    made: Array = sum(weights * tall[..., number, None] for number, weights in enumerate(across.T))
    return made


def spline(size: int, spacing: float) -> Array:
    """Weights of a cubic B-spline, ``(size, corners)``: each pixel depends on four neighbouring corners."""
    at = (np.arange(size) + 0.5) / spacing
    cell = np.floor(at).astype(np.int64)
    t = at - cell
    weights = np.zeros((size, int(cell[-1]) + 4))
    parts = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, -3 * t**3 + 3 * t**2 + 3 * t + 1, t**3)
    for number, part in enumerate(parts):
        weights[np.arange(size), cell + number] = part / 6
    return weights


def resampled(images: Array, from_y: Array, from_x: Array) -> Array:
    """Bilinear interpolation of every new pixel between four old ones; pixels outside the image are 0."""
    count, channels, height, width = images.shape
    # A frame of zeros, to which places outside the image are clipped.
    framed = np.zeros((count, channels, height + 2, width + 2), images.dtype)
    framed[:, :, 1:-1, 1:-1] = images
    y, x = np.clip(from_y, -1, height) + 1, np.clip(from_x, -1, width) + 1
    top, left = np.minimum(y.astype(np.intp), height), np.minimum(x.astype(np.intp), width)
    down, right = (y - top).astype(images.dtype), (x - left).astype(images.dtype)
    line = width + 2
    start = np.arange(count * channels).reshape(count, channels, 1, 1) * ((height + 2) * line)
    at = start + (top * line + left)[:, None]
    cells = framed.reshape(-1)
    down, right = down[:, None], right[:, None]
    above = cells[at] * (1 - right) + cells[at + 1] * right
    below = cells[at + line] * (1 - right) + cells[at + line + 1] * right
    made: Array = above * (1 - down) + below * down
    return made


def erased(images: Array, which: Array, draws: Array) -> Array:
    """Set a rectangle of some images to 0; four draws decide its area, its sides' ratio, and its place."""
    if not which.any():
        return images
    made = images.copy()
    height, width = images.shape[2:]
    for number in np.flatnonzero(which):
        area, ratio, down, across = (float(draw) for draw in draws[number])
        cells = (ERASED[0] + (ERASED[1] - ERASED[0]) * area) * height * width
        tall = math.sqrt(cells) * RATIO ** (ratio - 0.5)
        rows = min(max(round(tall), 1), height)
        columns = min(max(round(cells / tall), 1), width)
        top, left = int(down * (height - rows + 1)), int(across * (width - columns + 1))
        made[number, :, top : top + rows, left : left + columns] = 0
    return made


def with_noise(images: Array, deviation: float, key: Array, rows: Array) -> Array:
    """Add normal noise of this standard deviation to every pixel."""
    made = np.empty_like(images)
    for number, row in enumerate(rows):
        noise = numbers(key, int(row), NOISE).standard_normal(images.shape[1:], np.float32)
        np.add(images[number], noise * np.float32(deviation), out=made[number], casting="same_kind")
    return made
