"""The error of recordings."""

from __future__ import annotations

from convviz.core.errors import ConvvizError

__all__ = ["RecordingError"]


class RecordingError(ConvvizError, ValueError):
    """A recording can't be written or read; one sentence names the file, what was expected and what came."""
