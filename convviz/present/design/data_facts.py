"""A data set in a few facts, and whether a design can be trained on it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from convviz.core.design import Design, Input
from convviz.data.sources import BuiltinDigits, ImageSpec
from convviz.present.design.build_text import written_shape
from convviz.present.words import counted


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why a design and a data set don't go together."""

    sentence: str
    fixable: bool
    """Whether the design can take the data's images and classes."""
    digits: bool = False
    """Whether the built-in digits fit the design, and nothing is open."""


@dataclass(frozen=True, slots=True, eq=False)
class DataFacts:
    """A data set in a few facts.

    Parameters
    ----------
    name : str
    training, test : int
        How many images there are.
    shape : (int, int, int)
        Channels, height, width.
    classes : int
    sample : ndarray of float32, ``(C, H, W)``, or None
        One of its images.
    stands_in : bool
        Whether it is one black image, because no data set is open.
    """

    name: str
    training: int
    test: int
    shape: tuple[int, int, int]
    classes: int
    sample: npt.NDArray[np.float32] | None = None
    stands_in: bool = False

    def equals(self, other: DataFacts | None) -> bool:
        """Whether all facts are those of another data set, too; also its image."""
        if other is None:
            return False
        names = {field.name for field in fields(self)} - {"sample"}  # arrays are compared cell by cell
        if any(getattr(self, name) != getattr(other, name) for name in names):
            return False
        if self.sample is None or other.sample is None:
            return self.sample is other.sample
        return np.array_equal(self.sample, other.sample)

    def trouble(self, design: Design) -> Mismatch | None:
        """Why the design can't be trained on it; None if it can."""
        image = (design.input.channels, design.input.height, design.input.width)
        if image != self.shape and self.stands_in:
            digits = ImageSpec.of(design).shape == BuiltinDigits.like.shape and design.classes >= 10
            return Mismatch(f"No data set is open; the network takes {written_shape(image)} images.", False, digits)
        if image != self.shape:
            return Mismatch(
                f"The network takes {written_shape(image)} images, {self.name} has {written_shape(self.shape)}.", True
            )
        if design.classes < self.classes:
            return Mismatch(f"The network tells {design.classes} classes apart, {self.name} has {self.classes}.", True)
        for name, there, wanted in (
            ("training", self.training, design.training.train_size),
            ("test", self.test, design.training.test_size),
        ):
            if wanted is not None and wanted > there:
                images = f"{counted(wanted, f'{name} image')} {'is' if wanted == 1 else 'are'} wanted"
                if self.stands_in:
                    return Mismatch(f"No data set is open; {images}.", False)
                return Mismatch(f"{images}, {self.name} has {there:,}.", False)
        return None

    def fitted(self, design: Design) -> Design:
        """The design with the data's image size and number of classes."""
        channels, height, width = self.shape
        image = Input(channels=channels, height=height, width=width)
        return replace(design, input=image, classes=max(self.classes, 2))
