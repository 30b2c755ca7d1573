"""Reads CIFAR's binary version: records of one or two labels and 3×32×32 bytes.

CIFAR-10 has ``data_batch_1.bin`` … ``data_batch_5.bin``, ``test_batch.bin`` and ``batches.meta.txt`` with the names of
the classes. CIFAR-100 has ``train.bin``, ``test.bin`` and ``fine_label_names.txt``; in its records, a coarse label
precedes the fine one.
https://www.cs.toronto.edu/~kriz/cifar.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, Pair, RawArray, in_memory
from convviz.data.readers.reader import Reader
from convviz.files.cancel import Cancelled, go_on
from convviz.files.inputs import open_regular
from convviz.plurals import counted

__all__ = ["READER"]

PIXELS = 3 * 32 * 32
MOST_FILES = 2000
LONGEST_LIST = 2**16
TRAIN = re.compile(r"(data_batch(_\d+)?|train)\.bin$", re.IGNORECASE)
TEST = re.compile(r"test(_batch)?\.bin$", re.IGNORECASE)


def recognises(path: Path) -> bool:
    """Whether a file, or any file of a folder, has the name and a possible size of CIFAR's."""
    try:
        if path.is_dir():
            return any(recognises(file) for file in islice(path.iterdir(), MOST_FILES) if file.suffix == ".bin")
        return bool(TRAIN.match(path.name) or TEST.match(path.name)) and bool(_labels_of(path.stat().st_size))
    except (OSError, ValueError):
        return False


@contextmanager
def contents(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The batches of a folder, or those beside a file, as arrays for training and testing."""
    folder = path if path.is_dir() else path.parent
    files = sorted(islice(folder.iterdir(), MOST_FILES))
    arrays: list[RawArray] = []
    parts: dict[str, Pair] = {}
    labels = 0
    for part, pattern in (("train", TRAIN), ("test", TEST)):
        batches = []
        for file in files:
            if pattern.match(file.name):
                go_on(cancelled)
                own, batch = _batch(file)
                if labels not in (0, own):
                    raise DataError(
                        f"{file}: expected {labels} {'labels' if labels > 1 else 'label'} per image as in "
                        f"the other files, got {own}"
                    )
                labels = own
                batches.append(batch)
        if batches:
            parts[part] = (f"{part} images", f"{part} labels")
            arrays += [_images(f"{part} images", batches, labels), _labels(f"{part} labels", batches, labels)]
    names = _names(folder / ("batches.meta.txt" if labels == 1 else "fine_label_names.txt"))
    yield Contents(f"CIFAR-{10 if labels == 1 else 100}, binary", tuple(arrays), parts, names, "CHW")


def _labels_of(size: int) -> int:
    """Number of labels per record in a file of this size; 0 if it can't be CIFAR's."""
    if size == 0:
        return 0
    return next((labels for labels in (1, 2) if size % (PIXELS + labels) == 0), 0)


def _batch(path: Path) -> tuple[int, NDArray[np.uint8]]:
    """The number of labels per record of a file, and its records."""
    try:
        with open_regular(path) as file:
            size = path.stat().st_size
            labels = _labels_of(size)
            if not labels:
                raise DataError(
                    f"{path}: expected records of {PIXELS + 1:,} or {PIXELS + 2:,} bytes, got "
                    f"{counted(size, 'byte')} in all"
                )
            mapped = np.memmap(file, np.uint8, "r")
    except (OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"{path}: expected a readable file, got: {reason}") from None
    return labels, mapped.reshape(-1, PIXELS + labels)


def _images(name: str, batches: list[NDArray[np.uint8]], labels: int) -> RawArray:
    ends = np.cumsum([len(batch) for batch in batches])

    def load(start: int, stop: int) -> NDArray[Any]:
        found = []
        for batch, end in zip(batches, ends, strict=True):
            first = int(end) - len(batch)
            rows = batch[max(0, start - first) : max(0, stop - first), labels:]
            if len(rows):
                found.append(rows)
        return np.concatenate(found)

    count = int(ends[-1])
    return RawArray(name, (count, PIXELS), np.dtype(np.uint8), count * PIXELS, load, 0, (0, 255))


def _labels(name: str, batches: list[NDArray[np.uint8]], labels: int) -> RawArray:
    return in_memory(name, np.concatenate([batch[:, labels - 1] for batch in batches]))


def _names(path: Path) -> tuple[str, ...]:
    """Names of the classes; nothing if their file is missing."""
    try:
        with open_regular(path) as file:
            text = file.read(LONGEST_LIST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ()
    return tuple(line.strip()[:80] for line in text.splitlines() if line.strip())


READER = Reader("CIFAR, binary version", "CIFAR's binary files", ("*.bin",), recognises, contents)
