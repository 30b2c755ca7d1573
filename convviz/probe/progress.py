"""How far a long computation is, and its cancelling."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from convviz.core.errors import ConvvizError

__all__ = ["ProbeCancelledError", "Progress", "batches", "silent"]

Progress = Callable[[int, int], bool]
"""Called with how many are done, of how many; returns False to cancel."""

BATCH = 128
"""Images that run through the network at a time."""


class ProbeCancelledError(ConvvizError):
    """The caller's progress function returned False. There is no result."""


def silent(done: int, total: int) -> bool:  # noqa: ARG001
    """Reports nothing, and never cancels."""
    return True


def batches(total: int, progress: Progress = silent, size: int = BATCH) -> Iterator[slice]:
    """Split ``total`` things into batches; progress is reported before the first and after each.

    Raises
    ------
    ProbeCancelledError
    """
    tell(progress, 0, total)
    for start in range(0, total, size):
        stop = min(start + size, total)
        yield slice(start, stop)
        tell(progress, stop, total)


def tell(progress: Progress, done: int, total: int) -> None:
    """Say how many are done.

    Raises
    ------
    ProbeCancelledError
        The caller cancels.
    """
    if not progress(done, total):
        raise ProbeCancelledError("cancelled")


def part_of(progress: Progress, first: float, last: float) -> Progress:
    """Progress of a part of a computation, from the share ``first`` of the whole to ``last``, in thousandths."""

    def say(done: int, total: int) -> bool:
        return progress(round(1000 * (first + (last - first) * done / max(total, 1))), 1000)

    return say
