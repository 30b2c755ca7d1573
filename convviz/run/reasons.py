"""Why something failed, in one sentence."""

from __future__ import annotations

__all__ = ["sentence"]


def sentence(error: BaseException) -> str:
    """The reason in one sentence."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this network at this batch size"
    return str(error) or type(error).__name__
