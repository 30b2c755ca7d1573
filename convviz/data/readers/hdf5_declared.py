"""Finds a data set in an HDF5 file, and checks its type, shape and size before its values are read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from convviz.data.checks import Room
from convviz.data.errors import DataError
from convviz.plurals import counted

#: The data sets that a file must hold, in the order in which they are read.
KEYS = ("x_train", "y_train", "x_test", "y_test")
#: Most bytes of a chunk, because HDF5 decompresses a chunk as a whole.
LARGEST_CHUNK = 2**28
#: Bytes up to which a chunk may be larger than all values: a data set that can grow is written with room to grow.
SMALL_CHUNK = 2**24


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn errors of the HDF5 library into one sentence; the block should contain only calls of the library."""
    try:
        yield
    except DataError:
        raise
    except MemoryError:
        raise DataError(f"{what}: expected data that fits in memory, got more than could be allocated") from None
    except (OSError, RuntimeError, ValueError, TypeError, LookupError, ArithmeticError, NotImplementedError) as error:
        raise DataError(
            f"{what}: expected a readable HDF5 file, got an error from the HDF5 library: {reason(error)}"
        ) from error


def reason(error: BaseException) -> str:
    """The library's message on one line, without the prefix that all of them share."""
    text = plain(str(error).strip("'\""), 240)
    text = re.sub(r"^Unable to (?:synchronously )?(?:open|read|access) \w+(?: \w+)? \((.*)\)$", r"\1", text)
    return text or type(error).__name__


def plain(text: str, longest: int = 80) -> str:
    """Make any text from a file printable on one line."""
    line = " ".join(text.split())
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)[:longest]


def find(path: Path, file: Any, key: str) -> Any:
    """Look up a data set that is stored in this file itself.

    Raises
    ------
    DataError
        If it is missing, is a link or a group, or has its values in another file.
    """
    import h5py

    what = f"{path}: {key}"
    own = f"{what}: expected a data set stored in this file"
    with explained(what):
        link = file.get(key, getlink=True)
        if link is None:
            wanted = f"{', '.join(KEYS[:-1])} and {KEYS[-1]}"
            raise DataError(
                f"{what}: expected the data sets {wanted}, got a file with {_held(file)}", field=key, own_form=False
            )
        if isinstance(link, h5py.ExternalLink):
            raise DataError(f"{own}, got a link into {plain(link.filename)}", field=key)
        if isinstance(link, h5py.SoftLink):
            raise DataError(f"{own}, got a link to {plain(link.path)}", field=key)
        found = file[key]
        if isinstance(found, h5py.Group):
            raise DataError(f"{what}: expected a data set, got a group with {_held(found)}", field=key)
        if not isinstance(found, h5py.Dataset):
            raise DataError(f"{what}: expected a data set, got a named type", field=key)
        if found.is_virtual:
            raise DataError(f"{own}, got a virtual one", field=key)
        if found.external:
            raise DataError(f"{own}, got one with its values in {plain(found.external[0][0])}", field=key)
        return found


def _held(group: Any) -> str:
    """Names of a group's members, at most twelve."""
    names = [plain(name) for name in islice(group, 13)]
    if len(names) > 12:
        names[12:] = ["more"]
    return ", ".join(names) or "nothing in it"


def check_declaration(path: Path, key: str, found: Any, image: tuple[int, int, int], room: Room) -> int:
    """Check type, shape and size before anything is read.

    Parameters
    ----------
    path, key, found
        File, name and data set.
    image
        (C, H, W) that the images should have.
    room
        The room that all data sets of the file share.

    Returns
    -------
    int
        N, the number of rows.

    Raises
    ------
    DataError
        If the values can't be those of ``key``.
    """
    what = f"{path}: {key}"
    with explained(what):
        dtype, shape, chunks = found.dtype, found.shape, found.chunks
        stored = found.id.get_storage_size()
    images = key.startswith("x")
    if images:
        _check_pixel_type(what, key, dtype)
        _check_image_shape(what, key, shape, image)
    else:
        _check_label_type(what, key, dtype)
        _check_label_shape(what, key, shape)
    rows, columns = int(shape[0]), math.prod(shape[1:])
    if rows == 0:
        raise DataError(f"{what}: expected at least one {'image' if images else 'label'}, got none", field=key)
    if stored == 0:
        raise DataError(
            f"{what}: expected {counted(rows, 'row')} of values, got a declaration without any value written", field=key
        )
    each = max(4 if images else 8, dtype.itemsize)
    room.take(what, key, rows * columns * each, stored, f"declared by shape {_shape_words(shape)}")
    check_chunk_size(what, key, chunks, dtype, rows * columns * each)
    if chunks:
        check_chunks(what, key, found, shape, chunks)
    return rows


def check_chunk_size(what: str, key: str, chunks: tuple[int, ...] | None, dtype: np.dtype[Any], size: int) -> None:
    """Refuse large chunks, and chunks of more than twice the ``size`` bytes of all values if they are not small."""
    if chunks and math.prod(chunks) * dtype.itemsize > max(SMALL_CHUNK, min(2 * size, LARGEST_CHUNK)):
        raise DataError(
            f"{what}: expected chunks of at most {LARGEST_CHUNK // 2**20} MiB, and no larger than all values, "
            f"got chunks of shape {_shape_words(chunks)}",
            field=key,
        )


def check_chunks(what: str, key: str, found: Any, shape: tuple[int, ...], chunks: tuple[int, ...]) -> None:
    """Refuse a file whose writing stopped half-way: HDF5 would read the missing values as zeros."""
    with explained(what):
        written = found.id.get_num_chunks()
    wanted = math.prod(math.ceil(length / chunk) for length, chunk in zip(shape, chunks, strict=True))
    if written < wanted:
        raise DataError(
            f"{what}: expected {wanted:,} written chunks of values, got {written:,}; "
            "the file was probably not written to its end",
            field=key,
        )


def _check_pixel_type(what: str, key: str, dtype: np.dtype[Any]) -> None:
    # Whole numbers pass here and are refused when their range is known: "0…255" says more than "uint8".
    if dtype.kind not in "fiu":
        raise DataError(f"{what}: expected pixels as floating-point numbers, got {_type_words(dtype)}", field=key)


def _check_label_type(what: str, key: str, dtype: np.dtype[Any]) -> None:
    if dtype.kind not in "iu":
        raise DataError(f"{what}: expected labels stored as whole numbers, got {_type_words(dtype)}", field=key)


def _check_label_shape(what: str, key: str, shape: tuple[int, ...] | None) -> None:
    if not shape or shape[1:] not in ((), (1,)):
        raise DataError(f"{what}: expected shape (N, 1) or (N,), got {_shape_words(shape)}", field=key)


def _check_image_shape(what: str, key: str, shape: tuple[int, ...] | None, image: tuple[int, int, int]) -> None:
    channels, height, width = image
    columns = channels * height * width
    if shape is not None and len(shape) == 2 and shape[1] == columns:
        return
    wanted = f"expected shape (N, {columns}) for {channels}×{height}×{width} images, got {_shape_words(shape)}"
    fits = _square(shape[1], channels) if shape is not None and len(shape) == 2 else None
    hint = f", which would fit {'×'.join(map(str, fits))}" if fits is not None else ""
    raise DataError(f"{what}: {wanted}{hint}", field=key, fits=fits)


def _square(columns: int, channels: int) -> tuple[int, int, int] | None:
    """(C, H, W) of square images with ``columns`` values: with the expected channels if possible, else 1, 3, 4 or 2."""
    for count in (channels, 1, 3, 4, 2):
        side = math.isqrt(columns // count)
        if side > 0 and count * side * side == columns:
            return count, side, side
    return None


def _type_words(dtype: np.dtype[Any]) -> str:
    """Name a type in the user's terms: ``strings``, ``complex numbers (complex64)``."""
    kinds = {
        "f": "floating-point numbers",
        "i": "whole numbers",
        "u": "whole numbers",
        "c": "complex numbers",
        "b": "true/false values",
        "S": "strings",
        "U": "strings",
        "V": "records",
    }
    if dtype.kind == "O":
        return "strings or objects of varying length"
    return f"{kinds.get(dtype.kind, 'values')} ({dtype.name})"


def _shape_words(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return "no values at all"
    if shape == ():
        return "a single value"
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
