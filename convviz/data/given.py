"""Checks images and labels that are given as arrays in Python, as strictly as those in files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convviz.data.checks import PixelCheck
from convviz.data.dataset import Dataset
from convviz.data.errors import DataError

__all__ = ["check_data", "images_of", "labels_of"]

BY_HAND = 16
"""Most pixels of an image for working by hand, which may contain any finite numbers, like the toy images."""
BLOCK = 2**20
"""Pixels that are checked at a time."""


def images_of(given: ArrayLike, what: str = "images") -> NDArray[Any]:
    """Images as an array with pixels in 0…1; images of at most 4×4 pixels may contain any finite numbers.

    Parameters
    ----------
    given : array, ``(n, C, H, W)``
        Whether its shape fits a network is checked elsewhere.
    what : str
        The start of error messages.

    Raises
    ------
    DataError
        It is not an array of numbers, or a pixel is not allowed.
    """
    images = _numbers(given, what)
    if images.ndim != 4 or not images.size:
        return images
    small = images.shape[2] * images.shape[3] <= BY_HAND
    # Integer arrays of 0 and 1 are allowed: converting them to float32 loses nothing.
    stored = images.dtype if images.dtype.kind == "f" else np.dtype(np.float32)
    check = PixelCheck(what, "images", stored, images.shape[1:], bounded=not small)
    rows = images.reshape(len(images), -1)
    step = max(1, BLOCK // rows.shape[1])
    for start in range(0, len(rows), step):
        check.look(start, rows[start : start + step])
    check.finish()
    return images


def labels_of(given: ArrayLike, what: str = "labels") -> NDArray[np.int64]:
    """Labels as whole numbers, ``(n,)``; whether they are classes of a network is checked elsewhere.

    Raises
    ------
    DataError
        It is not an array of numbers, or a label is not a whole number.
    """
    labels = _numbers(given, what).reshape(-1)
    if labels.dtype.kind == "f" and not (np.isfinite(labels).all() and (labels == np.rint(labels)).all()):
        bad = labels[~(np.isfinite(labels) & (labels == np.rint(labels)))][0]
        raise DataError(f"{what}: expected whole numbers, got {bad:g}", field="labels")
    return labels.astype(np.int64)


def check_data(data: Dataset) -> None:
    """Refuse a data set with pixels that would be refused in a file.

    Raises
    ------
    DataError
    TypeError
        It is none.
    """
    if not isinstance(data, Dataset):
        raise TypeError(f"data: expected a Dataset, such as convviz.load_data() gives, got {type(data).__name__}")
    for field in ("x_train", "x_test"):
        images_of(getattr(data, field), f"{data.name}: {field}")


def _numbers(given: ArrayLike, what: str) -> NDArray[Any]:
    """An array of numbers."""
    try:
        found = np.asarray(given)
    except (ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise DataError(f"{what}: expected an array of numbers, got something else: {reason}") from None
    if found.dtype.kind not in "fiub":
        raise DataError(f"{what}: expected an array of numbers, got one of {found.dtype}")
    return found.astype(np.uint8) if found.dtype.kind == "b" else found
