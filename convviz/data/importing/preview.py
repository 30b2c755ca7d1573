"""A preview of the data set that a recipe would make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convviz.data.importing.contents import Contents
from convviz.data.importing.convert import first_images, held_back
from convviz.data.importing.labels import decode
from convviz.data.importing.recipe import Recipe
from convviz.data.importing.recognise import columns_of, images_of
from convviz.data.importing.values import SAMPLE
from convviz.data.sources import ImageSpec
from convviz.plurals import counted

__all__ = ["SHOWN", "ImportPreview", "preview_of"]

SHOWN = 24
BINS = 32
MOST_NUMBERS = 2**23
"""Most pixel values that are examined."""
UNEVEN = 10
"""If the largest class has more than this many times as many images as the smallest, a remark says so."""


@dataclass(frozen=True, slots=True, eq=False)
class ImportPreview:
    """The first images, and statistics, of the data set that a recipe would make.

    Parameters
    ----------
    recipe : Recipe
    start : int
        Index of the first image that is shown.
    images : ndarray of float32, (n, C, H, W)
        The images that are shown.
    labels : tuple of str
        Names of their classes; empty texts if there are no labels.
    counts : ndarray of int64, (classes,)
        Training images of each class, before any are held back.
    train, test : int
        Numbers of images in the data set.
    looked_at : int
        Number of training images, the first of the file, that the following statistics are computed over.
    histogram : ndarray of int64, (32,)
        How many of their values lie in each of 32 equal parts of 0…1.
    mean_image : ndarray of float32, (C, H, W)
    mean, std : float
        Mean and standard deviation of their values.
    still : int
        Number of pixel values, of C·H·W, that are the same in all of them.
    twice : int
        Number of images that repeat an earlier one.
    remarks : tuple of (str, str)
        ``warning`` or ``info``, and a sentence; warnings first.
    """

    recipe: Recipe
    start: int
    images: NDArray[np.float32]
    labels: tuple[str, ...]
    counts: NDArray[np.int64]
    train: int
    test: int
    looked_at: int
    histogram: NDArray[np.int64]
    mean_image: NDArray[np.float32]
    mean: float
    std: float
    still: int
    twice: int
    remarks: tuple[tuple[str, str], ...]

    @property
    def bytes(self) -> int:
        """Memory that all images will take."""
        return (self.train + self.test) * int(np.prod(self.recipe.shape)) * 4


def preview_of(
    path: Path, contents: Contents, recipe: Recipe, start: int = 0, like: ImageSpec | None = None
) -> ImportPreview:
    """Read the first images and all labels, and preview the data set that a recipe makes of them.

    Parameters
    ----------
    path : Path
    contents : Contents
    recipe : Recipe
    start : int
        Index of the first image to show.
    like : ImageSpec, optional
        What a network takes; a remark says where the data set differs.

    Raises
    ------
    DataError
        The recipe does not fit the file.
    """
    total = images_of(contents, recipe.train).count
    size = int(np.prod(recipe.shape))
    looked_at = max(1, min(total, SAMPLE, MOST_NUMBERS // max(1, size, int(np.prod(recipe.image)))))
    first = first_images(path, contents, recipe, 0, looked_at)
    start = max(0, min(start, total - SHOWN))
    shown = first_images(path, contents, recipe, start, start + SHOWN)
    columns, _ = columns_of(path, contents, recipe)
    counts, names, test = np.zeros(0, np.int64), ("",) * len(shown), 0
    if columns:
        labels = decode(f"{path}: {recipe.train[1]}", columns[0], recipe)
        counts = np.bincount(labels, minlength=recipe.classes).astype(np.int64)
        names = tuple(recipe.names[label] for label in labels[start : start + len(shown)])
        test = int(held_back(labels, recipe.test_share).sum()) if recipe.test is None and total > 1 else 0
    if recipe.test is not None:
        train, test = total, images_of(contents, recipe.test).count
    else:
        train = total - test
    histogram, _ = np.histogram(first, BINS, (0.0, 1.0))
    still = int((first == first[:1]).all(axis=0).sum())
    twice = len(first) - len({image.tobytes() for image in first})
    made = ImportPreview(
        recipe, start, shown, names, counts, train, test, len(first), histogram.astype(np.int64),
        first.mean(axis=0), float(first.mean()), float(first.std()), still, twice, (),
    )  # fmt: skip
    return _with_remarks(made, like)


def _with_remarks(made: ImportPreview, like: ImageSpec | None) -> ImportPreview:
    recipe, counts = made.recipe, made.counts
    warnings, facts = [], []
    if recipe.train[1] is None:
        warnings.append("There are no labels: it can't be trained on.")
    if like is not None and recipe.shape != like.shape:
        own, wanted = ("×".join(map(str, shape)) for shape in (recipe.shape, like.shape))
        warnings.append(f"The network takes {wanted}: with {own} its input is changed.")
    if like is not None and recipe.classes > like.classes:
        warnings.append(f"The network knows {like.classes} classes: with {recipe.classes} its last layer is changed.")
    empty = int((counts == 0).sum())
    if empty:
        warnings.append(f"{empty:,} of {len(counts):,} classes {'has' if empty == 1 else 'have'} no training image.")
    some = counts[counts > 0]
    if len(some) > 1 and some.max() > UNEVEN * some.min():
        warnings.append(f"The largest class has {some.max() / some.min():.0f} times as many images as the smallest.")
    if (recipe.low, recipe.high) != (0.0, 1.0):
        low, high = (f"{value:,.6g}".replace("-", "−") for value in (recipe.low, recipe.high))
        how = f"divided by {high}" if recipe.low == 0 else "moved and scaled"
        facts.append(f"Values are {low}…{high}: {how}, so that the network sees 0…1.")
    pixels = int(np.prod(recipe.shape))
    if made.still > 0 and made.looked_at > 1:
        which = (
            "every image"
            if made.looked_at == made.train + made.test
            else f"the first {counted(made.looked_at, 'image')}"
        )
        facts.append(f"{made.still:,} of {pixels:,} values are the same in {which}.")
    if made.twice:
        verb = "repeats" if made.twice == 1 else "repeat"
        facts.append(f"{made.twice:,} of the first {counted(made.looked_at, 'image')} {verb} an earlier one.")
    return replace(made, remarks=(*(("warning", one) for one in warnings), *(("info", one) for one in facts)))
