"""Data sets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from convviz.core.design import Design
from convviz.data.builtin import load_builtin
from convviz.data.dataset import Dataset
from convviz.data.readers.hdf5 import load_hdf5
from convviz.data.toy import TOY_CLASSES, TOY_SHAPE, load_toy
from convviz.training.images import Split

__all__ = ["load_data", "split_of"]


def load_data(
    path: str | Path | None = None,
    like: Design | None = None,
    *,
    channels: int | None = None,
    height: int | None = None,
    width: int | None = None,
    classes: int | None = None,
) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    path : str or Path, optional
        An HDF5 file with ``x_train`` (n, C·H·W) float in 0…1, ``y_train`` (n, 1), ``x_test`` and ``y_test``; built-in
        images unless given: the digits, or for a design of 1×4×4 images two that fit on the screen.
    like : Design, optional
        Says what the images are like: 1×28×28 of 10 classes unless given.
    channels, height, width, classes : int, optional
        What the file's images are like, where it is not as in ``like``.

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
    >>> convviz.load_data(like=convviz.preset("toy-4x4")).x_train[0, 0, 1]
    array([4., 5., 6., 7.], dtype=float32)
    """
    like = like or Design()
    image = like.input
    if path is None:
        shape = image.channels, image.height, image.width
        return load_toy() if (shape, like.classes) == (TOY_SHAPE, TOY_CLASSES) else load_builtin()
    return load_hdf5(
        Path(path),
        channels=channels or image.channels,
        height=height or image.height,
        width=width or image.width,
        classes=classes or like.classes,
    )


def split_of(data: Dataset, part: Literal["training", "test"]) -> Split:
    """Images and labels of one part of a data set."""
    return Split(data.x_train, data.y_train) if part == "training" else Split(data.x_test, data.y_test)
