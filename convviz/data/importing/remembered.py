"""What was chosen when a file was imported, so that the second opening asks nothing."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from convviz.core.errors import ConvvizError
from convviz.data.importing.recipe import Recipe
from convviz.files.atomic import write_bytes_atomically

__all__ = ["RememberedRecipes", "print_of"]

MOST = 200
"""Files that are remembered, the last used ones."""
LARGEST = 2**22
"""Bytes of the list."""
MOST_FOLDERS = 2000

Print = tuple[int, int]
"""Bytes, and the time of the last change in nanoseconds; of a folder, both are sums over what is in it."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One file, as it was when it was imported."""

    path: str
    size: int
    changed: int
    recipe: Recipe


class RememberedRecipes:
    """A list in a file of the user's data folder; any thread may ask.

    A list that can't be read counts as empty, and one that can't be written lasts until the window closes.

    Parameters
    ----------
    file : Path or None
        Only in memory without it.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._held: list[Remembered] | None = None
        self._lock = threading.Lock()

    def of(self, path: Path) -> Recipe | None:
        """The recipe of a file; None if it is another file by now, or was never imported."""
        with self._lock:
            found = next((one for one in self._all() if one.path == str(path)), None)
        if found is None or print_of(path) != (found.size, found.changed):
            return None
        return found.recipe

    def add(self, path: Path, recipe: Recipe) -> None:
        """Remember a recipe."""
        now = print_of(path)
        if now is None:
            return
        with self._lock:
            kept = [one for one in self._all() if one.path != str(path)]
            self._held = [Remembered(str(path), *now, recipe), *kept][:MOST]
            self._write()

    def _all(self) -> list[Remembered]:
        if self._held is None:
            self._held = []
            with contextlib.suppress(OSError, ValueError, ConvvizError, msgspec.MsgspecError):
                if self._file is not None and self._file.stat().st_size <= LARGEST:
                    self._held = msgspec.json.decode(self._file.read_bytes(), type=list[Remembered])
        return self._held

    def _write(self) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError, ConvvizError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_bytes_atomically(self._file, msgspec.json.encode(self._all()))


def print_of(path: Path) -> Print | None:
    """What changes when a file, or anything in a folder or its subfolders, changes; None if it isn't there."""
    try:
        about = path.stat()
        if not path.is_dir():
            return about.st_size, about.st_mtime_ns
        found = [(one.stat().st_size if one.is_file() else 1, one.stat().st_mtime_ns) for one in _entries(path)]
    except OSError:
        return None
    return sum(size for size, _ in found), (about.st_mtime_ns + sum(changed for _, changed in found)) % 2**62


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Files of a folder, and folders two levels deep, whose times tell whether a file of theirs came or went."""
    left = MOST_FOLDERS
    with os.scandir(folder) as first:
        for one in first:
            yield one
            left -= 1
            if left <= 0:
                return
            if one.is_dir():
                with os.scandir(one.path) as second:
                    for each in second:
                        if left <= 0:
                            return
                        if each.is_dir():
                            left -= 1
                            yield each
