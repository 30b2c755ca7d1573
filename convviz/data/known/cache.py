"""Fetches known sets, and keeps them in a folder."""

from __future__ import annotations

import bz2
import fnmatch
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import numpy as np

from convviz.data.errors import DataError
from convviz.data.known.catalogue import KnownSet
from convviz.data.known.download import download
from convviz.files.atomic import atomic_path, write_bytes_atomically
from convviz.files.cancel import Cancelled, go_on

__all__ = ["CLASS_NAMES", "cache_folder", "cached", "fetch", "forget"]

CLASS_NAMES = "class_names.txt"
"""File of a set's class names, one per line, beside its other files; readers take the names from it."""
LARGEST_MEMBER = 2**30
LONGEST_LINE = 2**16


def cache_folder() -> Path:
    """The folder of all known sets; it may not exist yet."""
    from platformdirs import user_cache_path

    return user_cache_path("convviz", appauthor=False) / "data"


def cached(known: KnownSet, cache: Path | None = None) -> Path | None:
    """The path to open, if a set was fetched completely."""
    folder = (cache or cache_folder()) / known.key
    # The file of class names is written last.
    return _opened(known, folder) if (folder / CLASS_NAMES).is_file() else None


def fetch(
    known: KnownSet,
    cache: Path | None = None,
    *,
    told: Callable[[str, int, int], None] | None = None,
    cancelled: Cancelled | None = None,
    pause: float = 1.0,
) -> Path:
    """Fetch a known set, unless it is there already.

    Parameters
    ----------
    known : KnownSet
    cache : Path, optional
        Folder of all sets.
    told : callable, optional
        Called with the name of a file, the bytes that have arrived, and its size in bytes (0 if unknown).
    cancelled : callable, optional
    pause : float
        Seconds before the second attempt to reach a server.

    Returns
    -------
    Path
        The file or folder to open.

    Raises
    ------
    DataError
        A server or the disk failed.
    LoadCancelledError
    """
    there = cached(known, cache)
    if there is not None:
        return there
    _require(known)
    root = cache or cache_folder()
    folder = root / known.key
    for file in known.files:

        def tell(done: int, total: int, name: str = file.name) -> None:
            if told is not None:
                told(name, done, total)

        archive = download(file, root / (known.shared or known.key), told=tell, cancelled=cancelled, pause=pause)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if known.members:
                _unpack(archive, folder, known.members, cancelled)
                if not known.shared:
                    archive.unlink()
            elif archive.suffix == ".bz2":
                _sparse_rows(archive, folder, known, cancelled)
        except DataError:
            raise
        except (OSError, EOFError, ValueError, zlib.error, zipfile.BadZipFile, tarfile.TarError) as error:
            reason = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise DataError(f"{archive}: expected to unpack it, got: {reason}") from None
    names = "".join(f"{name}\n" for name in known.class_names)
    write_bytes_atomically(folder / CLASS_NAMES, names.encode())
    return _opened(known, folder)


def forget(known: KnownSet, cache: Path | None = None) -> None:
    """Remove a set from the disk."""
    shutil.rmtree((cache or cache_folder()) / known.key, ignore_errors=True)


def _opened(known: KnownSet, folder: Path) -> Path:
    first = known.files[0].name
    return folder / first if first.endswith(".mat") else folder


def _require(known: KnownSet) -> None:
    """Before anything is fetched, refuse a set whose reader needs a library that is missing."""
    if not known.needs:
        return
    import importlib.util

    library, _, how = known.needs.partition(": ")
    if importlib.util.find_spec(library) is None:
        raise DataError(f"{known.title}: expected the library {library} to read it, found none; install it with: {how}")


def _unpack(archive: Path, folder: Path, wanted: str, cancelled: Cancelled | None) -> None:
    """Unpack the files whose names match ``wanted``, all into one folder."""
    count = 0
    for name, size, opened in _members(archive):
        base = name.replace("\\", "/").rsplit("/", 1)[-1]
        if not fnmatch.fnmatch(base, wanted) or base.startswith("."):
            continue
        if size > LARGEST_MEMBER:
            raise DataError(f"{archive}: {base}: expected at most 1 GiB, got {size / 2**30:.1f} GiB")
        with opened() as packed, atomic_path(folder / base) as part, part.open("wb") as out:
            while block := packed.read(2**20):
                go_on(cancelled)
                out.write(block)
        count += 1
    if not count:
        raise DataError(f"{archive}: expected files named {wanted} in it, found none")


def _members(archive: Path) -> Iterator[tuple[str, int, Callable[[], IO[bytes]]]]:
    """Regular files of an archive: name, size, and how to open."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            for info in zipped.infolist():
                if not info.is_dir():
                    yield info.filename, info.file_size, lambda info=info: zipped.open(info)  # type: ignore[misc]
        return
    with tarfile.open(archive) as tarred:
        for member in tarred:
            if member.isreg():
                yield member.name, member.size, lambda member=member: tarred.extractfile(member)  # type: ignore[misc]


def _sparse_rows(packed: Path, folder: Path, known: KnownSet, cancelled: Cancelled | None) -> None:
    """Convert USPS from LIBSVM's text, ``label index:value …``: labels and indices from 1, values in −1…1."""
    size = known.image[1] * known.image[2]
    pixels, labels = [], []
    with bz2.open(packed, "rt", encoding="ascii") as lines:
        for number, line in enumerate(lines, 1):
            go_on(cancelled)
            if len(line) > LONGEST_LINE:
                raise DataError(f"{packed}: line {number:,}: expected at most {LONGEST_LINE:,} letters, got more")
            label, *cells = line.split()
            row = np.zeros(size, np.float32)
            for cell in cells:
                index, _, value = cell.partition(":")
                if not 1 <= int(index) <= size:
                    raise DataError(f"{packed}: line {number:,}: expected indices in 1…{size}, got {index}")
                row[int(index) - 1] = float(value)
            pixels.append((row + 1) / 2)
            labels.append(int(label) - 1)
    part = "test" if packed.name.endswith(".t.bz2") else "train"
    side = known.image[1:]
    arrays = (("x", np.array(pixels).clip(0, 1).reshape(-1, *side)), ("y", np.array(labels, np.int64)))
    for name, values in arrays:
        with atomic_path(folder / f"{name}_{part}.npy") as file, file.open("wb") as out:
            np.lib.format.write_array(out, values, allow_pickle=False)
