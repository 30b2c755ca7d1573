"""The part of a data set that the trainer needs: plain arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Split:
    """Images and labels.

    Parameters
    ----------
    images : ndarray of float32, ``(n, C, H, W)``
    labels : ndarray of int64, ``(n,)``
    """

    images: Images
    labels: Labels

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or len(self.images) != len(self.labels):
            raise ValueError(
                f"images and labels: expected (n, C, H, W) and (n,), got {self.images.shape} and {self.labels.shape}"
            )

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, count: int | None) -> Split:
        """The first ``count`` images; None takes all."""
        return Split(self.images[:count], self.labels[:count])


def batch_sizes(images: int, largest: int) -> list[int]:
    """The sizes of the batches that ``images`` images are cut into: ``largest``, and that of a smaller last one."""
    whole, rest = divmod(images, largest)
    return [largest] * (whole > 0) + [rest] * (rest > 0)


def are_at(some: Sequence[Split], others: Sequence[Split]) -> bool:
    """Whether images and labels are the same memory as others that still exist."""
    places = [
        [(one.ctypes.data, one.strides, one.shape, one.dtype) for both in splits for one in (both.images, both.labels)]
        for splits in (some, others)
    ]
    return places[0] == places[1]
