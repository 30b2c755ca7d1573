"""Finds out what the labels of a file are: numbers from 0 or 1, one-hot rows, or names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.checks import Room
from convviz.data.errors import DataError
from convviz.data.importing.axes import shape_words
from convviz.data.importing.contents import RawArray
from convviz.data.importing.recipe import Finding, LabelForm, Recipe
from convviz.data.sources import ImageSpec
from convviz.plurals import counted

__all__ = ["MOST_CLASSES", "Labelling", "column_of", "decode", "labelling_of"]

MOST_CLASSES = 10_000
LONGEST_NAME = 80

Column = NDArray[Any]
"""Labels as they are in the file: (n,) numbers or text, or (n, K) one-hot."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """How labels are encoded."""

    form: LabelForm
    first: int
    class_names: tuple[str, ...]
    finding: Finding


def column_of(what: str, array: RawArray, images: int) -> tuple[Column, str]:
    """The labels of all images, and a remark if only the first of several per image is used.

    Parameters
    ----------
    what : str
        File and array, for messages.
    array : RawArray
        One label per image, along any axis; or (N, K) one-hot.
    images : int
        N.

    Returns
    -------
    column : ndarray, (N,) or (N, K)
    remark : str
        Empty if all numbers are used.

    Raises
    ------
    DataError
        There are more or fewer labels than images, or they can't be labels; nothing is read that has no room.
    """
    size = max(array.declared, 8 * array.count)  # labels are kept as int64
    Room().take(what, array.name, size, array.stored, f"declared by shape {shape_words(array.shape)}", "labels")
    values = np.asarray(array.load(0, array.count))
    if array.sample_axis == 0 and values.ndim == 2 and values.shape[0] == 1 != images:
        values = values.T  # a row, as MATLAB writes it
    values = values.reshape(len(values), -1) if values.ndim > 1 else values
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if len(values) != images:
        raise DataError(
            f"{what}: expected one label for each of the {counted(images, 'image')}, got {len(values):,}",
            field=array.name,
        )
    if values.dtype.kind in "OSU":
        return np.array([_text(what, value) for value in values.reshape(len(values), -1)[:, 0]]), ""
    if values.dtype.kind == "b":
        values = values.astype(np.int64)
    if values.dtype.kind not in "iuf":
        raise DataError(f"{what}: expected labels as numbers or text, got {values.dtype.name}", field=array.name)
    if values.dtype.kind == "f":
        with np.errstate(invalid="ignore"):  # without a warning for a signalling NaN, which is refused below
            wrong = ~(np.isfinite(values) & (values == np.rint(values)))
        if wrong.any():
            at = int(np.argmax(wrong.reshape(len(values), -1).any(axis=1)))
            value = values.reshape(len(values), -1)[at][wrong.reshape(len(values), -1)[at]][0]
            raise DataError(f"{what}: expected whole numbers, got {value:g} at image {at:,}", field=array.name)
        if np.abs(values).max(initial=0) > 2**53:
            raise DataError(f"{what}: expected labels up to {MOST_CLASSES:,}, got {np.abs(values).max():g}")
    if values.ndim == 1 or _one_hot(values):
        return values, ""
    return values[:, 0], f"the first of {values.shape[1]} numbers per image is taken as its label"


def labelling_of(what: str, column: Column, names: tuple[str, ...] = (), like: ImageSpec | None = None) -> Labelling:
    """Find out how labels are encoded, and which classes there are.

    Parameters
    ----------
    what : str
        For messages.
    column : ndarray
        Labels of all parts of the data set.
    names : tuple of str
        Names of the classes, if the file has them.
    like : ImageSpec, optional
        What a network expects: if all labels are among its classes, they count from 0.

    Raises
    ------
    DataError
        There are too many classes, or a name of a class is empty or too long.
    """
    if column.ndim == 2:
        count = column.shape[1]
        words = f"one-hot rows of {count}"
        return Labelling("one-hot", 0, _named(names, count, 0), Finding("labels", words))
    if column.dtype.kind in "U":
        found = sorted(set(column.tolist()))
        _limit(what, len(found))
        words = f"text, {len(found)} {'class' if len(found) == 1 else 'classes'}"
        return Labelling("text", 0, tuple(found), Finding("labels", words))
    distinct = np.unique(column).astype(np.int64)
    low, high = int(distinct[0]), int(distinct[-1])
    if low < 0 or high > MOST_CLASSES:
        _limit(what, len(distinct))
        words = f"{counted(len(distinct), 'different number')} in {low}…{high}, each a class".replace("-", "−")
        return Labelling("text", 0, tuple(str(value) for value in distinct), Finding("labels", words, sure=False))
    if names:
        first = 1 if low >= 1 and high == len(names) else 0
        sure = True
    elif like is not None and high < like.classes:
        first, sure = 0, True
    else:
        first = 1 if low == 1 and len(distinct) == high else 0
        sure = first == 0
    count = max(high - first + 1, len(names), 2)
    _limit(what, count)
    words = f"whole numbers {low}…{high}" + (", counted from 1" if first else "")
    return Labelling("numbers", first, _named(names, count, first), Finding("labels", words, sure, bool(first)))


def decode(what: str, column: Column, recipe: Recipe) -> NDArray[np.int64]:
    """Labels as classes, 0…K−1.

    Raises
    ------
    DataError
        A label belongs to no class.
    """
    if recipe.label_form == "one-hot":
        if column.ndim != 2:
            raise DataError(f"{what}: expected one-hot rows, got one value per image")
        found: NDArray[np.int64] = column.argmax(axis=1).astype(np.int64)
        return found
    if column.ndim != 1:
        raise DataError(f"{what}: expected one label per image, got {column.shape[1]}")
    if recipe.label_form == "text":
        known = {name: at for at, name in enumerate(recipe.class_names)}
        text = [str(value) for value in (column if column.dtype.kind == "U" else column.astype(np.int64)).tolist()]
        unknown = next((value for value in text if value not in known), None)
        if unknown is not None:
            raise DataError(f"{what}: expected labels among the {len(known)} classes, got {unknown!r}")
        return np.array([known[value] for value in text], np.int64)
    if column.dtype.kind == "U":
        raise DataError(f"{what}: expected labels as numbers, got text")
    labels = column.astype(np.int64)
    if recipe.zero_label is not None:
        labels = np.where(labels == recipe.zero_label, 0, labels)
    labels = labels - recipe.first_label
    wrong = (labels < 0) | (labels >= recipe.classes)
    if wrong.any():
        at = int(np.argmax(wrong))
        span = f"{recipe.first_label}…{recipe.first_label + recipe.classes - 1}"
        raise DataError(f"{what}: expected labels in {span}, got {int(column[at])} at image {at:,}")
    return labels


def _one_hot(values: NDArray[Any]) -> bool:
    return bool(((values == 0) | (values == 1)).all() and (values.sum(axis=1) == 1).all())


def _named(names: tuple[str, ...], count: int, first: int) -> tuple[str, ...]:
    """A name for each of ``count`` classes; those without one are named by their number in the file."""
    return (*names[:count], *(str(label + first) for label in range(min(len(names), count), count)))


def _limit(what: str, classes: int) -> None:
    if classes > MOST_CLASSES:
        raise DataError(f"{what}: expected at most {MOST_CLASSES:,} classes, got {classes:,}")


def _text(what: str, value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_NAME:
        raise DataError(
            f"{what}: expected names of classes with 1 to {LONGEST_NAME} letters, got {len(text):,} of them"
        )
    return text
