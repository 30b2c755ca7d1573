"""Reads HDF5 files from any source safely: no links are followed, and no values are larger than the file.

A few hundred bytes of HDF5 can declare arrays of any size, point into other files, or contain terabytes of compressed
zeros. Here a value is read only if it is stored in this file, uncompressed and contiguous, and all values together are
no larger than the file. Every error of the HDF5 library becomes one sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.files.cancel import BLOCK, Cancelled, blocks, go_on
from convviz.plurals import counted
from convviz.storage.errors import CheckpointError
from convviz.storage.formats.hdf5_checks import checked_size, explained
from convviz.storage.formats.said import declared_words, printable, some

__all__ = ["Guarded", "guarded"]


@contextmanager
def guarded(
    path: Path,
    kind: str,
    *,
    old_groups: bool = False,
    cancelled: Cancelled | None = None,
    named: Path | None = None,
) -> Iterator[Guarded]:
    """Open a file for reading.

    Parameters
    ----------
    path : Path
    kind : str
        What it should be, for messages: ``a convviz checkpoint``.
    old_groups : bool
        Whether it may have groups of the older kind; their lists are then checked first.
    cancelled : callable, optional
        Asked every few megabytes whether to give up.
    named : Path, optional
        The file to name in messages, if ``path`` was unpacked from it.

    Raises
    ------
    CheckpointError
        The file is missing, damaged, or not HDF5.
    """
    import h5py

    shown = named or path
    size = checked_size(path, shown, kind, old_groups, cancelled)
    with explained(str(shown)):
        file = h5py.File(path, "r", locking="best-effort")
    try:
        yield Guarded(shown, file, size, cancelled)
    finally:
        with explained(str(shown)):
            file.close()


class Guarded:
    """An open file whose values are checked before they are read.

    Parameters
    ----------
    path : Path
    file : h5py.File
    size : int
        Size of the file in bytes, which all values read from it together may not exceed.
    cancelled : callable, optional
    """

    def __init__(self, path: Path, file: Any, size: int, cancelled: Cancelled | None = None) -> None:
        self._cancelled = cancelled
        self.path = path
        self._file = file
        self._left = size

    def error(self, field: str, sentence: str) -> CheckpointError:
        """An error whose message names the file and the field."""
        return CheckpointError(": ".join([str(self.path), *([field] if field else []), sentence]), field=field)

    def has_attribute(self, name: str) -> bool:
        """Whether the file has an attribute of this name."""
        import h5py

        with explained(f"{self.path}: {name}"):
            return bool(h5py.h5a.exists(self._file.id, name.encode()))

    def is_group(self, name: str) -> bool:
        """Whether this is a group of the file and not an array.

        Raises
        ------
        CheckpointError
            Nothing in the file itself has that name.
        """
        import h5py

        with explained(f"{self.path}: {name}"):
            return isinstance(self._own(name), h5py.Group)

    def attribute(self, name: str) -> Array | None:
        """A short attribute of the file, a number or text; None if there is none.

        Raises
        ------
        CheckpointError
            It is not one short value.
        """
        import h5py

        with explained(f"{self.path}: {name}"):
            if not h5py.h5a.exists(self._file.id, name.encode()):
                return None
            found = h5py.h5a.open(self._file.id, name.encode())
            if found.shape != () or found.dtype.kind not in "iuS" or found.dtype.itemsize > 256:
                raise self.error(name, "expected one number or short text, got something else")
            value = np.zeros((), found.dtype)
            found.read(value)
            return value

    def words(self, name: str, longest: int) -> str:
        """A text attribute of the file, of at most ``longest`` characters.

        Raises
        ------
        CheckpointError
            There is no such attribute, or it isn't such a text.
        """
        import h5py

        with explained(f"{self.path}: {name}"):
            if not h5py.h5a.exists(self._file.id, name.encode()):
                raise self.error(name, "expected it in the file, found nothing of that name")
            found = h5py.h5a.open(self._file.id, name.encode())
            is_text = h5py.check_string_dtype(found.dtype) is not None and found.shape == ()
            text = self._file.attrs[name] if is_text and found.dtype.itemsize <= 4 * longest else None
            text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
            if not isinstance(text, str) or len(text) > longest:
                raise self.error(name, f"expected text of at most {longest:,} letters, got something else")
            return text

    def group_words(self, group: str, name: str, longest: int) -> str:
        """A short text attribute of a group of this file; empty if there is none.

        Raises
        ------
        CheckpointError
            There is no such group.
        """
        import h5py

        with explained(f"{self.path}: {group}"):
            here = self._own(group)
            if not h5py.h5a.exists(here.id, name.encode()):
                return ""
            found = h5py.h5a.open(here.id, name.encode())
            if found.shape != () or h5py.check_string_dtype(found.dtype) is None or found.dtype.itemsize > longest:
                return ""
            text = here.attrs[name]
            return text[:longest] if isinstance(text, str) else ""

    def members(self, group: str) -> list[str]:
        """Names in a group of this file (``""`` is the file itself), at most a few thousand.

        Raises
        ------
        CheckpointError
            There is no such group.
        """
        import h5py

        with explained(f"{self.path}: {group}" if group else str(self.path)):
            here = self._own(group) if group else self._file
            if not isinstance(here, h5py.Group):
                raise self.error(group, "expected a group, got values")
            return list(islice(here, 5000))

    def expect(self, group: str, wanted: set[str], may: frozenset[str] = frozenset()) -> None:
        """Refuse a group that lacks a member of ``wanted``, or has one that is in neither ``wanted`` nor ``may``.

        Raises
        ------
        CheckpointError
        """
        there = set(self.members(group))
        missing, extra = sorted(wanted - there), sorted(there - wanted - may)
        if missing:
            raise self.error(group, f"expected {some(missing)} in it, got {some(sorted(there)) or 'nothing'}")
        if extra:
            raise self.error(group, f"expected only {some(sorted(wanted))} in it, got {some(extra)} too")

    def text(self, name: str, longest: int) -> str:
        """Text of at most ``longest`` bytes.

        Raises
        ------
        CheckpointError
            It is missing, longer, or not text in UTF-8.
        """
        found = self._dataset(name)
        if found.dtype.kind != "S" or found.shape != () or found.dtype.itemsize > longest:
            raise self.error(
                name, f"expected text of at most {longest:,} bytes, got {declared_words(found.dtype, found.shape)}"
            )
        try:
            return bytes(self._read(name, found)[()]).decode("utf-8")
        except UnicodeDecodeError as error:
            raise self.error(name, f"expected text in UTF-8, got other bytes at {error.start:,}") from None

    def whole(self, name: str, largest: int = 2**63 - 1) -> int:
        """A whole number of 0 or more.

        Raises
        ------
        CheckpointError
            It is missing, of another type, or not from 0 to ``largest``.
        """
        value = int(self.array(name, (), np.dtype(np.int64)))
        if not 0 <= value <= largest:
            raise self.error(name, f"expected a whole number from 0 to {largest:,}, got {value:,}")
        return value

    def declared(self, name: str) -> tuple[np.dtype[Any], Shape]:
        """Type and shape of values, before they are read.

        Raises
        ------
        CheckpointError
            They are not in this file, or not uncompressed and contiguous.
        """
        found = self._dataset(name)
        return found.dtype, found.shape

    def array(self, name: str, shape: Shape, dtype: np.dtype[Any], *, packed: bool = False) -> Array:
        """Values of a known type and shape, all of them finite.

        Parameters
        ----------
        name : str
        shape : tuple of int
        dtype : dtype
        packed : bool
            Whether they may be compressed, in chunks no larger than the whole array.

        Raises
        ------
        CheckpointError
            They have another type or shape, or some are NaN or infinite.
        """
        found = self._dataset(name, packed=packed)
        if found.shape != shape or found.dtype.newbyteorder("=") != dtype:
            raise self.error(
                name, f"expected {declared_words(dtype, shape)}, got {declared_words(found.dtype, found.shape)}"
            )
        values = self._read(name, found)
        bad = ~np.isfinite(values)
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            raise self.error(
                name,
                f"expected finite numbers, got {values[where]} in {int(bad.sum()):,} of {counted(values.size, 'cell')}"
                + (f", first at {list(where)}" if where else ""),
            )
        return values

    # --- how -----------------------------------------------------------------------------------------------------

    def _own(self, name: str) -> Any:
        """The object with this name, if it is stored in this file and not behind a link."""
        import h5py

        parent: Any = self._file
        for part in name.split("/"):
            link = parent.get(part, getlink=True)
            if link is None:
                raise self.error(name, "expected it in the file, found nothing of that name")
            if isinstance(link, h5py.ExternalLink):
                raise self.error(name, f"expected it in this file, got a link into {printable(link.filename)}")
            if not isinstance(link, h5py.HardLink):
                raise self.error(name, "expected it in this file, got a link to something else")
            parent = parent[part]
            if part != name.rpartition("/")[2] and not isinstance(parent, h5py.Group):
                raise self.error(name, "expected it in a group, got values in the group's place")
        return parent

    def _dataset(self, name: str, *, packed: bool = False) -> Any:
        import h5py

        with explained(f"{self.path}: {name}"):
            found = self._own(name)
            if not isinstance(found, h5py.Dataset):
                raise self.error(name, "expected values, got a group or a type")
            layout = found.id.get_create_plist().get_layout()
            packed = packed and layout == h5py.h5d.CHUNKED and not found.is_virtual
            if packed and found.shape is not None and math.prod(found.chunks) > max(found.size, 1):
                raise self.error(name, "expected pieces no larger than the whole, got larger ones")
            plain = packed or layout in (h5py.h5d.CONTIGUOUS, h5py.h5d.COMPACT)
            if found.external or found.is_virtual or not plain:
                raise self.error(name, "expected values in one piece in this file, got packed ones or ones elsewhere")
            if found.shape is None or found.dtype.kind not in "ifuS":
                words = declared_words(found.dtype, found.shape)
                raise self.error(name, f"expected numbers or text, got {words}")
            if packed:
                return found
            stored = found.id.get_storage_size()
            needed = found.size * found.dtype.itemsize
            if stored != needed or needed > self._left:
                raise self.error(
                    name,
                    f"expected values that the file holds, got {declared_words(found.dtype, found.shape)} declared "
                    f"and {min(stored, self._left):,} bytes at most in the file",
                )
            return found

    def _read(self, name: str, found: Any) -> Array:
        with explained(f"{self.path}: {name}"):
            values: Array = np.zeros(found.shape, found.dtype.newbyteorder("="))
        self._left -= values.nbytes
        if not values.ndim:
            go_on(self._cancelled)
            with explained(f"{self.path}: {name}"):
                values[...] = found[()]
        elif values.size:
            row = values.nbytes // len(values)
            for rows in blocks(len(values), self._cancelled, max(1, BLOCK // row)):
                with explained(f"{self.path}: {name}"):
                    found.read_direct(values, np.s_[rows], np.s_[rows])
        return values
