"""Errors of writing files."""

from __future__ import annotations

from convviz.core.errors import ConvvizError


class OutputError(ConvvizError, ValueError):
    """A file can't be written at the requested path; nothing there has changed."""
