"""Where points of a map are on the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Array

SMALLEST, LARGEST = 12.0, 112.0
"""Sides of a picture on the map, in pixels."""
AT_ONE = 16.0
MOST_ZOOM = 60.0


@dataclass(frozen=True, slots=True)
class Camera:
    """Zoom and position.

    Parameters
    ----------
    zoom : float
        1 shows everything.
    x, y : float
        The point in the middle, of a map of unit spread.
    box : (float, float, float, float)
        Visible part of the map at zoom 1: its middle, and half its width and height.
    """

    zoom: float = 1.0
    x: float = 0.0
    y: float = 0.0
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def around(self, points: Array) -> Camera:
        """The camera for points that have moved: at zoom 1 it shows all of them, except NaN."""
        points = points[np.isfinite(points[:, 0])]
        if not len(points):
            return self
        low, high = points.min(axis=0), points.max(axis=0)
        (x, y), (wide, tall) = (low + high) / 2, np.maximum((high - low) / 2, 1e-6)
        box = (float(x), float(y), float(wide), float(tall))
        return replace(self, x=box[0], y=box[1], box=box) if self.zoom == 1.0 else replace(self, box=box)

    def scale(self, width: int, height: int) -> float:
        """Pixels a unit."""
        _, _, wide, tall = self.box
        return self.zoom * max(min((width / 2 - AT_ONE) / wide, (height / 2 - AT_ONE) / tall), 1e-3)

    @property
    def side(self) -> float:
        """Side of a picture, in pixels: it grows more slowly than distances, so that crowded pictures separate."""
        return float(np.clip(AT_ONE * self.zoom**0.7, SMALLEST, LARGEST))

    def whole(self) -> Camera:
        """The camera that shows everything."""
        return replace(self, zoom=1.0, x=self.box[0], y=self.box[1])

    def to_screen(self, points: Array, width: int, height: int) -> Array:
        """Pixels ``(n, 2)`` of points; the map's second axis points up."""
        scale = self.scale(width, height)
        middle = np.array([self.x, self.y])
        return np.asarray((points - middle) * [scale, -scale] + [width / 2, height / 2])

    def to_map(self, x: float, y: float, width: int, height: int) -> tuple[float, float]:
        """The point at a pixel."""
        scale = self.scale(width, height)
        return self.x + (x - width / 2) / scale, self.y - (y - height / 2) / scale

    def moved(self, dx: float, dy: float, width: int, height: int) -> Camera:
        """Dragged by so many pixels."""
        scale = self.scale(width, height)
        return replace(self, x=self.x - dx / scale, y=self.y + dy / scale)

    def zoomed(self, factor: float, x: float, y: float, width: int, height: int) -> Camera:
        """Zoomed about a pixel."""
        before = self.to_map(x, y, width, height)
        new = replace(self, zoom=float(np.clip(self.zoom * factor, 1.0, MOST_ZOOM)))
        if new.zoom == 1.0:
            return new.whole()
        after = new.to_map(x, y, width, height)
        return replace(new, x=new.x + before[0] - after[0], y=new.y + before[1] - after[1])


def inside(points: Array, corners: Array) -> Array:
    """Which points lie in a polygon, by counting its edges above each.

    Parameters
    ----------
    points : ndarray, ``(n, 2)``
    corners : ndarray, ``(k, 2)``
    """
    found = np.zeros(len(points), np.bool_)
    x, y = points[:, 0], points[:, 1]
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y1 != y2:
            found ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return found
