"""Finds files that belong together: ``train_signs.h5`` and ``test_signs.h5``, ``…_x.h5`` and ``…_y.h5``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from convviz.data.importing.contents import Contents
from convviz.data.importing.names import role_of

__all__ = ["joined", "labels_beside", "test_beside"]

_LABEL_NAMES = (("_x", "_y"), ("images", "labels"), ("-x", "-y"), ("X", "y"), ("data", "labels"))


def test_beside(path: Path) -> Path | None:
    """The file of test images beside a file of training images, if there is one."""
    for word, other in (("training", "testing"), ("training", "test"), ("train", "test"), ("Train", "Test")):
        at = path.name.rfind(word)
        if at >= 0:
            beside = path.with_name(path.name[:at] + other + path.name[at + len(word) :])
            if beside.is_file():
                return beside
    return None


def labels_beside(path: Path) -> Path | None:
    """The file of labels beside a file of images, if there is one."""
    for word, other in _LABEL_NAMES:
        beside = path.with_name(re.sub(f"{word}(?=[^A-Za-z]|$)", other, path.name, count=1))
        if beside != path and beside.is_file():
            return beside
    return None


@contextmanager
def joined(path: Path, open_one: Callable[[Path], AbstractContextManager[Contents]]) -> Iterator[Contents]:
    """Open a file together with the files that belong to it, and yield the contents of all of them.

    Parameters
    ----------
    path : Path
    open_one : callable
        Opens one file.
    """
    with ExitStack() as files:

        def whole(file: Path) -> Contents:
            found = files.enter_context(open_one(file))
            beside = labels_beside(file)
            if beside is None or any((role := role_of(one.name)) and role[1] == "labels" for one in found.arrays):
                return found
            labels = files.enter_context(open_one(beside))
            return replace(found, arrays=(*found.arrays, *labels.arrays))

        first = whole(path)
        beside = test_beside(path)
        if beside is None or any((role := role_of(one.name)) and role[0] == "test" for one in first.arrays):
            yield first
            return
        second = whole(beside)
        arrays = [
            replace(array, name=f"{part}/{array.name}")
            for part, one in (("train", first), ("test", second))
            for array in one.arrays
        ]
        names = first.class_names or second.class_names
        note = f"{beside.name} beside it has the test images"
        yield replace(first, arrays=tuple(arrays), class_names=names, notes=(*first.notes, note))
