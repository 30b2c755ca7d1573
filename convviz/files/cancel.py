"""Giving up in the middle of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from convviz.core.errors import ConvvizError

__all__ = ["Cancelled", "LoadCancelledError", "blocks", "go_on"]

Cancelled = Callable[[], bool]
"""Asked again and again whether to give up."""
BLOCK = 4 * 2**20
"""Bytes between two such questions: a few milliseconds of work."""


class LoadCancelledError(ConvvizError):
    """The caller's ``cancelled`` said yes while a file was read. Nothing was loaded."""


def go_on(cancelled: Cancelled | None) -> None:
    """Raise :class:`LoadCancelledError` if it was asked to give up."""
    if cancelled is not None and cancelled():
        raise LoadCancelledError("loading was cancelled")


def blocks(count: int, cancelled: Cancelled | None, size: int = BLOCK) -> Iterator[slice]:
    """Cut so many bytes, rows or whatever into blocks; before each it is asked whether to go on."""
    for start in range(0, count, size):
        go_on(cancelled)
        yield slice(start, min(start + size, count))
