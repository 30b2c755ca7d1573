"""Converts a file's arrays to a data set, following a recipe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.checks import Room
from convviz.data.dataset import Dataset
from convviz.data.errors import DataError
from convviz.data.importing.axes import arrange
from convviz.data.importing.contents import Contents, Pair
from convviz.data.importing.copies import chosen
from convviz.data.importing.labels import column_of, decode
from convviz.data.importing.recipe import Recipe
from convviz.data.importing.recognise import images_of, take_room
from convviz.data.importing.resize import colours, resized
from convviz.data.importing.values import BLOCK_VALUES
from convviz.files.cancel import Cancelled, blocks

__all__ = ["convert", "first_images", "held_back"]

Progress = Callable[[float], None]
Images = NDArray[np.float32]


def convert(
    path: Path,
    contents: Contents,
    recipe: Recipe,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Dataset:
    """Read all images and labels.

    Parameters
    ----------
    path : Path
        For messages, and the source of the data set.
    contents : Contents
    recipe : Recipe
    progress : callable, optional
        Called with the share that is done, 0…1.
    cancelled : callable, optional

    Returns
    -------
    Dataset
        Images as float32 (N, C, H, W) in 0…1, labels as int64 (N,).

    Raises
    ------
    DataError
        A value is outside ``low``…``high``, a label belongs to no class, or so many images don't fit in memory.
    LoadCancelledError
    """
    if recipe.train[1] is None:
        raise DataError(f"{path}: expected labels beside the images, found none; training needs a label for each image")
    room = Room()
    pairs = [recipe.train, *([recipe.test] if recipe.test else [])]
    total = sum(images_of(contents, pair).count for pair in pairs)
    done = 0
    parts: list[tuple[Images, NDArray[np.int64]]] = []
    for pair in pairs:
        labels = _labels(path, contents, pair, recipe)
        before = done

        def tell(count: int, before: int = before) -> None:
            if progress is not None:
                progress((before + count) / total)

        images = _images(path, contents, pair, recipe, room, tell, cancelled)
        parts.append((images, labels))
        done += len(images)
    if len(parts) == 1:
        parts = _split(path, *parts[0], recipe, cancelled)
    (x_train, y_train), (x_test, y_test) = parts
    return Dataset(
        recipe.name, x_train, y_train, x_test, y_test, max(2, recipe.classes), str(path), _names(recipe.names)
    )


def first_images(path: Path, contents: Contents, recipe: Recipe, start: int, stop: int) -> Images:
    """Training images from ``start`` to ``stop`` (excluded) after conversion, (n, C, H, W)."""
    images = images_of(contents, recipe.train)
    return _finished(f"{path}: {images.name}", start, images.rows(start, min(stop, images.count)), recipe)


def held_back(labels: NDArray[np.int64], share: float, seed: int = 0) -> NDArray[np.bool_]:
    """Which images are for testing: the same share of every class, drawn with a seed.

    Parameters
    ----------
    labels : ndarray of int64, (N,)
    share : float
        In 0…1.
    seed : int

    Returns
    -------
    ndarray of bool, (N,)
        At least one image is held back and at least one is not.
    """
    draw = np.random.default_rng(seed)
    held = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        own = draw.permutation(np.flatnonzero(labels == label))
        held[own[: round(share * len(own))]] = True
    if not held.any():
        held[draw.integers(len(labels))] = True
    elif held.all():
        held[draw.integers(len(labels))] = False
    return held


def _split(
    path: Path, images: Images, labels: NDArray[np.int64], recipe: Recipe, cancelled: Cancelled | None
) -> list[tuple[Images, NDArray[np.int64]]]:
    if len(labels) < 2:
        raise DataError(f"{path}: expected at least 2 images, one of them for testing, got {len(labels)}")
    held = held_back(labels, recipe.test_share)
    return [(chosen(images, which, cancelled), labels[which]) for which in (~held, held)]


def _labels(path: Path, contents: Contents, pair: Pair, recipe: Recipe) -> NDArray[np.int64]:
    assert pair[1] is not None
    what = f"{path}: {pair[1]}"
    column, _ = column_of(what, contents[pair[1]], images_of(contents, pair).count)
    return decode(what, column, recipe)


def _images(
    path: Path,
    contents: Contents,
    pair: Pair,
    recipe: Recipe,
    room: Room,
    tell: Callable[[int], None],
    cancelled: Cancelled | None,
) -> Images:
    array = images_of(contents, pair)
    what = f"{path}: {array.name}"
    take_room(path, array, recipe.shape, room)
    size = int(np.prod(recipe.shape))
    images = np.empty((array.count, *recipe.shape), np.float32)
    step = max(1, BLOCK_VALUES // max(size, int(np.prod(recipe.image))))
    for block in blocks(array.count, cancelled, step):
        images[block] = _finished(what, block.start, array.rows(block.start, block.stop), recipe)
        tell(block.stop)
    return images


def _finished(what: str, start: int, rows: NDArray[Any], recipe: Recipe) -> Images:
    """Convert some images to (n, C, H, W), checking every value."""
    if rows.dtype.kind not in "biuf":
        raise DataError(f"{what}: expected pixels as numbers, got {rows.dtype.name}")
    low, high = float(rows.min()), float(rows.max())
    if not (recipe.low <= low and high <= recipe.high):
        flat = rows.reshape(len(rows), -1)
        at = int(np.argmax(~((flat >= recipe.low) & (flat <= recipe.high)).all(axis=1)))
        got = (
            "NaN or infinite ones" if not np.isfinite(flat[at]).all() else f"{flat[at].min():.6g}…{flat[at].max():.6g}"
        )
        span = f"{recipe.low:.6g}…{recipe.high:.6g}"
        raise DataError(f"{what}: expected values in {span}, got {got} in image {start + at:,}".replace("-", "−"))
    if rows[0].size != np.prod(recipe.image):
        shape = "×".join(map(str, recipe.image))
        raise DataError(f"{what}: expected {shape} numbers per image, got {rows[0].size:,}")
    laid = arrange(rows, recipe.axes, recipe.image)
    images = np.empty(laid.shape, np.float32)
    if recipe.low == 0:
        np.divide(laid, np.float32(recipe.high), out=images, casting="unsafe")
    else:
        np.divide(laid - recipe.low, recipe.high - recipe.low, out=images, casting="unsafe")
    if recipe.invert:
        np.subtract(np.float32(1), images, out=images)
    images = colours(images, recipe.colour)
    if recipe.size is not None and recipe.size != tuple(images.shape[-2:]):
        images = resized(images, recipe.size, recipe.fit)
    return images


def _names(found: tuple[str, ...]) -> tuple[str, ...]:
    """The names, with a second class that has no images if there is only one, which is too few for a network."""
    return found if len(found) > 1 else (*found, *("no other class" for _ in range(2 - len(found))))
