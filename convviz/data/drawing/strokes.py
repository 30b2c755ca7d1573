"""Draws pen strokes into pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Segment", "add_segment"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A short movement of a round pen.

    Parameters
    ----------
    start, stop : tuple of float
        (x, y) in pixels from the upper left corner.
    radius, stop_radius : float
        Radius of the pen at the start and at the end, in pixels.
    erases : bool
        Whether it removes ink.
    """

    start: tuple[float, float]
    stop: tuple[float, float]
    radius: float
    stop_radius: float
    erases: bool = False


def add_segment(ink: NDArray[np.float32], segment: Segment) -> None:
    """Draw into an image, in place.

    A pixel gets the share of it that the pen covers: 1 inside the stroke, falling to 0 across the width of a pixel.

    Parameters
    ----------
    ink : ndarray of float32, (H, W)
        Values in 0…1.
    segment : Segment
    """
    (x0, y0), (x1, y1) = segment.start, segment.stop
    reach = max(segment.radius, segment.stop_radius) + 1
    height, width = ink.shape
    top, bottom = max(0, int(min(y0, y1) - reach)), min(height, int(max(y0, y1) + reach) + 1)
    left, right = max(0, int(min(x0, x1) - reach)), min(width, int(max(x0, x1) + reach) + 1)
    if top >= bottom or left >= right:
        return
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32) + np.float32(0.5)
    dx, dy = x1 - x0, y1 - y0
    length = dx * dx + dy * dy
    along = np.clip(((x - x0) * dx + (y - y0) * dy) / length, 0, 1) if length > 0 else np.zeros_like(x)
    away = np.hypot(x - (x0 + along * dx), y - (y0 + along * dy))
    radius = segment.radius + along * (segment.stop_radius - segment.radius)
    covered = np.clip(radius + 0.5 - away, 0, 1).astype(np.float32)
    part = ink[top:bottom, left:right]
    if segment.erases:
        np.minimum(part, 1 - covered, out=part)
    else:
        np.maximum(part, covered, out=part)
