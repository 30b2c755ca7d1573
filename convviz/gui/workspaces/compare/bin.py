"""Deleted recordings, which can be brought back until the window is closed."""

from __future__ import annotations

import contextlib
from pathlib import Path

from convviz.files.claim import is_claimed
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.schema import companions

__all__ = ["RunsBin"]

NAME = ".deleted"


class RunsBin:
    """Files that were deleted are moved into a hidden folder beside them, and removed at the end."""

    def __init__(self) -> None:
        self._moved: list[tuple[Path, Path]] = []
        """Original and present path of each."""

    def put(self, path: Path) -> None:
        """Delete a recording.

        Raises
        ------
        RecordingError
            It is being written, or can't be moved.
        """
        if is_claimed(path):
            raise RecordingError(f"{path.name}: expected a run that has ended, got one that is being recorded")
        place = path.parent / NAME
        try:
            place.mkdir(exist_ok=True)
            for one in (path, *companions(path)):
                if one.exists():
                    one.replace(place / one.name)
        except OSError as error:
            raise RecordingError(f"{path.name}: can't be deleted: {error.strerror or error}") from None
        self._moved.append((path, place / path.name))

    def take_back(self) -> Path | None:
        """Bring the last one back; None if there is none.

        Raises
        ------
        RecordingError
            It can't be moved, or another file has taken its place.
        """
        if not self._moved:
            return None
        path, here = self._moved[-1]
        if path.exists():
            raise RecordingError(f"{path.name}: expected its place to be free, found another file there")
        try:
            for one, other in zip((here, *companions(here)), (path, *companions(path)), strict=True):
                if one.exists():
                    one.replace(other)
        except OSError as error:
            raise RecordingError(f"{path.name}: can't be brought back: {error.strerror or error}") from None
        self._moved.pop()
        return path

    def empty(self) -> None:
        """Remove for good what was deleted."""
        for _, here in self._moved:
            for one in (here, *companions(here)):
                with contextlib.suppress(OSError):
                    one.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                here.parent.rmdir()
        self._moved.clear()
