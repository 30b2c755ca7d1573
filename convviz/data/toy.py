"""Two images that are small enough to work through by hand."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array
from convviz.data.dataset import Dataset

#: (C, H, W) of the images.
TOY_SHAPE = (1, 4, 4)
#: How many classes there are.
TOY_CLASSES = 2


def load_toy() -> Dataset:
    """The image 0 … 15 of class 0 and the image 15 … 0 of class 1, for training and for testing.

    Their pixels are the whole numbers 0…15, not in 0…1, so that sums can be computed in one's head.
    """
    rising = np.arange(16, dtype=np.float32)
    images = np.stack([rising, rising[::-1]]).reshape(2, *TOY_SHAPE)
    labels = np.arange(TOY_CLASSES, dtype=np.int64)
    return Dataset("toy images", images, labels, images, labels, TOY_CLASSES, "built-in")


def toy_images() -> tuple[Array, Array]:
    """The first of the two images, ``(1, 1, 4, 4)``, and its label, ``(1,)``, for a pass that fits on the screen."""
    toy = load_toy()
    return toy.x_train[:1], toy.y_train[:1]
