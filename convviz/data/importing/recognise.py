"""Finds out what the arrays of a file mean, and on what evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from convviz.data.checks import Room
from convviz.data.errors import DataError
from convviz.data.importing.axes import arrangement_of, shape_words
from convviz.data.importing.contents import Contents, Pair, RawArray
from convviz.data.importing.labels import Column, column_of, labelling_of
from convviz.data.importing.names import pairs_by_name
from convviz.data.importing.recipe import Finding, Recipe
from convviz.data.importing.values import SAMPLE, scale_of, span_of
from convviz.data.sources import ImageSpec
from convviz.files.cancel import Cancelled

__all__ = ["Recognised", "columns_of", "images_of", "parts_of", "recognise", "take_room"]

MOST_NAMED = 12
"""Most arrays that a message lists."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A recipe for a file, and the evidence for its choices.

    Parameters
    ----------
    recipe : Recipe
    findings : tuple of Finding
        One per choice, in the order in which they depend on each other; then the notes of the file's reader.
    """

    recipe: Recipe
    findings: tuple[Finding, ...]

    @property
    def is_sure(self) -> bool:
        """Whether nothing had to be guessed."""
        return all(found.sure for found in self.findings)

    @property
    def changes(self) -> tuple[str, ...]:
        """How the file's values are changed, to tell a user who was not shown the choices."""
        return tuple(f"{found.choice}: {found.words}" for found in self.findings if found.changes)


def recognise(
    path: Path,
    contents: Contents,
    like: ImageSpec | None = None,
    *,
    whole: bool = True,
    guess: bool = False,
    cancelled: Cancelled | None = None,
) -> Recognised:
    """Find out which arrays are images and labels, and what their values mean.

    Parameters
    ----------
    path : Path
        For messages.
    contents : Contents
    like : ImageSpec, optional
        What a network expects; decides only if more than one interpretation fits.
    whole : bool
        Whether to examine all values; otherwise those of the first 2,000 images.
    guess : bool
        Whether to propose likely arrays if nothing says which are meant, so that the user can choose others.
    cancelled : callable, optional

    Raises
    ------
    DataError
        There are no images, or their arrays don't fit each other; or all values are to be examined, and are too many.
    """
    train, test, found_by = parts_of(path, contents, guess=guess)
    images = _turned(contents[train[0]], contents[train[1]] if train[1] else None)
    arrangement = arrangement_of(f"{path}: {images.name}", images, contents.axes, like)
    if test is not None:
        other = arrangement_of(f"{path}: {test[0]}", contents[test[0]], contents.axes, like)
        if other.image != arrangement.image:
            raise DataError(
                f"{path}: {test[0]}: expected images of {shape_words(arrangement.image)} as in {train[0]}, "
                f"got {shape_words(other.image)}",
                field=test[0],
            )
    if whole:
        room = Room()
        for one in (images, *([images_of(contents, test)] if test is not None else [])):
            take_room(path, one, arrangement.image, room)
    limit = None if whole else SAMPLE
    low, high, scale = scale_of(images, span_of(f"{path}: {images.name}", images, images=limit, cancelled=cancelled))
    recipe = Recipe(path.stem, train, test, arrangement.axes, arrangement.image, low, high)
    findings = [found_by, arrangement.finding, scale]
    if test is not None and whole:
        _same_scale(path, recipe, contents, cancelled)
    columns, remarks = columns_of(path, contents, recipe)
    if columns:
        every = columns[0]
        if len({(column.dtype.kind, column.shape[1:]) for column in columns}) == 1:
            every = np.concatenate(columns)
        labelling = labelling_of(f"{path}: {train[1]}", every, contents.class_names, like)
        recipe = replace(
            recipe, label_form=labelling.form, first_label=labelling.first, class_names=labelling.class_names
        )
        words = "; ".join([labelling.finding.words, *remarks])
        findings.append(replace(labelling.finding, words=words))
    findings += [Finding("form", note) for note in contents.notes]
    return Recognised(recipe, tuple(findings))


def columns_of(path: Path, contents: Contents, recipe: Recipe) -> tuple[list[Column], list[str]]:
    """The labels of each part, and remarks on them; empty where the training images have none.

    Raises
    ------
    DataError
        There are more or fewer labels than images.
    """
    columns, remarks = [], []
    for pair in (recipe.train, recipe.test):
        if pair is not None and pair[1] is not None:
            labels = contents[pair[1]]
            count = _turned(contents[pair[0]], labels).count
            column, remark = column_of(f"{path}: {pair[1]}", labels, count)
            columns.append(column)
            remarks += [remark] if remark and remark not in remarks else []
    return columns, remarks


def images_of(contents: Contents, pair: Pair) -> RawArray:
    """The images of a part; ``sample_axis`` tells along which axis they lie."""
    return _turned(contents[pair[0]], contents[pair[1]] if pair[1] else None)


def take_room(path: Path, images: RawArray, image: tuple[int, int, int], room: Room) -> None:
    """Reserve room for images that become (C, H, W), before any value of them is read.

    Raises
    ------
    DataError
        There are none, or no room for them.
    """
    what = f"{path}: {images.name}"
    if images.count == 0:
        raise DataError(f"{what}: expected at least one image, got none", field=images.name)
    declared = f"declared by shape {shape_words(images.shape)}"
    room.take(what, images.name, images.count * math.prod(image) * 4, images.stored, declared)


def _turned(images: RawArray, labels: RawArray | None) -> RawArray:
    """The images, along the last axis (MATLAB's order) if only that axis is as long as the labels."""
    if labels is None or len(images.shape) != 4 or images.sample_axis or images.shape[0] == labels.count:
        return images
    if images.shape[-1] not in labels.shape:
        return images

    def load(start: int, stop: int) -> np.ndarray:
        return images.load(0, images.shape[0])[..., start:stop]

    return RawArray(images.name, images.shape, images.dtype, images.stored, load, -1)


def parts_of(path: Path, contents: Contents, *, guess: bool = False) -> tuple[Pair, Pair | None, Finding]:
    """The arrays for training and for testing, and the evidence for them.

    Raises
    ------
    DataError
        There are no images.
    """
    pairs = dict(contents.parts)
    words = contents.form
    if not pairs:
        usable = [array.name for array in contents.arrays if array.dtype.kind in "biufOSU"]
        pairs = pairs_by_name(usable)
        words = f"{contents.form}, arrays by their names"
    if "train" not in pairs:
        pairs = {"train": pairs["test"]} if "test" in pairs else _alone(contents)
        words = f"{contents.form}, the only images"
    sure = bool(pairs)
    if not pairs and guess:
        pairs, words = _likeliest(contents), f"{contents.form}, nothing says which arrays are meant"
    if not pairs:
        held = [f"{array.name} {shape_words(array.shape)}" for array in contents.arrays]
        rest = ", …" if len(held) > MOST_NAMED else ""
        got = ", ".join(held[:MOST_NAMED]) + rest if held else "none"
        raise DataError(f"{path}: expected arrays of images and labels, such as x_train and y_train, got {got}")
    train, test = pairs["train"], pairs.get("test")
    if train[1] is not None and test is not None and test[1] is None:
        test = None
    return train, test, Finding("form", words, sure)


def _alone(contents: Contents) -> dict[str, Pair]:
    """The only array that can be images, and the only one that can be labels; empty if there are several of either."""
    images = [one for one in contents.arrays if len(one.shape) >= 2 and max(one.image_axes, default=0) > 1]
    labels = [one for one in contents.arrays if one not in images]
    if len(images) != 1 or len(labels) > 1:
        return {}
    return {"train": (images[0].name, labels[0].name if labels else None)}


def _likeliest(contents: Contents) -> dict[str, Pair]:
    """The largest array that has a label for each of its images; without labels, the largest."""
    images = [one for one in contents.arrays if len(one.shape) >= 2 and one.dtype.kind in "biuf" and one.count]
    found = []
    for one in images:
        fits = [other for other in contents.arrays if other.count == one.count and math.prod(other.image_axes) == 1]
        found.append((bool(fits), math.prod(one.shape), one.name, fits[0].name if fits else None))
    if not found or max(max(one.image_axes) for one in images) < 2:
        return {}
    _, _, name, labels = max(found, key=lambda one: one[:2])
    return {"train": (name, labels)}


def _same_scale(path: Path, recipe: Recipe, contents: Contents, cancelled: Cancelled | None) -> None:
    """Refuse test images that were divided by 255 when the training images were not."""
    assert recipe.test is not None
    test = images_of(contents, recipe.test)
    span = span_of(f"{path}: {test.name}", test, cancelled=cancelled)
    _, high, _ = scale_of(test, span)
    if recipe.low == 0 and high < recipe.high and recipe.high >= 255 and span.high <= 1 and span.high > 0:
        raise DataError(
            f"{path}: {test.name}: expected values in 0…{recipe.high:g} as in {recipe.train[0]}, got values in 0…1",
            field=test.name,
        )
