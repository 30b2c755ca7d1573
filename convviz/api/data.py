"""Data sets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from convviz.core.design import Design
from convviz.data.dataset import Dataset
from convviz.data.importing.recipe import Recipe
from convviz.data.open import import_data, open_data, open_source
from convviz.data.sources import ImageSpec, builtin_for

__all__ = ["load_data"]


def load_data(
    path: str | Path | None = None,
    like: Design | None = None,
    *,
    channels: int | None = None,
    height: int | None = None,
    width: int | None = None,
    classes: int | None = None,
    recipe: Recipe | None = None,
) -> Dataset:
    """Load a data set.

    Parameters
    ----------
    path : str or Path, optional
        A file or folder in any format that :mod:`convviz.data.readers` lists: HDF5, MNIST's IDX files, NPZ, NPY, CSV,
        MATLAB, CIFAR's binary files, folders of pictures. Built-in images unless given: the digits, or for a design
        with 1×4×4 images, the two toy images.
    like : Design, optional
        Gives the size of the images and the number of classes: 1×28×28 and 10 unless given.
    channels, height, width, classes : int, optional
        Size and classes of the file's images, if they differ from ``like``.
    recipe : Recipe, optional
        How to read the file's arrays, in place of what would be recognised; the images may then have any size.
        *As Python…* in the import dialog writes it down.

    Returns
    -------
    Dataset
        ``x_train`` (n, C, H, W) float32, ``y_train`` (n,) int64, ``x_test``, ``y_test``; ``take`` keeps only the first
        images.

    Raises
    ------
    DataError
        The file is not as described; the message names the field, what was expected and what was found.

    Examples
    --------
    >>> import convviz
    >>> convviz.load_data().x_train.shape[1:]
    (1, 28, 28)
    >>> convviz.load_data(like=convviz.preset("toy-4x4")).x_train[0, 0, 1]
    array([4., 5., 6., 7.], dtype=float32)
    """
    expected = ImageSpec.of(like or Design())
    if path is None:
        return open_source(builtin_for(expected))
    given = {"channels": channels, "height": height, "width": width, "classes": classes}
    asked = {name: number for name, number in given.items() if number is not None}
    expected = replace(expected, **asked)
    if recipe is not None:
        return import_data(Path(path), expected if asked or like is not None else None, recipe).data
    return open_data(Path(path), expected)
