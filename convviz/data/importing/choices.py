"""The choices in importing a file: every setting of a recipe, with its alternatives and the evidence."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from convviz.data.errors import DataError
from convviz.data.importing.axes import CHANNELS, channels_first
from convviz.data.importing.contents import Contents, Pair, RawArray
from convviz.data.importing.recipe import Finding, Recipe
from convviz.data.importing.recognise import Recognised, images_of, parts_of, recognise
from convviz.data.importing.second_file import OWN, PREFIX
from convviz.data.sources import ImageSpec
from convviz.plurals import counted

__all__ = ["ANOTHER", "Choice", "change_words", "choices_of", "with_choice"]

ANOTHER = "another"
"""Value of an option for which the user is asked next: for a file of test images, or for a size."""

NONE = "none"
SPANS: tuple[tuple[float, float], ...] = ((0.0, 1.0), (0.0, 255.0), (0.0, 65535.0), (-1.0, 1.0))
SHARES = (0.1, 1 / 7, 0.2, 0.3, 0.5)
MOST_ARRAYS = 100
"""Most arrays of a file that are offered."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting of a recipe.

    Parameters
    ----------
    key : str
        ``images``, ``labels``, ``first``, ``axes``, ``values``, ``invert``, ``test``, ``size``, ``fit``, ``colour`` or
        ``called``.
    title : str
    options : tuple of (str, object)
        The alternatives, each in words and as a value.
    value : object
        The chosen value.
    words : str
        The evidence for the chosen value, or what it means.
    sure : bool
        Whether nothing else fits.
    changes : bool
        Whether it changes the values of the file.
    """

    key: str
    title: str
    options: tuple[tuple[str, Any], ...]
    value: Any
    words: str = ""
    sure: bool = True
    changes: bool = False


def choices_of(
    path: Path, contents: Contents, recognised: Recognised, like: ImageSpec | None = None
) -> tuple[Choice, ...]:
    """All choices, in the order in which they depend on each other.

    Parameters
    ----------
    path : Path
    contents : Contents
    recognised : Recognised
    like : ImageSpec, optional
        The images that a network takes; their size is offered.
    """
    recipe = recognised.recipe
    found = {finding.choice: finding for finding in reversed(recognised.findings)}
    arrays = [array for array in contents.arrays if array.dtype.kind in "biufOSU"][:MOST_ARRAYS]
    pictures = [(_named(one), one.name) for one in arrays if math.prod(one.image_axes) > 3 or one.name in recipe.train]
    labels = [(_named(one), one.name) for one in arrays if one.name != recipe.train[0]]
    axes = _axes(images_of(contents, recipe.train), recipe)
    made = [
        _choice("images", "Images", pictures, recipe.train[0], found.get("form")),
        _choice("labels", "Labels", [*labels, (NONE, None)], recipe.train[1], found.get("labels")),
        _choice("axes", "Image", axes, (recipe.axes, recipe.image), found.get("axes")),
        _choice("values", "Values", _spans(recipe), (recipe.low, recipe.high), found.get("values")),
        _choice("invert", "Ink", [("large values", False), ("small values", True)], recipe.invert, found.get("invert")),
    ]
    if recipe.label_form == "numbers" and recipe.train[1] is not None:
        first = [(f"{label}", label) for label in sorted({0, 1, recipe.first_label})]
        words = f"labels {recipe.first_label}…{recipe.first_label + recipe.classes - 1}"
        made.insert(2, Choice("first", "First class", tuple(first), recipe.first_label, words))
    made += [_test(path, contents, recipe), _size(recipe, like)]
    if recipe.size is not None and recipe.size != recipe.image[1:]:
        fits = (("pad", "pad"), ("crop", "crop"), ("stretch", "stretch"))
        made.append(Choice("fit", "Proportions", fits, recipe.fit, "if the new size has different proportions"))
    colour = tuple((word, word) for word in ("as it is", "grey", "colour"))
    words = f"{recipe.image[0]} → {recipe.shape[0]}" if recipe.shape[0] != recipe.image[0] else ""
    channels = counted(recipe.image[0], "channel")
    made.append(Choice("colour", "Colour", colour, recipe.colour, words or channels, changes=bool(words)))
    return tuple(made)


def with_choice(
    path: Path, contents: Contents, recognised: Recognised, key: str, value: Any, like: ImageSpec | None = None
) -> Recognised:
    """Change one choice; whatever depends on it is recognised anew.

    Parameters
    ----------
    path : Path
    contents : Contents
    recognised : Recognised
    key : str
        Key of the choice; or ``name``, for the name of the data set.
    value : object
    like : ImageSpec, optional

    Raises
    ------
    DataError
        There is no such choice, or the value doesn't fit the file.
    """
    recipe = recognised.recipe
    if key in ("images", "labels"):
        train: Pair = (value, recipe.train[1]) if key == "images" else (recipe.train[0], value)
        parts: dict[str, Pair] = {"train": train}
        if recipe.test is not None and key == "labels" and value == recipe.train[1]:
            parts["test"] = recipe.test
        made = recognise(path, replace(contents, parts=parts), like, whole=False)
        kept = replace(
            made.recipe, name=recipe.name, size=recipe.size, fit=recipe.fit, colour=recipe.colour,
            invert=recipe.invert, test_file=_file_of(recipe, made.recipe.test),
            called=recipe.called if made.recipe.class_names == recipe.class_names else (),
        )  # fmt: skip
        return _chosen(replace(made, recipe=kept), "form" if key == "images" else key)
    changed: Mapping[str, Any]
    match key:
        case "axes":
            changed = {"axes": value[0], "image": value[1]}
        case "values":
            changed = {"low": value[0], "high": value[1]}
        case "test":
            return _with_test(path, contents, recognised, value, like)
        case "first":
            return _chosen(replace(recognised, recipe=recipe.counted_from(value)), key)
        case "called":
            changed = {"called": () if value == recipe.class_names else value}
        case "invert" | "size" | "fit" | "colour" | "name":
            changed = {key: value}
        case _:
            raise DataError(f"import: expected one of the choices, got {key!r}", field=key)
    return _chosen(replace(recognised, recipe=replace(recipe, **changed)), key)


def _with_test(
    path: Path, contents: Contents, recognised: Recognised, value: Pair | float, like: ImageSpec | None
) -> Recognised:
    """Take test images and labels from two arrays, or hold back a share of every class; then find the classes again."""
    recipe = recognised.recipe
    parts: dict[str, Pair] = {"train": recipe.train}
    if isinstance(value, tuple):
        parts["test"] = value
    found = recognise(path, replace(contents, parts=parts), like, whole=False).recipe
    same = found.class_names == recipe.class_names
    kept = replace(
        recipe,
        test=found.test,
        test_file=_file_of(recipe, found.test),
        test_share=recipe.test_share if isinstance(value, tuple) else value,
        label_form=found.label_form,
        first_label=found.first_label if not same else recipe.first_label,
        class_names=found.class_names,
        called=recipe.called if same else (),
    )
    return _chosen(replace(recognised, recipe=kept), "test")


def change_words(recipe: Recipe) -> tuple[str, ...]:
    """How a recipe changes the file's values, in words: ``values 0…255 divided by 255``."""
    words = []
    if (recipe.low, recipe.high) != (0.0, 1.0):
        words.append(f"values {_span_words(recipe.low, recipe.high)}")
    if recipe.axes.index("W") < recipe.axes.index("H"):
        words.append("images stored column by column turned")
    elif "C" in recipe.axes and recipe.image[0] > 1 and not channels_first(recipe.axes):
        words.append("channels put first")
    if recipe.invert:
        words.append("black and white exchanged")
    if recipe.label_form == "one-hot":
        words.append("one-hot labels made numbers")
    elif recipe.label_form == "numbers" and recipe.first_label:
        words.append(f"labels from {recipe.first_label} counted from 0")
    if recipe.size is not None and recipe.size != recipe.image[1:]:
        words.append(f"resized to {recipe.size[0]}×{recipe.size[1]}")
    if recipe.colour != "as it is" and recipe.shape[0] != recipe.image[0]:
        words.append(f"made {recipe.colour}")
    if recipe.test is None:
        words.append(f"{100 * recipe.test_share:.0f} % of every class held back for testing")
    return tuple(words)


def _chosen(recognised: Recognised, key: str) -> Recognised:
    """Mark a finding as sure, because the user has chosen it."""
    kept = tuple(found for found in recognised.findings if found.choice != key)
    return replace(recognised, findings=(*kept, Finding(key, "chosen by you")))


def _choice(
    key: str, title: str, options: list[tuple[str, Any]], value: object, found: Finding | None, words: str = ""
) -> Choice:
    if value not in [one for _, one in options]:
        options = [(str(value), value), *options]
    if found is None:
        return Choice(key, title, tuple(options), value, words)
    return Choice(key, title, tuple(options), value, found.words, found.sure, found.changes)


def _test(path: Path, contents: Contents, recipe: Recipe) -> Choice:
    """The choice of test images: arrays of this file, those of another file, or a share of the training images."""
    options: list[tuple[str, Any]] = []
    _, there, _ = parts_of(path, contents)
    for pair in dict.fromkeys((recipe.test, there, contents.parts.get(OWN))):
        if pair is not None:
            file = Path(recipe.test_file).name if pair[0].startswith(PREFIX) else ""
            options.append((file or f"{pair[0]} of the file", pair))
    options += [(f"{100 * share:.0f} % of every class", share) for share in sorted({*SHARES, recipe.test_share})]
    options.append(("another file …", ANOTHER))
    if recipe.test is None:
        return Choice("test", "Test images", tuple(options), recipe.test_share, "held back, drawn with a seed")
    words = counted(images_of(contents, recipe.test).count, "image")
    return Choice("test", "Test images", tuple(options), recipe.test, words)


def _file_of(recipe: Recipe, test: Pair | None) -> str:
    """The other file, if the test images come from it; else empty."""
    return recipe.test_file if test is not None and test[0].startswith(PREFIX) else ""


def _named(array: RawArray) -> str:
    return f"{array.name}  {'×'.join(f'{length:,}' for length in array.shape)}"


def _axes(images: RawArray, recipe: Recipe) -> list[tuple[str, tuple[str, tuple[int, int, int]]]]:
    """The orders of axes that an array's images can have, in words and as a value."""
    lengths = tuple(images.image_axes)
    if len(lengths) != 3:
        lengths = tuple(length for length in lengths if length != 1)
    found: list[tuple[str, tuple[int, int, int]]] = [(recipe.axes, recipe.image)]
    if len(lengths) == 2:
        found += [("HW", (1, *lengths)), ("WH", (1, lengths[1], lengths[0]))]
    elif len(lengths) == 3:
        for order in ("CHW", "HWC", "CWH", "WHC"):
            channels, height, width = (lengths[order.index(axis)] for axis in "CHW")
            if channels in CHANNELS:
                found.append((order, (channels, height, width)))
    else:
        numbers = math.prod(lengths)
        for channels in CHANNELS:
            side = math.isqrt(numbers // channels)
            if side and channels * side * side == numbers:
                orders = ("HW", "WH") if channels == 1 else ("CHW", "HWC", "CWH", "WHC")
                found += [(order, (channels, side, side)) for order in orders]
    return [(_axes_words(axes, image), (axes, image)) for axes, image in dict.fromkeys(found)]


def _axes_words(axes: str, image: tuple[int, int, int]) -> str:
    words = f"{image[1]}×{image[2]}" if image[0] == 1 else f"{image[0]}×{image[1]}×{image[2]}"
    if "C" in axes and image[0] > 1:
        words += ", planes" if channels_first(axes) else ", by pixel"
    return words + (", by columns" if axes.index("W") < axes.index("H") else "")


def _spans(recipe: Recipe) -> list[tuple[str, tuple[float, float]]]:
    spans = dict.fromkeys(((recipe.low, recipe.high), *SPANS))
    return [(_span_words(*span), span) for span in spans]


def _span_words(low: float, high: float) -> str:
    span = f"{low:.4g}…{high:,.6g}".replace("-", "−")
    if (low, high) == (0.0, 1.0):
        return f"{span}, as they are"
    return f"{span}, divided by {high:,.6g}" if low == 0 else f"{span}, moved to 0…1"


def _size(recipe: Recipe, like: ImageSpec | None) -> Choice:
    own = (recipe.image[1], recipe.image[2])
    sizes: list[tuple[str, tuple[int, int] | str | None]] = [(f"{own[0]}×{own[1]}, as it is", None)]
    wanted = [(like.height, like.width)] if like is not None else []
    for size in dict.fromkeys([*wanted, (28, 28), (32, 32), (64, 64)]):
        if size != own:
            note = ", the network's" if size in wanted else ""
            sizes.append((f"{size[0]}×{size[1]}{note}", size))
    if recipe.size is not None and recipe.size not in [size for _, size in sizes] and recipe.size != own:
        sizes.append((f"{recipe.size[0]}×{recipe.size[1]}", recipe.size))
    sizes.append(("another size …", ANOTHER))
    resized = recipe.size is not None and recipe.size != own
    choice = _choice("size", "Size", sizes, None if recipe.size == own else recipe.size, None)
    return replace(choice, words="bilinear" if resized else "no pixel is changed", changes=resized)
