"""The rows of the network map: titles, lanes of links, maps, filters, and the strip of health below."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = 38
"""Height of the titles, in pixels."""
TALL_HEAD = 58
"""The same where titles are written upwards because columns are narrow."""
LANE, LANES = 6, 16
"""Greatest height of a lane, in which links pass above the columns between their ends, and of all lanes together."""
DEAD, RATIO, VALUES, SCALE = 20, 28, 32, 14
"""Heights of the rows of the health strip, in pixels."""
LOW = 226
"""Least height of a map with a row of values."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Upper ends of the rows of a map, in pixels; ``lanes`` is the lower end of the lowest lane."""

    lanes: int
    lane_height: int
    maps: int
    filters: int
    dead: int
    ratio: int
    values: int
    scale: int
    end: int

    @property
    def has_values(self) -> bool:
        """Whether there is room for the row of values."""
        return self.scale > self.values

    @classmethod
    def of(cls, height: int, *, lanes: int = 0, head: int = HEAD) -> Rows:
        """Divide a height among them.

        Parameters
        ----------
        height : int
        lanes : int
            How many lanes of links there are.
        head : int
            Height of the titles.
        """
        end = height - 2
        scale = end - SCALE
        values = scale - (VALUES if height >= LOW else 0)
        ratio = values - RATIO
        dead = ratio - DEAD
        filters = dead - 10 - (34 if height >= 240 else 22)
        lane = min(LANE, LANES // max(lanes, 1))
        maps = head + lanes * lane
        return cls(maps - 2, lane, maps, filters, dead, ratio, values, scale, end)

    def lane(self, number: int) -> float:
        """Height of a lane's line; lane 0 is the lowest."""
        return self.lanes - self.lane_height * (number + 0.5)
