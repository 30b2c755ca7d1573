"""The error of sweeps."""

from __future__ import annotations

from convviz.core.errors import ConvvizError

__all__ = ["SweepError"]


class SweepError(ConvvizError, ValueError):
    """A sweep can't be made or go on; one sentence names the field or file, what was expected and what came."""
