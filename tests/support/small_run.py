"""A small network and noise to train it on, for tests of the whole window."""

from __future__ import annotations

import numpy as np

from convviz.core.design import Input, Training, course_design
from convviz.training.images import Split

DESIGN = course_design(
    filters=4, kernel=(3, 3), image=Input(height=10, width=10), training=Training(batch_size=16, epochs=3)
)


def noise(count: int = 96, side: int = 10, seed: int = 0) -> tuple[Split, Split]:
    """Random images with random labels, to train on and to test with."""
    rng = np.random.default_rng(seed)
    train = Split(rng.random((count, 1, side, side), np.float32), rng.integers(0, 10, count))
    return train, train.first(20)
