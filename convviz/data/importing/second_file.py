"""Takes the test images from another file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, Pair
from convviz.data.importing.recognise import parts_of

__all__ = ["OWN", "PREFIX", "with_test_file"]

PREFIX = "test file/"
"""Prefix of the names of the other file's arrays."""
OWN = "own"
"""Key of the file's own test images, which those of the other file replace."""


def with_test_file(path: Path, contents: Contents, other_path: Path, other: Contents) -> Contents:
    """The contents of a file, with the images of another file for testing.

    Parameters
    ----------
    path, other_path : Path
        For messages.
    contents, other : Contents
        The contents of both files, which must stay open.

    Raises
    ------
    DataError
        The other file lacks images or labels, or its images have another order of axes.
    """
    train, own, _ = parts_of(path, contents)
    own_train, own_test, _ = parts_of(other_path, other)
    images, labels = own_test or own_train
    if labels is None and train[1] is not None:
        raise DataError(f"{other_path}: expected labels beside the test images, found none")
    if other.axes != contents.axes:
        wanted, got = (one.axes or "any order of axes" for one in (contents, other))
        raise DataError(f"{other_path}: expected images stored as in {path.name}, {wanted}, got {got}")
    test: Pair = (PREFIX + images, None if labels is None else PREFIX + labels)
    arrays = [replace(one, name=PREFIX + one.name) for one in other.arrays]
    kept = [one for one in contents.arrays if not one.name.startswith(PREFIX)]
    note = f"{other_path.name} has the test images"
    names = contents.class_names or other.class_names
    return replace(
        contents,
        arrays=(*kept, *arrays),
        parts={"train": train, "test": test, **({OWN: own} if own is not None else {})},
        class_names=names,
        notes=(*contents.notes, note),
    )
