"""The image of the pass that fits on the screen: the numbers 0 to 15, for the preset ``toy-4x4``."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array


def toy_images() -> tuple[Array, Array]:
    """The image 0 … 15, ``(1, 1, 4, 4)``, and its class 0."""
    return np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4), np.array([0])
