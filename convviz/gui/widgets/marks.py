"""Marks on an array: the cells, and the reason for marking them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

MarkKind = Literal["here", "window", "linked", "changed"]


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Cells to point out.

    Make one with :meth:`cell`, :meth:`window`, :meth:`row`, :meth:`column`, :meth:`cells` or :meth:`whole_tile`.

    Attributes
    ----------
    kind : str
        ``here``: the current cell (2 px accent outline). ``window``: the cells it is computed from, or a filter's
        position (outline and a wash). ``linked``: other cells that take part (1 px outline, light wash). ``changed``:
        cells that differ from before (dashed outline).
    rect : (row, col, height, width), optional
        A rectangle; height or width −1 means all of the tile.
    places : int array (n, 2) or (n, 3), optional
        Scattered cells, each (row, col) or (tile, row, col).
    tile : int
        The tile of ``rect``, or of ``places`` with two columns; −1 means every tile.
    """

    kind: MarkKind = "here"
    rect: tuple[int, int, int, int] | None = None
    places: npt.NDArray[np.intp] | None = None
    tile: int = 0

    @classmethod
    def cell(cls, row: int, col: int, tile: int = 0, kind: MarkKind = "here") -> Mark:
        """Mark one cell."""
        return cls(kind, rect=(int(row), int(col), 1, 1), tile=int(tile))

    @classmethod
    def window(cls, row: int, col: int, height: int, width: int, tile: int = 0, kind: MarkKind = "window") -> Mark:
        """Mark a rectangle whose upper left cell is (row, col)."""
        return cls(kind, rect=(int(row), int(col), int(height), int(width)), tile=int(tile))

    @classmethod
    def row(cls, row: int, tile: int = 0, kind: MarkKind = "here") -> Mark:
        """Mark a row, from end to end."""
        return cls(kind, rect=(int(row), 0, 1, -1), tile=int(tile))

    @classmethod
    def column(cls, col: int, tile: int = 0, kind: MarkKind = "here") -> Mark:
        """Mark a column, from top to bottom."""
        return cls(kind, rect=(0, int(col), -1, 1), tile=int(tile))

    @classmethod
    def cells(cls, places: npt.ArrayLike, kind: MarkKind = "linked", tile: int = 0) -> Mark:
        """Mark scattered cells: an int array (n, 2) of (row, col) or (n, 3) of (tile, row, col).

        Raises
        ------
        ValueError
            The array has another shape.
        """
        array = np.asarray(places, dtype=np.intp)
        if array.size == 0:
            array = array.reshape(0, 2)
        if array.ndim != 2 or array.shape[1] not in (2, 3):
            raise ValueError(f"mark: expected cells of shape (n, 2) or (n, 3), got {array.shape}")
        return cls(kind, places=array, tile=int(tile))

    @classmethod
    def whole_tile(cls, tile: int, kind: MarkKind = "here") -> Mark:
        """Mark a whole tile."""
        return cls(kind, rect=(0, 0, -1, -1), tile=int(tile))

    def key(self) -> object:
        """Return a key that is equal for marks that look the same."""
        places = None if self.places is None else (self.places.shape, self.places.tobytes())
        return self.kind, self.rect, places, self.tile

    def rects(self, tiles: int, height: int, width: int) -> list[tuple[int, int, int, int, int]]:
        """Return the rectangle as (tile, row0, col0, row1, col1) for each tile, clipped to it; ends are exclusive."""
        if self.rect is None:
            return []
        row, col, rows, cols = self.rect
        row1 = height if rows < 0 else min(height, row + rows)
        col1 = width if cols < 0 else min(width, col + cols)
        row, col = max(row, 0), max(col, 0)
        if row >= row1 or col >= col1:
            return []
        return [(tile, row, col, row1, col1) for tile in self._which(tiles)]

    def paint_on(self, mask: npt.NDArray[np.bool_]) -> None:
        """Set the marked cells of a mask (tiles, height, width)."""
        for tile, row0, col0, row1, col1 in self.rects(*mask.shape):
            mask[tile, row0:row1, col0:col1] = True
        for tile, rows, cols in self.scattered(*mask.shape):
            mask[tile, rows, cols] = True

    def scattered(
        self, tiles: int, height: int, width: int
    ) -> list[tuple[int, npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
        """Return scattered cells as (tile, rows, cols) for each tile; cells outside are left out."""
        if self.places is None or not len(self.places):
            return []
        rows, cols = self.places[:, -2], self.places[:, -1]
        inside = (rows >= 0) & (rows < height) & (cols >= 0) & (cols < width)
        if self.places.shape[1] == 2:
            return [(tile, rows[inside], cols[inside]) for tile in self._which(tiles)]
        found = self.places[:, 0]
        return [
            (int(tile), rows[inside & (found == tile)], cols[inside & (found == tile)])
            for tile in np.unique(found[inside])
            if 0 <= tile < tiles
        ]

    def _which(self, tiles: int) -> Sequence[int]:
        """Those of so many tiles that are marked."""
        return range(tiles) if self.tile < 0 else [self.tile] if self.tile < tiles else []
