"""A small network and noise to train it on, for tests of the whole window."""

from __future__ import annotations

import numpy as np

from convviz.core.design import Input, Training, course_design
from convviz.data.dataset import Dataset
from convviz.training.images import Split

DESIGN = course_design(
    filters=4, kernel=(3, 3), image=Input(height=10, width=10), training=Training(batch_size=16, epochs=3)
)


def noise(count: int = 96, side: int = 10, seed: int = 0) -> tuple[Split, Split]:
    """Random images with random labels, to train on and to test with."""
    rng = np.random.default_rng(seed)
    train = Split(rng.random((count, 1, side, side), np.float32), rng.integers(0, 10, count))
    return train, train.first(20)


def noise_data(count: int = 96, side: int = 10, seed: int = 0, name: str = "noise") -> Dataset:
    """The same as a data set."""
    return in_memory(name, *noise(count, side, seed))


def in_memory(name: str, train: Split, test: Split, class_names: tuple[str, ...] = ()) -> Dataset:
    """Images and labels that are in memory, as a data set of ten classes."""
    return Dataset(name, train.images, train.labels, test.images, test.labels, 10, "", class_names)
