"""Facts about the training images that the warnings need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class DataHealth:
    """Facts about the training images.

    Parameters
    ----------
    largest : float
        Largest absolute value of a pixel.
    classes : int
        How many different labels there are; 0 where there is only one image, which can have no second label.
    """

    largest: float
    classes: int

    @classmethod
    def of(cls, images: npt.NDArray[np.float32], labels: npt.NDArray[np.int64], most: int = 1024) -> DataHealth:
        """Look at the first images, and at all labels."""
        some = images[:most]
        return cls(float(np.abs(some).max(initial=0.0)), len(np.unique(labels)) if len(labels) > 1 else 0)
