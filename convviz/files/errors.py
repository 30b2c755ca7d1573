"""The errors of places in the file system."""

from __future__ import annotations

from convviz.core.errors import ConvvizError


class OutputError(ConvvizError, ValueError):
    """A file can't be written where it was asked for; nothing there has changed."""
