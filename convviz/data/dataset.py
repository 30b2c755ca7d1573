"""The data set: images and labels for training and for testing, checked once and then never changed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.plurals import counted


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Labelled images in two parts.

    The arrays are read-only. Shapes and types are checked here; the loaders guarantee that pixels lie in 0…1 and
    labels in 0…classes−1.

    Attributes
    ----------
    name : str
        What the user calls it.
    x_train, x_test : ndarray of float32, (N, C, H, W)
        Images, pixels in 0…1.
    y_train, y_test : ndarray of int64, (N,)
        Labels in 0…classes−1.
    classes : int
        How many classes there are, whether or not each occurs.
    source : str
        The path that it was read from, or ``"built-in"``.
    class_names : tuple of str
        One name per class; the labels themselves unless given.

    Raises
    ------
    DataError
        If an array has the wrong type or shape, or the parts don't fit each other.
    """

    name: str
    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]
    classes: int
    source: str
    class_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in ("x_train", "x_test"):
            images = getattr(self, field)
            _check(self.name, field, "float32 of shape (N, C, H, W)", images, images.dtype == np.float32, 4)
        for field in ("y_train", "y_test"):
            labels = getattr(self, field)
            _check(self.name, field, "int64 of shape (N,)", labels, labels.dtype == np.int64, 1)
        if self.x_test.shape[1:] != self.x_train.shape[1:]:
            raise DataError(
                f"{self.name}: x_test: expected images of shape {self.x_train.shape[1:]} as in x_train, "
                f"got {self.x_test.shape[1:]}",
                field="x_test",
            )
        for part in ("train", "test"):
            images, labels = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            check_lengths(self.name, part, len(images), len(labels))
        if not self.class_names:
            object.__setattr__(self, "class_names", tuple(str(label) for label in range(self.classes)))
        if len(self.class_names) != self.classes:
            raise DataError(
                f"{self.name}: class_names: expected {self.classes} names, got {len(self.class_names)}",
                field="class_names",
            )
        for field in ("x_train", "y_train", "x_test", "y_test"):
            # A view, so that the caller's own array keeps its flags.
            frozen = getattr(self, field).view()
            frozen.flags.writeable = False
            object.__setattr__(self, field, frozen)

    @property
    def channels(self) -> int:
        """C, the number of values per pixel."""
        return int(self.x_train.shape[1])

    @property
    def height(self) -> int:
        """H, in pixels."""
        return int(self.x_train.shape[2])

    @property
    def width(self) -> int:
        """W, in pixels."""
        return int(self.x_train.shape[3])

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of every image."""
        return self.channels, self.height, self.width

    def take(self, train_size: int | None = None, test_size: int | None = None) -> Dataset:
        """Keep the first images of each part.

        Parameters
        ----------
        train_size, test_size
            How many to keep; None keeps all.

        Returns
        -------
        Dataset
            Its arrays are views of this one's.

        Raises
        ------
        DataError
            If a size is below 1 or larger than the number of images.
        """
        train = _size("train_size", train_size, len(self.y_train), "training images", self.name)
        test = _size("test_size", test_size, len(self.y_test), "test images", self.name)
        return replace(
            self,
            x_train=self.x_train[:train],
            y_train=self.y_train[:train],
            x_test=self.x_test[:test],
            y_test=self.y_test[:test],
        )


def check_lengths(name: str, part: str, images: int, labels: int) -> None:
    """Refuse a part with more images than labels or the other way round.

    Raises
    ------
    DataError
        If the numbers differ.
    """
    if images != labels:
        raise DataError(
            f"{name}: y_{part}: expected one label for each of the {counted(images, 'image')} in x_{part}, "
            f"got {labels:,} {'label' if labels == 1 else 'labels'}",
            field=f"y_{part}",
        )


def _check(name: str, field: str, wanted: str, array: NDArray[np.generic], right_type: bool, ndim: int) -> None:
    if not right_type or array.ndim != ndim:
        raise DataError(f"{name}: {field}: expected {wanted}, got {array.dtype} of shape {array.shape}", field=field)


def _size(field: str, asked: int | None, available: int, things: str, name: str) -> int:
    if asked is None:
        return available
    if not 1 <= asked <= available:
        raise DataError(
            f"{field}: expected a number from 1 to {available:,}, because {name} has {available:,} {things}, "
            f"got {asked:,}",
            field=field,
        )
    return asked
