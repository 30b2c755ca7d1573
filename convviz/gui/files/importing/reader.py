"""Reads a file in a separate thread, as long as its import is being chosen."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from convviz.core.errors import ConvvizError
from convviz.data.errors import DataError, LoadCancelledError
from convviz.data.importing.choices import Choice, choices_of, with_choice
from convviz.data.importing.contents import Contents
from convviz.data.importing.preview import ImportPreview, preview_of
from convviz.data.importing.recipe import Finding
from convviz.data.importing.recognise import Recognised, recognise
from convviz.data.importing.remembered import RememberedRecipes
from convviz.data.importing.second_file import with_test_file
from convviz.data.open import opened, reader_of, with_names
from convviz.data.sources import ImageSpec
from convviz.files.cancel import Cancelled
from convviz.gui.widgets.posted import posted

__all__ = ["ImportReader", "Looked"]

Questions = queue.SimpleQueue[tuple[str, Any] | None]
"""What is asked for: a key of a choice and its value; None ends the thread."""
SMALL = 2**27
"""Files up to this many bytes, and four times as many of values, are checked completely before the first answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found in a file.

    Parameters
    ----------
    recognised : Recognised
    choices : tuple of Choice
    preview : Preview or None
        None where the choices don't fit the file.
    fault : str
        Why they don't.
    seconds : float
        That it took.
    stored : int
        Bytes of the file's arrays.
    remembered : bool
        Whether the recipe is that of the last time.
    """

    recognised: Recognised
    choices: tuple[Choice, ...]
    preview: ImportPreview | None
    fault: str
    seconds: float
    stored: int
    remembered: bool = False


class ImportReader(QObject):
    """Keeps a file open in a thread, and answers questions about it, the newest one last.

    Parameters
    ----------
    path : Path
    like : ImageSpec
        What the network takes.
    known : RememberedRecipes, optional
        What was chosen for files before.

    Attributes
    ----------
    looked : Signal(object)
        A :class:`Looked`.
    failed : Signal(object)
        The error because of which nothing can be recognised.
    """

    looked = Signal(object)
    failed = Signal(object)

    def __init__(
        self, path: Path, like: ImageSpec, parent: QObject | None = None, *, known: RememberedRecipes | None = None
    ) -> None:
        super().__init__(parent)
        self.path, self.like = path, like
        self._asked: Questions = queue.SimpleQueue()
        self._ended = threading.Event()
        reading = _Reading(path, like, known, self._asked, self._ended.is_set, posted(self._told))
        self._thread = threading.Thread(target=reading.run, name="convviz-import", daemon=True)

    def start(self) -> None:
        """Open the file and look at it."""
        self._thread.start()

    def choose(self, key: str, value: object) -> None:
        """Choose something else."""
        self._asked.put((key, value))

    def show_from(self, start: int) -> None:
        """Show other images."""
        self._asked.put(("start", start))

    def close(self) -> None:
        """Close the file; the thread ends at the next block."""
        self._ended.set()
        self._asked.put(None)

    def _told(self, found: Looked | DataError) -> None:
        if not self._ended.is_set():
            (self.looked if isinstance(found, Looked) else self.failed).emit(found)


def is_small(contents: Contents) -> bool:
    """Whether all values can be looked at while the user waits."""
    stored, declared = sum(one.stored for one in contents.arrays), sum(one.declared for one in contents.arrays)
    return stored < SMALL and declared < 4 * SMALL


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the thread does with the file: knows no object of Qt's, which only the window's thread may delete."""

    path: Path
    like: ImageSpec
    known: RememberedRecipes | None
    asked: Questions
    cancelled: Cancelled
    tell: Callable[[Looked | DataError], None]

    def run(self) -> None:
        """Look at the file, and answer until nothing more is to be asked."""
        try:
            began = time.monotonic()
            if not self._as_last_time(began):
                with opened(self.path, cancelled=self.cancelled) as contents:
                    whole = is_small(contents)
                    found = recognise(self.path, contents, self.like, whole=whole, guess=True, cancelled=self.cancelled)
                    if not contents.parts:
                        contents = replace(contents, parts=found.recipe.parts)
                    self._answer(contents, self._look(contents, found, 0, "", began), began)
        except LoadCancelledError:
            return
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            self.tell(error if isinstance(error, DataError) else DataError(f"{self.path}: {error}"))

    def _as_last_time(self, began: float) -> bool:
        """Answer with what was chosen before; False if nothing was, or it doesn't fit any more."""
        recipe = self.known.of(self.path) if self.known is not None else None
        if recipe is None:
            return False
        try:
            with opened(self.path, recipe.test_file, self.cancelled) as contents:
                found = Recognised(recipe, (Finding("form", f"{contents.form}, as last time"),))
                looked = self._look(contents, found, 0, "", began)
                if looked.preview is None:
                    return False
                self._answer(contents, replace(looked, remembered=True), began)
                return True
        except (DataError, OSError):
            return False

    def _answer(self, contents: Contents, looked: Looked, began: float) -> None:
        start, fault, found = 0, "", looked.recognised
        with ExitStack() as files:
            while True:
                if self.asked.empty():
                    self.tell(looked)
                job = self.asked.get()
                if job is None or self.cancelled():
                    return
                began, fault = time.monotonic(), ""
                key, value = job
                try:
                    if key == "start":
                        start = value
                    elif key == "test" and isinstance(value, Path):
                        contents, found = self._with_test_file(contents, found, value, files)
                    else:
                        found = with_choice(self.path, contents, found, key, value, self.like)
                except DataError as error:
                    fault = str(error)
                if self.asked.empty():
                    looked = self._look(contents, found, start, fault, began)

    def _with_test_file(
        self, contents: Contents, found: Recognised, path: Path, files: ExitStack
    ) -> tuple[Contents, Recognised]:
        """Take the test images of another file."""
        other = files.enter_context(reader_of(path).contents(path, self.cancelled))
        joined = with_test_file(self.path, contents, path, with_names(path, other))
        named = replace(found, recipe=replace(found.recipe, test_file=str(path)))
        return joined, with_choice(self.path, joined, named, "test", joined.parts["test"], self.like)

    def _look(self, contents: Contents, found: Recognised, start: int, fault: str, began: float) -> Looked:
        preview: ImportPreview | None = None
        if not fault:
            try:
                preview = preview_of(self.path, contents, found.recipe, start, self.like)
            except DataError as error:
                fault = str(error)
            except (OSError, ValueError, MemoryError) as error:
                fault = f"{self.path}: {error}"
        stored = sum(array.stored for array in contents.arrays)
        choices = choices_of(self.path, contents, found, self.like)
        return Looked(found, choices, preview, fault, time.monotonic() - began, stored)
