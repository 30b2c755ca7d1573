"""The fingerprint of a data set, by which the one that a network was trained on is recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.files.cancel import Cancelled, blocks
from convviz.plurals import counted

__all__ = ["DataFingerprint", "fingerprint"]


@dataclass(frozen=True, slots=True)
class DataFingerprint:
    """The identity of a data set.

    Parameters
    ----------
    name : str
        The user's name for it, which does not matter for its identity.
    train_images, test_images : int
        Numbers of images used for training and for testing.
    train_sha256, test_sha256 : str
        Checksums of their pixels and labels.
    """

    name: str
    train_images: int
    test_images: int
    train_sha256: str
    test_sha256: str

    def difference(self, other: DataFingerprint) -> str:
        """How another data set differs from this one; empty if they are the same.

        Returns
        -------
        str
            The sentence from “expected” on.
        """
        wanted = f"expected the data that the network was trained on, {self.words}"
        if (self.train_images, self.test_images) != (other.train_images, other.test_images):
            return f"{wanted}, got {other.words}"
        changed = [
            part
            for part, mine, its in (
                ("training", self.train_sha256, other.train_sha256),
                ("test", self.test_sha256, other.test_sha256),
            )
            if mine != its
        ]
        if not changed:
            return ""
        return f"{wanted}, got {other.name} with other {' and other '.join(changed)} images or labels"

    @property
    def words(self) -> str:
        """``mnist with 60,000 training and 10,000 test images``."""
        return f"{self.name} with {self.train_images:,} training and {counted(self.test_images, 'test image')}"


def fingerprint(
    name: str, train: tuple[Array, Array], test: tuple[Array, Array], cancelled: Cancelled | None = None
) -> DataFingerprint:
    """The fingerprint of the images and labels that are used.

    Parameters
    ----------
    name : str
    train, test : (ndarray, ndarray)
        Images ``(n, C, H, W)`` and labels ``(n,)``.
    cancelled : callable, optional
        Asked every few megabytes whether to give up.

    Raises
    ------
    LoadCancelledError
        ``cancelled`` returned True.
    """
    return DataFingerprint(name, len(train[1]), len(test[1]), digest(train, cancelled), digest(test, cancelled))


def digest(arrays: Iterable[Array], cancelled: Cancelled | None = None) -> str:
    """SHA-256 of arrays with their types and shapes, the same on every machine."""
    made = hashlib.sha256()
    for array in arrays:
        kind = array.dtype.newbyteorder("<")
        made.update(f"{kind.str}{array.shape}".encode())
        contents = np.ascontiguousarray(array, kind).reshape(-1).view(np.uint8)
        for block in blocks(len(contents), cancelled):
            made.update(contents[block].data)
    return made.hexdigest()
