"""Data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from convviz.data.builtin import load_builtin
from convviz.data.dataset import Dataset
from convviz.data.hdf5 import load_hdf5
from convviz.training.images import Split

__all__ = ["load_data", "split_of"]


def load_data(
    path: str | Path | None = None, *, channels: int = 1, height: int = 28, width: int = 28, classes: int = 10
) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    path : str or Path, optional
        An HDF5 file with ``x_train`` (n, C·H·W) float in 0…1, ``y_train`` (n, 1), ``x_test`` and ``y_test``; the
        built-in digits unless given.
    channels, height, width, classes : int
        What the file's images are like; the built-in digits are 1×28×28 of 10 classes.

    Returns
    -------
    Dataset
        ``x_train`` (n, C, H, W) float32, ``y_train`` (n,) int64, ``x_test``, ``y_test``; ``take`` keeps the first of
        them.

    Raises
    ------
    DataError
        The file is not as described; the message names the field, what was expected and what came.

    Examples
    --------
    >>> import convviz
    >>> convviz.load_data().x_train.shape[1:]
    (1, 28, 28)
    """
    if path is None:
        return load_builtin()
    return load_hdf5(Path(path), channels=channels, height=height, width=width, classes=classes)


def split_of(data: Dataset, part: Literal["training", "test"]) -> Split:
    """Images and labels of one part of a data set."""
    return Split(data.x_train, data.y_train) if part == "training" else Split(data.x_test, data.y_test)
