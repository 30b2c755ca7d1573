"""The lowest and highest values of a growing row, by blocks, so that drawing any part of it reads few values."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

BLOCK = 16
"""Values in a block of the lowest level; each level above it joins two blocks."""


class Extremes:
    """Levels of blocks over a row, each block with the positions of its lowest and its highest value.

    Level k has blocks of ``BLOCK · 2ᵏ`` values. Only complete blocks are stored; later values don't change them, so
    growing reads only the new values and, once, two positions of every block of the level below.

    Attributes
    ----------
    looked : int
        Number of values read so far, for growing and for queries.
    """

    def __init__(self) -> None:
        self.looked = 0
        self._rooms: list[Places] = []
        """For each level: positions ``(blocks, 2)`` in order, with room for more."""
        self._counts: list[int] = []

    def clear(self) -> None:
        """Start another row."""
        self._rooms.clear()
        self._counts.clear()

    def grow(self, values: Values) -> None:
        """Add the blocks completed since the last call; ``values`` is the whole row so far."""
        done = self._counts[0] if self._counts else 0
        whole = len(values) // BLOCK
        if whole > done:
            places = np.arange(done * BLOCK, whole * BLOCK).reshape(-1, BLOCK)
            self._append(0, self._ends(values, places))
        level = 0
        while level < len(self._counts) and self._counts[level] > 1:
            done = self._counts[level + 1] if level + 1 < len(self._counts) else 0
            whole = self._counts[level] // 2
            if whole > done:
                self._append(level + 1, self._ends(values, self._rooms[level][2 * done : 2 * whole].reshape(-1, 4)))
            level += 1

    def thinned(self, first: int, last: int, parts: int) -> Places:
        """Positions that represent a part of the row: the lowest and the highest of each of its blocks.

        Blocks are as large as they can be with at least ``parts`` of them; values that fill no block are all kept.
        There are at most ``BLOCK · parts`` positions: for a long part about ``4 · parts``, and 30 at its ends.
        """
        level = -1
        while level + 1 < len(self._counts) and (last - first) // (BLOCK << (level + 1)) >= parts:
            level += 1
        return self._cover(first, last, level)

    def ends(self, values: Values, first: int, last: int) -> tuple[float, float] | None:
        """The lowest and the highest value of a part of the row; None if it has no values."""
        there = values[self._cover(first, last, len(self._counts) - 1)]
        there = there[np.isfinite(there)]
        return (float(there.min()), float(there.max())) if there.size else None

    def _cover(self, first: int, last: int, level: int) -> Places:
        """Positions of the extremes of the largest blocks that fit into a part, and all positions beside them."""
        found: list[Places] = []
        at = first
        while at < last:
            fits = -1
            while fits < level and at % (BLOCK << (fits + 1)) == 0 and self._whole(at, last, fits + 1):
                fits += 1
            if fits < 0:
                end = min(last, (at // BLOCK + 1) * BLOCK)
                found.append(np.arange(at, end))
            else:
                size = BLOCK << fits
                blocks = min(last // size, self._counts[fits]) - at // size if fits == level else 1
                end = at + blocks * size
                found.append(self._rooms[fits][at // size : end // size].ravel())
            at = end
        places = np.concatenate(found) if found else np.zeros(0, np.intp)
        self.looked += len(places)
        return places

    def _whole(self, at: int, last: int, level: int) -> bool:
        size = BLOCK << level
        return at + size <= last and at // size < self._counts[level]

    def _ends(self, values: Values, places: Places) -> Places:
        """For each row of positions, those of its lowest and highest value, in order; NaN counts only if all are."""
        self.looked += places.size
        there = values[places]
        missing = np.isnan(there)
        low = np.argmin(np.where(missing, np.inf, there), axis=1)
        high = np.argmax(np.where(missing, -np.inf, there), axis=1)
        return np.sort(np.take_along_axis(places, np.stack([low, high], axis=1), axis=1), axis=1)

    def _append(self, level: int, places: Places) -> None:
        if level == len(self._rooms):
            self._rooms.append(np.empty((64, 2), np.intp))
            self._counts.append(0)
        room, count = self._rooms[level], self._counts[level]
        total = count + len(places)
        if total > len(room):
            self._rooms[level] = np.empty((max(total, 2 * len(room)), 2), np.intp)
            self._rooms[level][:count] = room[:count]
        self._rooms[level][count:total] = places
        self._counts[level] = total
