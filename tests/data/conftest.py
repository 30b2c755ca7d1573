"""Small valid HDF5 files, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

REAL_MNIST = Path(__file__).parents[2].parent / "shared" / "mnist" / "MNISTdata.hdf5"

Arrays = dict[str, Any]
WriteFile = Callable[..., Path]


def small_arrays(train: int = 12, test: int = 5, pixels: int = 784, classes: int = 10) -> Arrays:
    """The four data sets of a valid file, keyed by name."""
    rng = np.random.default_rng(7)
    arrays: Arrays = {}
    for part, count in (("train", train), ("test", test)):
        arrays[f"x_{part}"] = rng.random((count, pixels), dtype=np.float32)
        arrays[f"y_{part}"] = rng.integers(0, classes, (count, 1)).astype(np.int32)
    return arrays


@pytest.fixture
def arrays() -> Arrays:
    return small_arrays()


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write arrays to ``tmp_path / "some.h5"``; an array given as None is left out."""

    def write(arrays: Arrays, **options: Any) -> Path:
        path = tmp_path / "some.h5"
        with h5py.File(path, "w") as file:
            for name, values in arrays.items():
                if values is not None:
                    file.create_dataset(name, data=values, **options)
        return path

    return write


@pytest.fixture
def real_mnist() -> Path:
    if not REAL_MNIST.is_file():
        pytest.skip(f"the real MNIST is not on this machine ({REAL_MNIST})")
    return REAL_MNIST
