"""Reads an image, or several, from one file: an array in a ``.npy`` file, or a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convviz.data.drawing.pictures import file_values, sample_of
from convviz.data.errors import DataError
from convviz.files.inputs import open_regular

__all__ = ["image_file"]

MAGIC = b"\x93NUMPY"


def image_file(path: Path, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """Read images for a network, ``(N, C, H, W)``.

    Parameters
    ----------
    path : Path
        A ``.npy`` file with numbers as the network takes them, ``(C, H, W)`` or ``(N, C, H, W)``, or for one channel
        ``(H, W)``; or a picture, which is resized for the network and converted to 0…1.
    shape : tuple of int
        C, H and W of the network's images.

    Raises
    ------
    DataError
        It can't be read, or doesn't fit.
    """
    try:
        with open_regular(path) as file:
            if file.read(len(MAGIC)) != MAGIC:
                return sample_of(str(path), file_values(path), shape)[np.newaxis]
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise DataError(f"{path}: expected an image, got: {reason}") from None
    wanted = "×".join(str(length) for length in shape)
    if array.dtype.kind not in "fiub" or array.shape[-len(shape) :] not in (shape, shape[1:]) or array.ndim > 4:
        got = "×".join(str(length) for length in array.shape) or "a single number"
        raise DataError(f"{path}: expected an image of {wanted} numbers, or several, got {got} {array.dtype}")
    if array.shape == shape[1:] and shape[0] != 1:
        raise DataError(f"{path}: expected an image of {wanted} numbers, got one of a single channel")
    images: NDArray[np.float32] = np.array(array, np.float32).reshape(-1, *shape)
    if not len(images):
        raise DataError(f"{path}: expected an image, got none")
    if not np.isfinite(images).all():
        raise DataError(f"{path}: expected finite numbers, got NaN or infinity")
    return images
