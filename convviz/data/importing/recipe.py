"""The recipe by which the arrays of a file become a data set. Every field of it can be changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from convviz.data.errors import DataError
from convviz.data.importing.contents import Pair

__all__ = ["Colour", "Finding", "Fit", "LabelForm", "Recipe"]

LabelForm = Literal["numbers", "one-hot", "text"]
Fit = Literal["stretch", "crop", "pad"]
Colour = Literal["as it is", "grey", "colour"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The reason for one choice of a recipe.

    Parameters
    ----------
    choice : str
        What was chosen: ``form``, ``axes``, ``values`` or ``labels``.
    words : str
        The evidence: ``784 columns, a square``.
    sure : bool
        Whether nothing else fits.
    changes : bool
        Whether it changes the values or their order: scaling, transposing, counting labels from 1.
    """

    choice: str
    words: str
    sure: bool = True
    changes: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a data set of a file.

    Parameters
    ----------
    name : str
        Name of the data set.
    train : Pair
        Arrays of the training images and labels.
    test : Pair or None
        Arrays for testing; without them, ``test_share`` of the training images is held back.
    axes : str
        Order of an image's axes in the file: ``HW``, ``CHW``, ``HWC``, with ``H`` and ``W`` exchanged if images are
        stored column by column. Flat rows are reshaped to ``image`` in this order.
    image : tuple of int
        (C, H, W) of an image in the file.
    low, high : float
        Values in the file that become 0 and 1.
    invert : bool
        Whether to exchange 0 and 1, so that ink is 1 and paper 0.
    label_form : str
        ``numbers``, ``one-hot`` or ``text``.
    first_label : int
        Number of the first class, if labels are numbers.
    zero_label : int or None
        A label that means class 0: SVHN writes 10.
    class_names : tuple of str
        Names of the classes as recognised.
    test_share : float
        Share of every class that is held back for testing if there are no test images; between 0 and 1.
    size : tuple of int or None
        (H, W) to resize to; None leaves the size as it is.
    fit : str
        How to resize images of other proportions: ``pad``, ``crop`` or ``stretch``.
    colour : str
        ``grey`` (by ITU-R BT.601), ``colour`` (three channels), or ``as it is``.
    test_file : str
        Path of another file with the test images, in which ``test`` names arrays; empty if there is none.
    called : tuple of str
        Names for all classes that replace ``class_names``; empty keeps those.

    Raises
    ------
    DataError
        A number is out of range.
    """

    name: str
    train: Pair
    test: Pair | None
    axes: str
    image: tuple[int, int, int]
    low: float = 0.0
    high: float = 1.0
    invert: bool = False
    label_form: LabelForm = "numbers"
    first_label: int = 0
    zero_label: int | None = None
    class_names: tuple[str, ...] = ()
    test_share: float = 1 / 7
    size: tuple[int, int] | None = None
    fit: Fit = "pad"
    colour: Colour = "as it is"
    test_file: str = ""
    called: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise DataError(f"values: expected a low value below the high one, got {self.low:g}…{self.high:g}")
        if not 0 < self.test_share < 1:
            raise DataError(f"test share: expected a number between 0 and 1, got {self.test_share:g}")
        if self.size is not None and not all(1 <= side <= 1024 for side in self.size):
            raise DataError(f"size: expected 1 to 1,024 pixels a side, got {self.size[0]}×{self.size[1]}")
        if self.called and (len(self.called) != self.classes or not all(name.strip() for name in self.called)):
            got = f"{len(self.called)}: {', '.join(self.called)}"
            raise DataError(f"class names: expected a name for each of the {self.classes} classes, got {got}")

    def counted_from(self, first: int) -> Recipe:
        """The recipe with labels that count from ``first``; classes that are named by their numbers are renamed."""
        last = self.first_label + self.classes - 1
        names = self.class_names
        if names == tuple(str(label) for label in range(self.first_label, last + 1)):
            names = tuple(str(label) for label in range(first, last + 1))
        return replace(self, first_label=first, class_names=names, called=())

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of the converted images."""
        channels, height, width = self.image
        channels = {"as it is": channels, "grey": 1, "colour": 3}[self.colour]
        return (channels, *(self.size or (height, width)))

    @property
    def parts(self) -> dict[str, Pair]:
        """The arrays for training, and those for testing if there are any."""
        return {"train": self.train, **({"test": self.test} if self.test is not None else {})}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the classes in the data set."""
        return self.called or self.class_names

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)
