"""Remembers what was chosen when a file was imported, so that opening it again asks nothing."""

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
"""Most files that are remembered: those imported last."""
LARGEST = 2**22
"""Most bytes of the list."""
MOST_FOLDERS = 2000

Print = tuple[int, int]
"""Size in bytes, and time of the last change in nanoseconds; for a folder, sums over what is in it."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """The state of a file when it was imported, and the recipe that was used."""

    path: str
    size: int
    changed: int
    recipe: Recipe


class RememberedRecipes:
    """The list of remembered recipes, kept in a file of the user's data folder. It may be used from any thread.

    A list that can't be read counts as empty; one that can't be written lasts only until the program ends.

    Parameters
    ----------
    file : Path or None
        None keeps the list in memory only.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._held: list[Remembered] | None = None
        self._lock = threading.Lock()

    def of(self, path: Path) -> Recipe | None:
        """The recipe of a file; None if the file has changed since, or was never imported."""
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
    """Size and time by which a change of a file, or within a folder, is noticed; None if it can't be read."""
    try:
        about = path.stat()
        if not path.is_dir():
            return about.st_size, about.st_mtime_ns
        found = [(one.stat().st_size if one.is_file() else 1, one.stat().st_mtime_ns) for one in _entries(path)]
    except OSError:
        return None
    return sum(size for size, _ in found), (about.st_mtime_ns + sum(changed for _, changed in found)) % 2**62


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """A folder's entries and their subfolders; a subfolder's time changes when a file is added to it or removed."""
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
