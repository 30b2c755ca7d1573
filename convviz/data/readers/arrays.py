"""Reads NumPy's files: an archive of arrays (NPZ), or one file per array (NPY) in a folder.

``mnist.npz`` of Keras has ``x_train, y_train, x_test, y_test``; medmnist's archives ``train_images, train_labels, …``.
Arrays of objects are pickles, which are never opened.
"""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from convviz.data.checks import Room
from convviz.data.errors import DataError
from convviz.data.importing.axes import shape_words
from convviz.data.importing.contents import Contents, RawArray
from convviz.data.importing.names import role_of
from convviz.data.importing.siblings import joined
from convviz.data.readers.faults import explained
from convviz.data.readers.reader import Reader
from convviz.files.cancel import Cancelled, go_on
from convviz.files.inputs import open_regular
from convviz.plurals import counted

__all__ = ["NPY", "NPZ"]

MAGIC = b"\x93NUMPY"
MOST_ARRAYS = 256
MOST_FILES = 2000
FORM = "a readable file of arrays"
CLASS_NAMES = ("class_names", "classes", "label_names", "names")
MOST_NAMES = 10_000


def is_archive(path: Path) -> bool:
    """Whether a file is a zip archive that begins with an array."""
    try:
        with open_regular(path) as file:
            if file.read(2) != b"PK":
                return False
            file.seek(0)
            with zipfile.ZipFile(file) as archive:
                names = archive.namelist()
        return bool(names) and all(name.endswith(".npy") for name in names)
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        return False


def is_array(path: Path) -> bool:
    """Whether a file is an array, or a folder has an array file whose name says that it has images."""
    try:
        if path.is_dir():
            return any((role := role_of(file.stem)) is not None and role[1] == "images" for file in _arrays_of(path))
        with open_regular(path) as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):
        return False


@contextmanager
def archive(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The arrays of an NPZ archive, each unpacked when its values are first asked for."""
    with joined(path, lambda file: _archive(file, cancelled)) as found:
        yield found


@contextmanager
def arrays(path: Path, cancelled: Cancelled | None = None) -> Iterator[Contents]:
    """The arrays of a folder, or those beside a file; they are read from their files only when needed."""
    files = _arrays_of(path if path.is_dir() else path.parent)
    if not path.is_dir() and role_of(path.stem) is None:
        files = [path]
    go_on(cancelled)
    found = tuple(_mapped(file) for file in files if file == path or role_of(file.stem) is not None)
    form = "NPY" if len(found) == 1 else "NPY, one file an array"
    yield Contents(form, found)


@contextmanager
def _archive(path: Path, cancelled: Cancelled | None) -> Iterator[Contents]:
    with ExitStack() as stack:
        with explained(path, FORM):
            zipped = stack.enter_context(zipfile.ZipFile(stack.enter_context(open_regular(path))))
            members = [info for info in zipped.infolist() if info.filename.endswith(".npy")][:MOST_ARRAYS]
        found = []
        names: tuple[str, ...] = ()
        room = Room()
        for info in members:
            go_on(cancelled)
            array = _packed(path, zipped, info, room, cancelled)
            if array.name in CLASS_NAMES and array.dtype.kind in "SU" and len(array.shape) == 1:
                if array.count <= MOST_NAMES:
                    names = tuple(str(one) for one in array.load(0, array.count).astype(str).tolist())
            else:
                found.append(array)
        yield Contents("NPZ", tuple(found), {}, names)


def _packed(
    path: Path, zipped: zipfile.ZipFile, info: zipfile.ZipInfo, room: Room, cancelled: Cancelled | None
) -> RawArray:
    """An array of an archive; ``room`` is that for all of its arrays."""
    name = info.filename.removesuffix(".npy")
    what = f"{path}: {name}"
    with explained(path, FORM), zipped.open(info) as file:
        shape, fortran, dtype = _header(what, file)
    size = int(np.prod(shape, dtype=np.float64)) * dtype.itemsize
    whole: list[NDArray[Any]] = []

    def load(start: int, stop: int) -> NDArray[Any]:
        if not whole:
            room.take(what, name, size, info.compress_size, f"declared by shape {shape_words(shape)}")
            if info.file_size < size:
                raise DataError(f"{what}: expected {counted(size, 'byte')} of values, got {info.file_size:,}")
            values = np.empty(size // max(1, dtype.itemsize), dtype)
            raw = memoryview(values.view(np.uint8))  # type: ignore[arg-type]
            with explained(path, FORM), zipped.open(info) as file:
                _header(what, file)
                done = 0
                while done < size:
                    go_on(cancelled)
                    block = file.read(min(2**22, size - done))
                    if not block:
                        raise DataError(f"{what}: expected {counted(size, 'byte')} of values, got {done:,}")
                    raw[done : done + len(block)] = block
                    done += len(block)
                if file.read(1):  # the checksum is verified only at the end of the file
                    raise DataError(f"{what}: expected {counted(size, 'byte')} of values, got more")
            whole.append(values.reshape(shape, order="F" if fortran else "C"))
        return whole[0][start:stop]

    return RawArray(name, shape, dtype, info.compress_size, load)


def _mapped(path: Path) -> RawArray:
    """An array in a file of its own."""
    with explained(path, FORM), open_regular(path) as file:
        shape, fortran, dtype = _header(str(path), file)
        offset = file.tell()
        size = int(np.prod(shape, dtype=np.float64)) * dtype.itemsize
        there = path.stat().st_size - offset
        if there < size:
            raise DataError(f"{path}: expected {counted(size, 'byte')} of values as declared, got {there:,}")
        values = np.memmap(path, dtype, "r", offset, shape, "F" if fortran else "C") if size else np.empty(shape, dtype)

    def load(start: int, stop: int) -> NDArray[Any]:
        return np.asarray(values[start:stop])

    return RawArray(path.stem, shape, dtype, size, load)


def _header(what: str, file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape, order and type of an array."""
    try:
        version = npy.read_magic(file)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read(file)
    except (ValueError, EOFError, SyntaxError, TypeError, OverflowError, RecursionError, tokenize.TokenError) as error:
        raise DataError(f"{what}: expected a NumPy array, got: {' '.join(str(error).split())[:200]}") from None
    if dtype.hasobject:
        raise DataError(
            f"{what}: expected numbers or text, got Python objects: a pickle, which could run any program when it is "
            "opened"
        )
    if dtype.kind not in "biufSU" or any(length < 0 for length in shape):
        raise DataError(f"{what}: expected numbers or text, got {dtype.name}")
    return tuple(int(length) for length in shape), bool(fortran), dtype


def _arrays_of(folder: Path) -> list[Path]:
    return sorted(file for file in islice(folder.iterdir(), MOST_FILES) if file.suffix.lower() == ".npy")


NPZ = Reader("NumPy archives", "a NumPy archive", ("*.npz",), is_archive, archive)
NPY = Reader("NumPy arrays", "a NumPy array", ("*.npy",), is_array, arrays)
