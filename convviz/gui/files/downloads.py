"""Fetches known data sets, each in a separate thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from convviz.core.errors import ConvvizError
from convviz.data.known.cache import cache_folder, cached, fetch
from convviz.data.known.catalogue import KNOWN, KnownSet
from convviz.files.cancel import Cancelled, LoadCancelledError
from convviz.gui.widgets.posted import posted

__all__ = ["DownloadProgress", "Downloads"]

TELL_SECONDS = 0.08
PAUSE = 1.0
"""Seconds before a server is asked again."""


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far a download is.

    Parameters
    ----------
    done, total : int
        Bytes.
    seconds : float
        Estimated time left; NaN at first.
    """

    done: int
    total: int
    seconds: float = float("nan")


class Downloads(QObject):
    """Known sets: which are there, and which are being fetched.

    Parameters
    ----------
    known : sequence of KnownSet
    cache : Path, optional
        Folder of all sets; the user's cache unless given.

    Attributes
    ----------
    changed : Signal(str)
        Key of a set whose state has changed.
    fetched : Signal(str, object)
        Key of a set, and the path to open.
    failed : Signal(str, str)
        Key of a set, and why it could not be fetched.
    """

    changed = Signal(str)
    fetched = Signal(str, object)
    failed = Signal(str, str)

    def __init__(
        self, known: Sequence[KnownSet] = KNOWN, cache: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.known, self.cache, self.pause = tuple(known), cache, PAUSE
        self._stops: dict[str, threading.Event] = {}
        self._progress: dict[str, DownloadProgress] = {}
        self._told, self._ended = posted(self._tell), posted(self._end)

    def path(self, key: str) -> Path | None:
        """What to open, if the set is there."""
        return cached(self._of(key), self.cache or self._usual)

    @cached_property
    def _usual(self) -> Path:
        """The usual folder of sets, cached: asking the system for it takes as long as reading ten files."""
        return cache_folder()

    def progress(self, key: str) -> DownloadProgress | None:
        """How far its download is, while it runs."""
        return self._progress.get(key)

    def start(self, key: str) -> None:
        """Fetch a set; does nothing while it is fetched."""
        if key in self._stops:
            return
        known, stop = self._of(key), threading.Event()
        self._stops[key] = stop
        self._progress[key] = DownloadProgress(0, round(known.megabytes * 1e6))
        fetching = _Fetching(known, self.cache, self.pause, stop.is_set, self._told, self._ended)
        threading.Thread(target=fetching.run, name=f"convviz-get-{key}", daemon=True).start()
        self.changed.emit(key)

    def cancel(self, key: str) -> None:
        """Stop fetching; what has arrived is kept, and the next attempt continues from there."""
        if key in self._stops:
            self._stops[key].set()

    def close(self) -> None:
        """Stop all."""
        for stop in self._stops.values():
            stop.set()

    def _of(self, key: str) -> KnownSet:
        return next(one for one in self.known if one.key == key)

    def _tell(self, key: str, progress: DownloadProgress) -> None:
        if key in self._stops:
            self._progress[key] = progress
            self.changed.emit(key)

    def _end(self, key: str, path: Path | None, reason: str) -> None:
        self._stops.pop(key, None)
        self._progress.pop(key, None)
        self.changed.emit(key)
        if path is not None:
            self.fetched.emit(key, path)
        elif reason:
            self.failed.emit(key, reason)


@dataclass(frozen=True, slots=True)
class _Fetching:
    """One download, in its thread: knows no object of Qt's, which only the window's thread may delete."""

    known: KnownSet
    cache: Path | None
    pause: float
    cancelled: Cancelled
    told: Callable[[str, DownloadProgress], None]
    ended: Callable[[str, Path | None, str], None]

    def run(self) -> None:
        """Fetch the set."""
        known = self.known
        files: dict[str, int] = {}
        began, first, last = time.monotonic(), -1, 0.0
        now = DownloadProgress(0, round(known.megabytes * 1e6))

        def told(name: str, done: int, total: int) -> None:
            nonlocal first, last, now
            files[name] = done
            whole = total if len(known.files) == 1 and total else now.total
            got = sum(files.values())
            first = got if first < 0 else first  # bytes that were there before took no time
            here = time.monotonic()
            if here - last < TELL_SECONDS and done < total:
                return
            last = here
            rate = (got - first) / max(here - began, 1e-6)
            left = (whole - got) / rate if rate > 0 else float("nan")
            now = replace(now, done=got, total=max(whole, got), seconds=left)
            self.told(known.key, now)

        path, reason = None, ""
        try:
            path = fetch(known, self.cache, told=told, cancelled=self.cancelled, pause=self.pause)
        except LoadCancelledError:
            pass
        except (ConvvizError, OSError, ValueError) as error:
            reason = str(error)
        finally:  # after any other error, which is printed, the set can be fetched again
            self.ended(known.key, path, reason)
