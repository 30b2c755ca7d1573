"""Turns any picture into an image of a network's size."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.data.importing.resize import colours, resized
from convviz.data.readers.pictures import read_picture
from convviz.files.inputs import open_regular

__all__ = ["file_values", "sample_of"]

LARGEST = 2**26
"""Most bytes of a picture's file."""


def file_values(path: Path) -> NDArray[np.float32]:
    """The values of a picture's file, ``(C, H, W)`` in 0…1.

    Raises
    ------
    DataError
        It is not a picture, or too large.
    """
    try:
        with open_regular(path) as file:
            contents = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: expected a picture, got: {error}") from None
    if len(contents) > LARGEST:
        raise DataError(f"{path}: expected a picture of at most {LARGEST:,} bytes, got more")
    return read_picture(str(path), BytesIO(contents))


def sample_of(name: str, picture: NDArray[np.float32], shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """A picture as an image for a network.

    It keeps its proportions. For grey images, dark ink on light paper is inverted, so that ink is bright.

    Parameters
    ----------
    name : str
        For messages.
    picture : ndarray of float32, (C, H, W)
        Values in 0…1.
    shape : tuple of int
        (C, H, W) of the network's images.

    Raises
    ------
    DataError
        The network takes neither 1 nor 3 channels.
    """
    values = colours(picture[np.newaxis], "grey" if shape[0] == 1 else "colour")
    if values.shape[1] != shape[0]:
        raise DataError(f"{name}: expected a network of 1 or 3 channels, got one of {shape[0]}")
    edge = np.concatenate([values[0, :, 0].ravel(), values[0, :, -1].ravel(), values[0, :, :, 0].ravel()])
    if shape[0] == 1 and float(np.median(edge)) > 0.5:
        values = 1 - values
    sample: NDArray[np.float32] = resized(values, (shape[1], shape[2]), "pad")[0]
    return sample
