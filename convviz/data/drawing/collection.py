"""The user's own drawings, kept as a data set in a file of the user's data folder."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.files.atomic import atomic_path
from convviz.files.inputs import open_regular

__all__ = ["Collection", "file_for", "load_collection", "save_collection"]

MOST = 20_000
LARGEST = 2**29
"""Most bytes that the images may take."""


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """Drawings with labels.

    Parameters
    ----------
    images : ndarray of float32, (n, C, H, W)
        In 0…1.
    labels : ndarray of int64, (n,)
    """

    images: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def empty(cls, shape: tuple[int, int, int]) -> Collection:
        """A collection without drawings, for images (C, H, W)."""
        return cls(np.zeros((0, *shape), np.float32), np.zeros(0, np.int64))

    def with_one(self, image: NDArray[np.float32], label: int) -> Collection:
        """The collection with one more drawing, at the end.

        Raises
        ------
        DataError
            There are too many.
        """
        if len(self) >= MOST:
            raise DataError(f"my drawings: expected at most {MOST:,}, got one more")
        images = np.concatenate([self.images, image[None].astype(np.float32)])
        return replace(self, images=images, labels=np.append(self.labels, np.int64(label)))

    def without(self, row: int) -> Collection:
        """The collection without the drawing in ``row``."""
        return replace(self, images=np.delete(self.images, row, axis=0), labels=np.delete(self.labels, row))


def file_for(folder: Path, shape: tuple[int, int, int], classes: int) -> Path:
    """The file for drawings of one size (C, H, W) and one number of classes."""
    return folder / f"drawings-{'x'.join(map(str, shape))}-{classes}.npz"


def save_collection(path: Path, drawings: Collection) -> None:
    """Write all drawings, or leave the file as it was. The file also opens as a data set.

    Raises
    ------
    DataError
        The file can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(path) as part, part.open("wb") as file:
            np.savez_compressed(file, images=drawings.images, labels=drawings.labels)
    except OSError as error:
        raise DataError(f"{path}: expected to keep the drawings, got: {error.strerror or error}") from None


def load_collection(path: Path, shape: tuple[int, int, int], classes: int) -> Collection:
    """Read drawings; none if there is no file.

    Raises
    ------
    DataError
        It is not a file of drawings of this size.
    """
    if not path.exists():
        return Collection.empty(shape)
    try:
        with open_regular(path) as file:
            with zipfile.ZipFile(file) as archive:
                size = sum(one.file_size for one in archive.infolist())
            if size > LARGEST:
                raise DataError(f"{path}: expected at most {LARGEST:,} bytes, got {size:,}")
            file.seek(0)
            with np.load(file, allow_pickle=False) as held:
                images, labels = held["images"], held["labels"]
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: expected drawings as convviz keeps them, got: {error}") from None
    whole = images.dtype == np.float32 and labels.dtype == np.int64 and images.ndim == 4
    if not whole or images.shape[1:] != shape or labels.shape != images.shape[:1]:
        raise DataError(
            f"{path}: expected images of shape (n, {', '.join(map(str, shape))}) and a label for each, "
            f"got {images.shape} and {labels.shape}"
        )
    if len(images) and not (images.min() >= 0 and images.max() <= 1 and 0 <= labels.min() <= labels.max() < classes):
        raise DataError(f"{path}: expected values in 0…1 and labels in 0…{classes - 1}, got others")
    return Collection(images, labels)
