"""Reads HDF5 files in the form of the course.

Notation
--------
``x_train``, ``x_test``
    (N, C·H·W) floating-point numbers in 0…1, one image per row in C, H, W order.
``y_train``, ``y_test``
    (N, 1) or (N,) whole numbers in 0…classes−1.

Nothing is coerced silently: pixels in 0…255 and labels stored as floating-point numbers are refused, and
so are links to other files. Only the precision of the pixels is free; all become float32.

h5py is imported when it is first needed, because the window opens before any file does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.data.checks import LabelCheck, PixelCheck, Room
from convviz.data.dataset import Dataset, check_lengths
from convviz.data.errors import DataError
from convviz.data.importing.contents import Contents
from convviz.data.importing.siblings import joined
from convviz.data.readers.hdf5_chunks import read_rows
from convviz.data.readers.hdf5_declared import KEYS, check_declaration, explained, find, reason
from convviz.data.readers.hdf5_free import contents_of
from convviz.data.readers.hdf5_names import CLASS_NAMES, class_names_of
from convviz.data.readers.reader import Progress, Reader
from convviz.data.sources import ImageSpec
from convviz.files.cancel import Cancelled, go_on
from convviz.files.hdf5_heaps import has_circular_heap
from convviz.files.sniff import HDF5_SIGNATURE, file_size, what_is_there
from convviz.plurals import counted

#: Bytes read between two calls of ``cancelled``.
_BLOCK = 4 * 2**20


def load_hdf5(
    path: str | Path,
    *,
    channels: int = 1,
    height: int = 28,
    width: int = 28,
    classes: int = 10,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Dataset:
    """Read and check a data set in the course's HDF5 form.

    Parameters
    ----------
    path
        The file.
    channels, height, width
        C, H, W of every image, each at least 1.
    classes
        How many classes there are, at least 2; labels are 0…classes−1.
    progress
        Called with the progress, 0…1, after every block of about 4 MB.
    cancelled
        Called before every block; returning True cancels the reading.

    Returns
    -------
    Dataset
        Images as float32 (N, C, H, W), labels as int64 (N,).

    Raises
    ------
    DataError
        If the file or anything in it is not as described at the top of this module.
    LoadCancelledError
        If ``cancelled`` returned True.
    """
    return read(Path(path), ImageSpec(channels, height, width, classes), progress, cancelled)


def read(path: Path, like: ImageSpec, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Dataset:
    """Read and check a data set, with the signature of a reader; see :func:`load_hdf5`."""
    _check_file(path, cancelled)
    meter = _Meter(progress, cancelled)
    arrays: dict[str, NDArray[Any]] = {}
    with _open(path) as file:
        sets = {key: find(path, file, key) for key in KEYS}
        image = like.shape
        names = _names(path, file)
        room = Room()
        lengths = {key: check_declaration(path, key, found, image, room) for key, found in sets.items()}
        for part in ("train", "test"):
            check_lengths(str(path), part, lengths[f"x_{part}"], lengths[f"y_{part}"])
        meter.total = sum(found.size * found.dtype.itemsize for found in sets.values())
        for key, found in sets.items():
            check: PixelCheck | LabelCheck
            if key.startswith("x"):
                check = PixelCheck(f"{path}: {key}", key, found.dtype, image)
            else:
                check = LabelCheck(f"{path}: {key}", key, like.classes)
            arrays[key] = _read(path, key, found, check, meter)
    return Dataset(
        name=path.stem,
        x_train=arrays["x_train"].reshape(-1, *image),
        y_train=arrays["y_train"].reshape(-1),
        x_test=arrays["x_test"].reshape(-1, *image),
        y_test=arrays["y_test"].reshape(-1),
        classes=like.classes,
        source=str(path),
        class_names=(*names, *map(str, range(len(names), like.classes)))[: like.classes] if names else (),
    )


def _names(path: Path, file: Any) -> tuple[str, ...]:
    """Names of the classes, if the file lists them."""
    import h5py

    with explained(f"{path}: {CLASS_NAMES}"):
        listed = isinstance(file.get(CLASS_NAMES, getlink=True), h5py.HardLink)
        one = file[CLASS_NAMES] if listed else None
        own = isinstance(one, h5py.Dataset) and not one.is_virtual and not one.external
    return class_names_of(path, file, {CLASS_NAMES: one} if own else {})


class _Meter:
    """Counts bytes, reports progress, and checks for cancellation."""

    def __init__(self, progress: Progress | None, cancelled: Cancelled | None) -> None:
        self._progress = progress
        self._cancelled = cancelled
        self._done = 0
        self.total = 1

    def go_on(self) -> None:
        go_on(self._cancelled)

    def add(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(min(1.0, self._done / self.total))


def recognises(path: Path) -> bool:
    """Whether a file has the signature of HDF5."""
    try:
        return _find_signature(path, file_size(path)) is not None
    except (OSError, ValueError):
        return False


def _check_file(path: Path, cancelled: Cancelled | None) -> None:
    """Refuse anything but a regular file with an HDF5 signature; the message says what it is."""
    try:
        base = _find_signature(path, file_size(path))
        if base is None:
            raise DataError(f"{path}: expected an HDF5 file, {what_is_there(path)}")
        if has_circular_heap(path, base, cancelled):
            raise DataError(f"{path}: expected a readable HDF5 file, got one with a damaged list of names")
    except DataError:
        raise
    except (OSError, ValueError):
        raise DataError(f"{path}: expected an HDF5 file, {what_is_there(path)}") from None


def _find_signature(path: Path, size: int) -> int | None:
    """Where HDF5 begins: at 0, or behind a user block of 512, 1024, 2048 … bytes."""
    with path.open("rb") as file:
        at = 0
        while at < size:
            file.seek(at)
            if file.read(len(HDF5_SIGNATURE)) == HDF5_SIGNATURE:
                return at
            at = max(512, at * 2)
    return None


@contextmanager
def _open(path: Path) -> Iterator[Any]:
    import h5py

    try:
        # Locks fail on some network drives, and reading doesn't need them.
        file = h5py.File(path, "r", locking="best-effort")
    except OSError as error:
        sizes = re.search(r"eof = (\d+).*stored_eof = (\d+)", str(error))
        if sizes:
            got, wanted = (int(text) for text in sizes.groups())
            raise DataError(
                f"{path}: expected a whole HDF5 file of {counted(wanted, 'byte')}, got a truncated "
                f"one of {counted(got, 'byte')}"
            ) from error
        raise DataError(
            f"{path}: expected a readable HDF5 file, got an error from the HDF5 library: {reason(error)}"
        ) from error
    except (RuntimeError, ValueError, MemoryError) as error:
        raise DataError(
            f"{path}: expected a readable HDF5 file, got an error from the HDF5 library: {reason(error)}"
        ) from error
    try:
        yield file
    finally:
        with explained(str(path)):
            file.close()


def _read(path: Path, key: str, found: Any, check: PixelCheck | LabelCheck, meter: _Meter) -> NDArray[Any]:
    """Read a data set block by block, checking each block while it is in the processor's cache."""
    what = f"{path}: {key}"
    rows = found.shape[0]
    with explained(what):
        values = np.empty(found.shape, dtype=check.dtype)
        native = found.dtype.newbyteorder("=")
        row_bytes = max(1, found.dtype.itemsize * int(np.prod(found.shape[1:], dtype=np.int64)))
        chunk_rows = found.chunks[0] if found.chunks else 1
        # Blocks of whole chunks, so that no chunk is unpacked twice.
        step = max(1, _BLOCK // (row_bytes * chunk_rows)) * chunk_rows
        few = max(1, _BLOCK // row_bytes)
        # Values of other types are read into a buffer and checked there: HDF5 would convert 1e300 to an infinity.
        buffer = None if native == check.dtype else np.empty((min(step, rows), *found.shape[1:]), dtype=native)
    for start in range(0, rows, step):
        meter.go_on()
        stop = min(rows, start + step)
        block = values[start:stop] if buffer is None else buffer[: stop - start]
        with explained(what):
            read_rows(found, block, start, meter.go_on)
        for at in range(start, stop, few):
            meter.go_on()
            part = block[at - start : at - start + few]
            check.look(at, part)
            if buffer is not None and check.fine:
                values[at : at + len(part)] = part
            meter.add(part.nbytes)
    check.finish()
    return values


@contextmanager
def contents(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The arrays of a file, and of those that belong to it: see :mod:`convviz.data.readers.hdf5_free`."""

    def one(file: Path) -> AbstractContextManager[Contents]:
        _check_file(file, cancelled)
        return contents_of(file, _open, cancelled)

    with joined(path, one) as found:
        yield found


READER = Reader(
    "HDF5 data sets", "an HDF5 file", ("*.h5", "*.hdf5", "*.hdf", "*.mat", "*.he5"), recognises, contents, read
)
