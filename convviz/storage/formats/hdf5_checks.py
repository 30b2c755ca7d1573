"""Checks a file before the HDF5 library opens it, and turns the library's errors into sentences."""

from __future__ import annotations

import mmap
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from convviz.files.cancel import Cancelled
from convviz.files.hdf5_heaps import has_circular_heap, places
from convviz.files.sniff import looks_like
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.said import printable

SIGNATURE = b"\x89HDF\r\n\x1a\n"
OLD_GROUP = b"HEAP\x00\x00\x00\x00"
"""Signature of a local heap, which holds the names in a group of the older kind.

HDF5 follows a heap's free list without checking for a cycle, and allocates memory at every step. Checkpoints have
groups of the newer kind, whose parts all have checksums.
"""


def checked_size(place: Path, path: Path, kind: str, old_groups: bool, cancelled: Cancelled | None) -> int:
    """Size of the file at ``place``, called ``path``, after checking that the HDF5 library can read it safely."""
    try:
        info = place.stat()
        if stat.S_ISDIR(info.st_mode):
            raise CheckpointError(f"{path}: expected {kind}, got a folder")
        if not stat.S_ISREG(info.st_mode):
            raise CheckpointError(f"{path}: expected {kind}, got a device or pipe")
        if info.st_size == 0:
            raise CheckpointError(f"{path}: expected {kind}, got an empty file")
        with place.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as contents:
            if contents[: len(SIGNATURE)] != SIGNATURE:
                raise CheckpointError(f"{path}: expected {kind}, which is an HDF5 file, got {looks_like(place)}")
            # The version of the superblock tells most other files apart at once.
            if not old_groups and (
                contents[8:9] < b"\x02" or any(True for _ in places(contents, OLD_GROUP, 0, cancelled))
            ):
                raise CheckpointError(f"{path}: expected {kind}, got another HDF5 file")
        if old_groups and has_circular_heap(place, 0, cancelled):
            raise CheckpointError(f"{path}: expected {kind}, got a file with a damaged list of names")
    except FileNotFoundError:
        raise CheckpointError(f"{path}: expected {kind}, found nothing there") from None
    except (OSError, ValueError) as error:  # no permission; a name with a null byte; a broken disk
        if isinstance(error, CheckpointError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise CheckpointError(f"{path}: expected {kind}, got a file that can't be read: {reason}") from None
    return info.st_size


@contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn errors of the HDF5 library into one sentence; the block should contain only calls of the library."""
    try:
        yield
    except CheckpointError:
        raise
    except MemoryError:
        raise CheckpointError(f"{what}: expected values that fit in memory, got more than that") from None
    except (
        OSError,
        RuntimeError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        NotImplementedError,
    ) as error:
        reason = printable(str(error), 160) or type(error).__name__
        raise CheckpointError(f"{what}: expected a whole, undamaged file, got an HDF5 error: {reason}") from None
