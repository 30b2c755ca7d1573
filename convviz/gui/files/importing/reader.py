"""Reads a file in a thread of its own, as long as its choices are looked at."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from convviz.core.errors import ConvvizError
from convviz.data.errors import DataError, LoadCancelledError
from convviz.data.importing.choices import Choice, choices_of, with_choice
from convviz.data.importing.contents import Contents
from convviz.data.importing.preview import Preview, preview_of
from convviz.data.importing.recognise import Recognised, recognise
from convviz.data.open import reader_of, with_names
from convviz.data.sources import ImageSpec

__all__ = ["ImportReader", "Looked"]

SMALL = 2**27
"""Bytes of a file whose values are all looked at before anything is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found out of a file.

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
    """

    recognised: Recognised
    choices: tuple[Choice, ...]
    preview: Preview | None
    fault: str
    seconds: float
    stored: int


class ImportReader(QObject):
    """Keeps a file open in a thread, and answers what is asked of it, the newest question last.

    Parameters
    ----------
    path : Path
    like : ImageSpec
        What the network takes.

    Attributes
    ----------
    looked : Signal(object)
        A :class:`Looked`.
    failed : Signal(object)
        The error because of which nothing can be recognised.
    """

    looked = Signal(object)
    failed = Signal(object)

    def __init__(self, path: Path, like: ImageSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path, self.like = path, like
        self._asked: queue.SimpleQueue[tuple[str, Any] | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="convviz-import", daemon=True)

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

    # --- in the thread -----------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            began = time.monotonic()
            with reader_of(self.path).contents(self.path, self._ended.is_set) as contents:
                contents = with_names(self.path, contents)
                whole = sum(array.stored for array in contents.arrays) < SMALL
                found = recognise(self.path, contents, self.like, whole=whole, cancelled=self._ended.is_set)
                self._answer(contents, found, began)
        except LoadCancelledError:
            return
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            self._tell(self.failed, error if isinstance(error, DataError) else DataError(f"{self.path}: {error}"))

    def _answer(self, contents: Contents, found: Recognised, began: float) -> None:
        start, fault = 0, ""
        while True:
            if self._asked.empty():
                self._tell(self.looked, self._look(contents, found, start, fault, time.monotonic() - began))
            job = self._asked.get()
            if job is None or self._ended.is_set():
                return
            began, fault = time.monotonic(), ""
            key, value = job
            if key == "start":
                start = value
                continue
            try:
                found = with_choice(self.path, contents, found, key, value, self.like)
            except DataError as error:
                fault = str(error)

    def _look(self, contents: Contents, found: Recognised, start: int, fault: str, seconds: float) -> Looked:
        preview: Preview | None = None
        if not fault:
            try:
                preview = preview_of(self.path, contents, found.recipe, start, self.like)
            except DataError as error:
                fault = str(error)
            except (OSError, ValueError, MemoryError) as error:
                fault = f"{self.path}: {error}"
        stored = sum(array.stored for array in contents.arrays)
        return Looked(found, choices_of(contents, found, self.like), preview, fault, seconds, stored)

    def _tell(self, signal: Any, value: object) -> None:
        with contextlib.suppress(RuntimeError):  # the window is gone by now
            if not self._ended.is_set():
                signal.emit(value)
