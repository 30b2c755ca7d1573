"""References to data sets, as plain values; :mod:`convviz.data.open` opens them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from convviz.core.design import Design
from convviz.data.checks import check_geometry
from convviz.data.dataset import Dataset
from convviz.data.importing.recipe import Recipe
from convviz.data.toy import TOY_CLASSES, TOY_SHAPE

__all__ = ["BuiltinDigits", "DataFile", "DataSource", "ImageSpec", "ToyImages", "builtin_for"]


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """Requirements on the images of a file.

    Parameters
    ----------
    channels, height, width : int
        Size of every image, each at least 1.
    classes : int
        At least 2; labels are 0…classes−1.

    Raises
    ------
    DataError
        The message names the number that is too small.
    """

    channels: int = 1
    height: int = 28
    width: int = 28
    classes: int = 10

    def __post_init__(self) -> None:
        check_geometry(channels=self.channels, height=self.height, width=self.width, classes=self.classes)

    @classmethod
    def of(cls, design: Design) -> ImageSpec:
        """The requirements of a design."""
        image = design.input
        return cls(image.channels, image.height, image.width, design.classes)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        return self.channels, self.height, self.width


@dataclass(frozen=True, slots=True)
class BuiltinDigits:
    """The built-in digits.

    Attributes
    ----------
    like : ImageSpec
        Their size and classes.
    counts : tuple of int
        How many there are for training and for testing.
    """

    like: ClassVar[ImageSpec] = ImageSpec(1, 28, 28, 10)
    counts: ClassVar[tuple[int, int]] = 50_000, 2_000

    @property
    def name(self) -> str:
        """Its name in the window and in messages."""
        return "built-in digits"


@dataclass(frozen=True, slots=True)
class ToyImages:
    """The two built-in 4×4 images, for designs that are small enough to work through by hand."""

    @property
    def name(self) -> str:
        """Its name in the window and in messages."""
        return "toy images"

    @staticmethod
    def fit(like: ImageSpec) -> bool:
        """Whether a network for images like these can take the toy images."""
        return like.shape == TOY_SHAPE and like.classes >= TOY_CLASSES


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file or folder, and the requirements on its images.

    Parameters
    ----------
    path : Path
    like : ImageSpec
    recipe : Recipe, optional
        How to make a data set of its arrays; found out unless given.
    """

    path: Path
    like: ImageSpec
    recipe: Recipe | None = None

    @property
    def name(self) -> str:
        """Its name in the window and in messages."""
        return self.path.name if self.recipe is None else self.recipe.name


DataSource = BuiltinDigits | ToyImages | DataFile | Dataset
"""A data set in memory is its own source."""


def builtin_for(like: ImageSpec) -> BuiltinDigits | ToyImages:
    """The built-in images that fit a network, for use when no file is named."""
    return ToyImages() if ToyImages.fit(like) else BuiltinDigits()
