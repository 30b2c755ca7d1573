"""Finds images that are in both parts of a data set, exactly or nearly, so that testing on them proves nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convviz.files.cancel import Cancelled, blocks
from convviz.plurals import counted

__all__ = ["Duplicates", "duplicates"]

CELLS = 7
"""Images are first compared by their means over a grid of about this many cells per side."""
NEAR = 0.12
"""Two images are nearly the same up to this Euclidean distance, as a share of the larger one's norm."""
BLOCK = 512
MOST_PAIRS = 2_000_000_000
"""Most pairs of images that are searched for near duplicates; above that, only exact ones are found."""


@dataclass(frozen=True, slots=True, eq=False)
class Duplicates:
    """Pairs of images.

    Parameters
    ----------
    test, train : ndarray of int64, (n,)
        Rows of test images, and for each the first row of the same image among the training images.
    near_test, near_train : ndarray of int64, (n,)
        Rows of test images, and for each the row of a training image that is nearly, but not exactly, the same.
    """

    test: NDArray[np.int64]
    train: NDArray[np.int64]
    near_test: NDArray[np.int64]
    near_train: NDArray[np.int64]

    def rows(self, part: str) -> NDArray[np.int64]:
        """Rows of the images of ``training`` or ``test`` that have a partner in the other part."""
        both = (self.train, self.near_train) if part == "training" else (self.test, self.near_test)
        return np.unique(np.concatenate(both))

    @property
    def words(self) -> str:
        """``2 test images are training images too, 3 more nearly``; empty if there are none."""
        exact, near = len(self.test), len(self.near_test)
        if exact:
            kind = "a training image" if exact == 1 else "training images"
            return f"{_images(exact)} {kind} too" + (f", {near:,} more nearly" if near else "")
        return f"{_images(near)} nearly the same as training images" if near else ""


def duplicates(train: NDArray[np.float32], test: NDArray[np.float32], cancelled: Cancelled | None = None) -> Duplicates:
    """Find test images that are training images too.

    Parameters
    ----------
    train, test : ndarray of float32, (N, C, H, W)
    cancelled : callable, optional

    Raises
    ------
    LoadCancelledError
        ``cancelled`` returned True.
    """
    known: dict[bytes, int] = {}
    for block in blocks(len(train), cancelled, BLOCK):
        for row in range(block.start, block.stop):
            known.setdefault(_digest(train[row]), row)
    exact = np.full(len(test), -1, np.int64)
    for block in blocks(len(test), cancelled, BLOCK):
        for row in range(block.start, block.stop):
            exact[row] = known.get(_digest(test[row]), -1)
    found = np.flatnonzero(exact >= 0)
    near = np.full(len(test), -1, np.int64)
    if len(train) * len(test) <= MOST_PAIRS:
        near = _near(train, test, exact, cancelled)
    nearly = np.flatnonzero(near >= 0)
    return Duplicates(found, exact[found], nearly, near[nearly])


def _near(
    train: NDArray[np.float32], test: NDArray[np.float32], exact: NDArray[np.int64], cancelled: Cancelled | None
) -> NDArray[np.int64]:
    """For each test image, the row of the training image with the nearest cell means if it is near enough; else −1."""
    small, (down, across) = _pooled(train, cancelled), _cell(train)
    lengths = np.concatenate(
        [np.square(train[block], dtype=np.float32).sum(axis=(1, 2, 3)) for block in blocks(len(train), cancelled, 4096)]
    )
    squares = np.square(small).sum(axis=1)
    near = np.full(len(test), -1, np.int64)
    for block in blocks(len(test), cancelled, BLOCK):
        rows = np.arange(block.start, block.stop)
        rows = rows[exact[rows] < 0]
        if not len(rows):
            continue
        own = _pooled(test[rows], None)
        apart = squares + np.square(own).sum(axis=1)[:, None] - 2 * (own @ small.T)
        closest = apart.argmin(axis=1)
        # Most pairs are ruled out by their cell means: images are no nearer to each other than these are.
        least = apart[np.arange(len(rows)), closest].clip(0) * (down * across)
        for row, other, distance in zip(rows, closest, least, strict=True):
            bound = NEAR**2 * max(float(lengths[other]), float(np.square(test[row]).sum()))
            if distance <= bound and float(np.square(test[row] - train[other]).sum()) <= bound:
                near[row] = other
    return near


def _pooled(images: NDArray[np.float32], cancelled: Cancelled | None) -> NDArray[np.float32]:
    """Means over the cells of a grid, (N, cells); rows and columns that fill no cell are left out."""
    count, channels, height, width = images.shape
    down, across = _cell(images)
    rows, columns = height // down, width // across
    out = np.empty((count, channels * rows * columns), np.float32)
    for block in blocks(count, cancelled, 4096):
        cut = images[block, :, : rows * down, : columns * across]
        cells = cut.reshape(len(cut), channels, rows, down, columns, across).mean(axis=(3, 5))
        out[block] = cells.reshape(len(cut), -1)
    return out


def _cell(images: NDArray[np.float32]) -> tuple[int, int]:
    """Rows and columns of a cell of the grid."""
    *_, height, width = images.shape
    return max(1, height // CELLS), max(1, width // CELLS)


def _digest(image: NDArray[np.float32]) -> bytes:
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def _images(count: int) -> str:
    return f"{counted(count, 'test image')} {'is' if count == 1 else 'are'}"
