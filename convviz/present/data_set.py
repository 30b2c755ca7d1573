"""A data set on the screen: its classes, the images shown, and their places in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.present.colour import ColourRole, argb_table, entries
from convviz.present.numbers import format_value

Rows = npt.NDArray[np.intp]

MEAN_OF = 200
"""A class's mean image is taken over so many of its images at most."""
SIDE = 56
"""Pixels that the longer side of an image in the grid is about, in whole multiples of its own."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassFacts:
    """One class of a data set.

    Parameters
    ----------
    label : int
    name : str
    training, test : int
        Its images.
    mean : ndarray, ``(C, H, W)``
        Mean of its first training images; zeros where it has none.
    """

    label: int
    name: str
    training: int
    test: int
    mean: Array


def class_facts(
    images: Array, labels: npt.NDArray[np.int64], test_labels: npt.NDArray[np.int64], names: Sequence[str] = ()
) -> tuple[ClassFacts, ...]:
    """Every class from 0 to the largest label, also those that have no image."""
    count = 1 + max((int(each.max()) for each in (labels, test_labels) if len(each)), default=-1)
    training, test = np.bincount(labels, minlength=count), np.bincount(test_labels, minlength=count)
    found = []
    for label in range(count):
        own = np.flatnonzero(labels == label)[:MEAN_OF]
        mean = images[own].mean(axis=0) if len(own) else np.zeros(images.shape[1:], images.dtype)
        name = names[label] if label < len(names) else str(label)
        found.append(ClassFacts(label, name, int(training[label]), int(test[label]), mean))
    return tuple(found)


def split_facts(
    images: Array, labels: npt.NDArray[np.int64], facts: Sequence[ClassFacts], label: int
) -> tuple[Array, int]:
    """Mean image of a class, ``(C, H, W)``, and over how many of its images it is taken."""
    own = np.flatnonzero(labels == label)[:MEAN_OF]
    if not len(own):
        return facts[label].mean, 0
    return images[own].mean(axis=0), len(own)


def pixels(images: Array, dark: bool) -> npt.NDArray[np.uint32]:
    """Images as colours, ``0xffrrggbb``.

    Parameters
    ----------
    images : ndarray, ``(n, C, H, W)``
        0 … 1. Three channels are red, green and blue; of any other number the mean is shown in grey.
    dark : bool
        Whether the theme is.

    Returns
    -------
    ndarray of uint32, ``(n, H, W)``
    """
    if images.shape[1] == 3:
        red, green, blue = np.moveaxis((np.clip(images, 0, 1) * 255 + 0.5).astype(np.uint32), 1, 0)
        packed: npt.NDArray[np.uint32] = np.uint32(0xFF000000) | (red << np.uint32(16)) | (green << np.uint32(8)) | blue
        return packed
    grey = images[:, 0] if images.shape[1] == 1 else images.mean(axis=1)
    return np.take(argb_table(ColourRole.INPUT, dark), entries(grey, ColourRole.INPUT, 1.0))


def image_facts(image: Array) -> tuple[tuple[str, str], ...]:
    """What is said of one image, ``(C, H, W)``: words and numbers."""
    return (
        ("ink", f"{100 * float((image > 0).mean()):.1f} %"),
        ("mean", format_value(float(image.mean()))),
        ("std", format_value(float(image.std()))),
        ("centre", _centre(image)),
    )


def _centre(image: Array) -> str:
    """Centre of mass, in pixels: ``13.6, 13.9``; a dash where there is no mass."""
    mass = image.mean(axis=0, dtype=np.float64)
    total = float(mass.sum())
    if total <= 0:
        return "–"
    rows, columns = (float((mass.sum(axis=1 - axis) * np.arange(mass.shape[axis])).sum()) / total for axis in (0, 1))
    return f"{rows:.1f}, {columns:.1f}"


@dataclass(frozen=True, slots=True)
class ImageRows:
    """Where images lie, row by row.

    Parameters
    ----------
    count : int
        Images.
    height, width : int
        Of an image.
    room : int
        Pixels across.
    gutter : int
        Pixels at the left, for the number of each row's first image.
    below : int
        Pixels under each image, for its label.
    gap : int
    """

    count: int
    height: int
    width: int
    room: int
    gutter: int = 56
    below: int = 17
    gap: int = 8
    """At least so much between two images; what is left of a row is shared out."""
    side: int = SIDE
    """Pixels that the longer side of an image is about."""

    @property
    def scale(self) -> int:
        """Pixels of the screen for one of an image."""
        return max(1, round(self.side / max(self.height, self.width)))

    @property
    def pitch(self) -> tuple[int, int]:
        """Pixels from one image to the next: across and down."""
        across = max((self.room - self.gutter) // self.columns, self._narrowest)
        return across, self.height * self.scale + self.below + self.gap

    @property
    def columns(self) -> int:
        """Images in a row."""
        return max(1, (self.room - self.gutter) // self._narrowest)

    @property
    def _narrowest(self) -> int:
        return self.width * self.scale + self.gap

    @property
    def rows(self) -> int:
        """Rows of images."""
        return -(-self.count // self.columns)

    @property
    def total(self) -> int:
        """Pixels down, all rows together."""
        return self.rows * self.pitch[1] + self.gap

    def place(self, position: int) -> tuple[int, int]:
        """Left upper corner of an image."""
        row, column = divmod(position, self.columns)
        return self.gutter + column * self.pitch[0], self.gap + row * self.pitch[1]

    def at(self, x: float, y: float) -> int | None:
        """Which image lies at a point, its label and the gap after it included."""
        column, row = int((x - self.gutter) // self.pitch[0]), int((y - self.gap) // self.pitch[1])
        position = row * self.columns + column
        inside = 0 <= column < self.columns and row >= 0 and position < self.count
        return position if inside else None

    def visible(self, top: int, height: int) -> range:
        """Images that any pixel is seen of."""
        down = self.pitch[1]
        first = max(0, (top - self.gap) // down) * self.columns
        last = max(0, -(-(top + height - self.gap) // down)) * self.columns
        return range(min(first, self.count), min(last, self.count))
