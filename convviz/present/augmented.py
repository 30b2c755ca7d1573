"""A few augmented versions of an image, to be looked at while amounts are chosen."""

from __future__ import annotations

from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.augment.images import examples
from convviz.core.augment.settings import Augmentation

LARGEST = 96
"""Longer sides are thinned out: a window that follows a moving number has no time for more."""


def preview(image: Array, settings: Augmentation, count: int, *, seed: int = 0, row: int = 0) -> Array:
    """An image as the first passes over it would see it.

    Parameters
    ----------
    image : ndarray, ``(C, H, W)``
    settings : Augmentation
    count : int
    seed, row : int
        The run's seed, and which training image it is.

    Returns
    -------
    ndarray, ``(count, C, h, w)``
        The very images of those passes, unless a side is longer than 96: then every second, third … pixel of the image
        is taken, and moved accordingly less.
    """
    thin = -(-max(image.shape[1:]) // LARGEST)
    if thin > 1:
        image = image[:, ::thin, ::thin]
        settings = replace(settings, shift=settings.shift / thin, elastic=settings.elastic / thin)
    return examples(image, settings, count, seed=seed, row=row)
