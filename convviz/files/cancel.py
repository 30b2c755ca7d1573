"""Cancelling in the middle of reading a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from convviz.core.errors import ConvvizError

__all__ = ["Cancelled", "LoadCancelledError", "blocks", "go_on", "going_on"]

Thing = TypeVar("Thing")

Cancelled = Callable[[], bool]
"""Called repeatedly; returns True to cancel."""
BLOCK = 4 * 2**20
"""Bytes read between two checks for cancellation: a few milliseconds of work."""


class LoadCancelledError(ConvvizError):
    """The caller's ``cancelled`` returned True while a file was read. Nothing was loaded."""


def go_on(cancelled: Cancelled | None) -> None:
    """Raise :class:`LoadCancelledError` if ``cancelled`` returns True."""
    if cancelled is not None and cancelled():
        raise LoadCancelledError("loading was cancelled")


def blocks(count: int, cancelled: Cancelled | None, size: int = BLOCK) -> Iterator[slice]:
    """Split ``count`` bytes, rows or other things into blocks, checking for cancellation before each."""
    for start in range(0, count, size):
        go_on(cancelled)
        yield slice(start, min(start + size, count))


def going_on(things: Iterable[Thing], cancelled: Cancelled | None) -> Iterator[Thing]:
    """The things one by one, checking for cancellation before each."""
    for thing in things:
        go_on(cancelled)
        yield thing
