"""Reads IDX files, the format of the original MNIST: four files, each optionally compressed with gzip.

``train-images-idx3-ubyte``, ``t10k-images-idx3-ubyte``
    Two zero bytes, 0x08 for unsigned bytes, the number of axes, their lengths as big-endian integers of four bytes,
    and then the pixels, 0…255: (n, height, width), or (n, channels, height, width). They become 0…1.
``train-labels-idx1-ubyte``, ``t10k-labels-idx1-ubyte``
    The same with one axis.

The user opens the folder or any of the files; names may say ``test`` instead of ``t10k``. If there is only one pair,
its last seventh becomes the test set, as in MNIST.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convviz.data.checks import LabelCheck, Room
from convviz.data.dataset import Dataset, check_lengths
from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents, Pair, RawArray, in_memory
from convviz.data.readers import faults
from convviz.data.readers.reader import Progress, Reader
from convviz.data.sources import ImageSpec
from convviz.files.cancel import BLOCK, Cancelled, blocks
from convviz.files.inputs import open_regular

WHAT = "MNIST's IDX files"
NAME = re.compile(r"(?P<set>.*?)(?P<part>train|t10k|test|)[-_. ]?(?P<kind>images|labels)", re.IGNORECASE)
"""``emnist-letters-train-images-idx3-ubyte.gz``: the data set, the part, and the kind of file."""
MOST_FILES = 2000
"""Most names in a folder that are examined."""
UNSIGNED_BYTES = 0x08
TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"

Files = tuple[Path, Path]


def recognises(path: Path) -> bool:
    """Whether a file (compressed or not) begins like IDX, or a folder contains such a file."""
    try:
        if path.is_dir():
            return any(recognises(file) for file in named_files(path))
        if not path.is_file():
            return False
        with unpacked(path) as file:
            head = file.read(4)
    except (OSError, EOFError, zlib.error, ValueError):
        return False
    return len(head) == 4 and head[:2] == b"\0\0" and 0x08 <= head[2] <= 0x0E and 1 <= head[3] <= 4


def read(path: Path, like: ImageSpec, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Dataset:
    """Read a folder of IDX files, or the set that one of them belongs to.

    Raises
    ------
    DataError
        A file is missing, or does not fit the description at the top of this module.
    LoadCancelledError
        ``cancelled`` returned True.
    """
    pairs = pairs_of(path)
    if column_by_column(pairs):
        raise DataError(f"{path}: expected images row by row, got EMNIST's, column by column", own_form=False)
    arrays = []
    room = Room()
    for done, (images, labels) in enumerate(pairs):
        x, y = read_images(images, like, room, cancelled), read_labels(labels, like.classes, room, cancelled)
        check_lengths(str(images.parent), "train" if done == 0 else "test", len(x), len(y))
        arrays.append((x, y))
        if progress is not None:
            progress((done + 1) / len(pairs))
    if len(arrays) == 1:
        x, y = arrays[0]
        held = max(1, len(x) // 7)
        if len(x) < 2:
            raise DataError(f"{pairs[0][0]}: expected a test set beside it, or at least 2 images, got {len(x)}")
        arrays = [(x[:-held], y[:-held]), (x[-held:], y[-held:])]
    (x_train, y_train), (x_test, y_test) = arrays
    return Dataset(path.stem, x_train, y_train, x_test, y_test, like.classes, str(path))


def pairs_of(path: Path) -> tuple[Files, ...]:
    """The training pair of images and labels, and the test pair if there is one."""
    folder = path if path.is_dir() else path.parent
    found: dict[str, dict[tuple[str, str], Path]] = {}
    for file in named_files(folder):
        name, part, kind = role_of(file)
        found.setdefault(name, {}).setdefault((part, kind), file)
    if not path.is_dir():
        if not (NAME.match(path.name) and has_ending(path)):
            raise DataError(f"{path}: expected a name such as train-images-idx3-ubyte, which says what it holds")
        found = {role_of(path)[0]: found[role_of(path)[0]]}
    if len(found) > 1:
        raise DataError(f"{path}: expected the files of one data set, got several; open one of the files instead")
    files = next(iter(found.values()))
    parts = [part for part in ("train", "", "test") if any(has == part for has, _ in files)][:2]
    for part in parts:
        for kind, other in (("images", "labels"), ("labels", "images")):
            if (part, kind) not in files:
                there = files[part, other]
                raise DataError(f"{there}: expected the {kind} that belong to it beside it, found none")
    return tuple((files[part, "images"], files[part, "labels"]) for part in parts)


def named_files(folder: Path) -> list[Path]:
    """The files in a folder that are named like IDX files, uncompressed ones first."""
    found = [file for file in islice(folder.iterdir(), MOST_FILES) if NAME.match(file.name) and has_ending(file)]
    return sorted(found, key=lambda file: (file.suffix.lower() == ".gz", file.name))


def has_ending(file: Path) -> bool:
    """Whether a file's name ends like that of an IDX file."""
    return any(Path(file.name.lower()).match(pattern) for pattern in READER.patterns)


def role_of(file: Path) -> tuple[str, str, str]:
    """Data set, part (``train``, ``test`` or empty) and kind (``images``, ``labels``), according to the name."""
    found = NAME.match(file.name)
    assert found is not None
    part = found["part"].lower()
    return found["set"].lower(), "test" if part == "t10k" else part, found["kind"].lower()


def read_images(path: Path, like: ImageSpec, room: Room, cancelled: Cancelled | None) -> NDArray[np.float32]:
    """Pixels in 0…1, (n, C, H, W)."""
    with explained(path), unpacked(path) as file:
        count, *shape = header(path, file, (3, 4))
        image = tuple(shape) if len(shape) == 3 else (1, *shape)
        if image != like.shape:
            fits = (image[0], image[1], image[2])
            raise DataError(f"{path}: expected {words(like.shape)} images, got {words(image)}", fits=fits)
        size = math.prod(image)
        room.take(str(path), "images", count * size * 4, path.stat().st_size, "declared by its header")
        pixels = np.empty((count, size), np.float32)
        for block in blocks(count, cancelled, max(1, BLOCK // size)):
            rows = pixels[block]
            np.divide(numbers(path, file, rows.size).reshape(rows.shape), np.float32(255), out=rows)
        refuse_more(path, file)
    return pixels.reshape(count, *image)


def read_labels(path: Path, classes: int, room: Room, cancelled: Cancelled | None) -> NDArray[np.int64]:
    """Labels in 0…classes−1."""
    with explained(path), unpacked(path) as file:
        (count,) = header(path, file, (1,))
        room.take(str(path), "labels", count * 8, path.stat().st_size, "declared by its header")
        labels = np.empty(count, np.int64)
        check = LabelCheck(str(path), "labels", classes)
        for block in blocks(count, cancelled):
            rows = labels[block]
            rows[...] = numbers(path, file, len(rows))
            check.look(block.start, rows)
        refuse_more(path, file)
    check.finish()
    return labels


def header(path: Path, file: BinaryIO, axes: tuple[int, ...]) -> tuple[int, ...]:
    """Lengths of the axes, at least 1 each."""
    head = file.read(4)
    wanted = f"{path}: expected IDX {'labels' if axes == (1,) else 'images'}"
    if len(head) < 4 or head[:2] != b"\0\0":
        raise DataError(f"{wanted}, got a file that does not begin as one")
    if head[2] != UNSIGNED_BYTES:
        raise DataError(f"{wanted} of unsigned bytes (type 0x08), got type 0x{head[2]:02X}")
    if head[3] not in axes:
        raise DataError(f"{wanted} with {' or '.join(map(str, axes))} axes, got {head[3]}")
    lengths = file.read(4 * head[3])
    if len(lengths) < 4 * head[3]:
        raise DataError(f"{wanted}, got a file that ends in its header")
    shape = tuple(int(length) for length in np.frombuffer(lengths, ">u4"))
    if 0 in shape:
        raise DataError(f"{wanted}, got {words(shape)} of them")
    return shape


def numbers(path: Path, file: BinaryIO, count: int) -> NDArray[np.uint8]:
    """The next ``count`` bytes."""
    contents = file.read(count)
    if len(contents) < count:
        missing = f"{count - len(contents):,} or more bytes"
        raise DataError(f"{path}: expected as many bytes as its header says, got a file that lacks {missing}")
    return np.frombuffer(contents, np.uint8)


def refuse_more(path: Path, file: BinaryIO) -> None:
    """Refuse a file with more data than declared; reading to the end also verifies gzip's checksum."""
    if file.read(1):
        raise DataError(f"{path}: expected a file as long as its header says, got a longer one")


@contextmanager
def unpacked(path: Path) -> Iterator[BinaryIO]:
    """A file's contents, decompressed if necessary."""
    with open_regular(path) as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as inside:
            yield inside  # type: ignore[misc]


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of the system and gzip into one sentence."""
    with faults.explained(path, "a readable file"):
        try:
            yield
        except EOFError:
            raise DataError(f"{path}: expected a whole gzip archive, got a truncated one") from None


def words(shape: tuple[int, ...]) -> str:
    """``1×28×28``."""
    return "×".join(f"{length:,}" for length in shape)


@contextmanager
def contents(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The arrays of IDX files of any type and size, for training and testing."""
    arrays: list[RawArray] = []
    parts: dict[str, Pair] = {}
    room = Room()
    for part, pair in zip(("train", "test"), pairs_of(path), strict=False):
        parts[part] = (pair[0].name, pair[1].name)
        arrays += [in_memory(file.name, any_numbers(file, room, cancelled), file.stat().st_size) for file in pair]
    yield Contents("IDX", tuple(arrays), parts, axes="WH" if column_by_column(pairs_of(path)) else "")


def column_by_column(pairs: tuple[Files, ...]) -> bool:
    """Whether the images are EMNIST's, which are stored transposed."""
    return any("emnist" in images.name.lower() for images, _ in pairs)


def any_numbers(path: Path, room: Room, cancelled: Cancelled | None) -> NDArray[Any]:
    """All numbers of a file, of whatever type it declares."""
    with explained(path), unpacked(path) as file:
        head = file.read(4)
        if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES or not 1 <= head[3] <= 4:
            raise DataError(f"{path}: expected an IDX file, got a file that does not begin as one")
        lengths = file.read(4 * head[3])
        if len(lengths) < 4 * head[3]:
            raise DataError(f"{path}: expected IDX data, got a file that ends in its header")
        shape = tuple(int(length) for length in np.frombuffer(lengths, ">u4"))
        dtype = np.dtype(TYPES[head[2]])
        room.take(str(path), "values", math.prod(shape) * dtype.itemsize, path.stat().st_size, "declared by its header")
        raw = np.empty(math.prod(shape) * dtype.itemsize, np.uint8)
        for block in blocks(len(raw), cancelled):
            raw[block] = numbers(path, file, block.stop - block.start)
        refuse_more(path, file)
    return raw.view(dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


READER = Reader(
    "MNIST's IDX files",
    WHAT,
    (
        "*-ubyte",
        "*-ubyte.gz",
        "*.ubyte",
        "*.ubyte.gz",
        "*.idx",
        "*.idx.gz",
        "*.idx[13]",
        "*.idx[13]-ubyte.gz",
        "*-idx2-int",
        "*-idx2-int.gz",
    ),
    recognises,
    contents,
    read,
)
