"""Pen strokes: smooth curves and corners, written as a few control points and sampled into polylines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

#: x and y of one control point; y points down, as in images.
Point = tuple[float, float]
#: A run of control points that the pen passes smoothly; its ends are corners or the ends of the stroke.
Piece = Sequence[Point]
#: What the pen draws between touching the paper and leaving it: pieces that share their end points.
Stroke = Sequence[Piece]
#: A whole character.
Glyph = Sequence[Stroke]
#: Sampled positions along one stroke, (K, 2).
Polyline = NDArray[np.float64]


def arc(centre: Point, radii: Point, start: float, stop: float, *, points: int = 6, drift: float = 0.0) -> list[Point]:
    """Control points along part of an ellipse.

    Parameters
    ----------
    centre, radii
        Centre and radii of the ellipse, in glyph units.
    start, stop
        Angles in degrees: 0 is right, 90 is down, −90 is up. From a larger to a smaller angle the pen
        moves anticlockwise as seen on the page.
    points
        How many control points, both ends included.
    drift
        By what fraction the radii have grown at the end: above 0 the arc opens like a spiral.
    """
    cx, cy = centre
    rx, ry = radii
    found = []
    for step in range(points):
        t = step / (points - 1)
        angle = math.radians(start + (stop - start) * t)
        grown = 1.0 + drift * t
        found.append((cx + rx * grown * math.cos(angle), cy + ry * grown * math.sin(angle)))
    return found


def smooth_curve(points: NDArray[np.float64], per_span: int = 8) -> Polyline:
    """Pass a smooth curve through control points (centripetal Catmull-Rom, which makes no cusps or loops).

    Parameters
    ----------
    points
        (K, 2) control points, K ≥ 2.
    per_span
        Number of pieces that each span between two control points is cut into.

    Returns
    -------
    (M, 2) positions from the first control point to the last.
    """
    apart = np.hypot(*np.diff(points, axis=0).T)
    points = points[np.concatenate(([True], apart > 1e-9))]
    if len(points) < 2:
        return points
    # The first and last spans need a tangent at their outer end: the neighbouring points, mirrored, provide it.
    padded = np.vstack((2 * points[0] - points[1], points, 2 * points[-1] - points[-2]))
    knots = np.concatenate(([0.0], np.cumsum(np.sqrt(np.hypot(*np.diff(padded, axis=0).T)))))
    p0, p1, p2, p3 = (padded[i : len(padded) - 3 + i, None, :] for i in range(4))
    t0, t1, t2, t3 = (knots[i : len(knots) - 3 + i, None, None] for i in range(4))
    t = t1 + (t2 - t1) * np.linspace(0.0, 1.0, per_span, endpoint=False)[None, :, None]
    a1 = ((t1 - t) * p0 + (t - t0) * p1) / (t1 - t0)
    a2 = ((t2 - t) * p1 + (t - t1) * p2) / (t2 - t1)
    a3 = ((t3 - t) * p2 + (t - t2) * p3) / (t3 - t2)
    b1 = ((t2 - t) * a1 + (t - t0) * a2) / (t2 - t0)
    b2 = ((t3 - t) * a2 + (t - t1) * a3) / (t3 - t1)
    curve = ((t2 - t) * b1 + (t - t1) * b2) / (t2 - t1)
    return np.vstack((curve.reshape(-1, 2), points[-1]))


def resample(line: Polyline, spacing: float) -> Polyline:
    """Place points at equal distances along a polyline, at most ``spacing`` apart, keeping both ends."""
    lengths = np.hypot(*np.diff(line, axis=0).T)
    travelled = np.concatenate(([0.0], np.cumsum(lengths)))
    pieces = max(1, math.ceil(travelled[-1] / spacing))
    at = np.linspace(0.0, travelled[-1], pieces + 1)
    return np.column_stack((np.interp(at, travelled, line[:, 0]), np.interp(at, travelled, line[:, 1])))


def sample(pieces: Iterable[NDArray[np.float64]], spacing: float) -> Polyline:
    """Sample one stroke: every piece smoothly, corners between pieces kept sharp."""
    lines = [resample(smooth_curve(piece), spacing) for piece in pieces]
    return np.vstack([lines[0], *(line[1:] for line in lines[1:])])
