"""The part of an array that a picture shows, and the mapping between its cells and the array's indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Shape
from convviz.core.ops.cells import Cells


@dataclass(frozen=True, slots=True)
class ArraySlice:
    """A box of a logical array, in raster order, folded into tiles of rows and columns.

    Parameters
    ----------
    start, count : tuple of int
        First index and number of indices along every axis.
    fold : (int, int, int)
        Tiles, rows and columns of the picture; their product is the box's size.
    """

    start: Index
    count: Shape
    fold: tuple[int, int, int]

    @classmethod
    def of(cls, shape: Shape, fixed: dict[int, int | tuple[int, int]] | None = None, fold: Shape = ()) -> ArraySlice:
        """Make a slice with some axes fixed at an index, or at (start, count).

        Parameters
        ----------
        shape : tuple of int
            Logical shape of the array.
        fixed : dict
            Axis → index or (start, count); other axes are shown whole.
        fold : tuple of int, optional
            Tiles, rows, columns; by default, the last two axes are rows and columns, and the ones before are tiles.
        """
        start, count = [0] * len(shape), list(shape)
        for axis, at in (fixed or {}).items():
            start[axis], count[axis] = at if isinstance(at, tuple) else (at, 1)
        if not fold:
            free = [n for axis, n in enumerate(count) if (fixed or {}).get(axis) is None or n > 1]
            free = free[-3:] if len(free) > 3 else free
            fold = (*([1] * (3 - len(free))), *free)
            size = int(np.prod(count, dtype=np.int64)) if count else 1
            fold = (size // max(1, fold[1] * fold[2]), fold[1], fold[2])
        return cls(tuple(start), tuple(count), (fold[0], fold[1], fold[2]))

    @property
    def size(self) -> int:
        """Cells shown."""
        return self.fold[0] * self.fold[1] * self.fold[2]

    def picture(self, stored: Array, spec: ArraySpec) -> Array:
        """The numbers, ``(tiles, rows, columns)``, from the stored array; a view if the memory layout allows it."""
        return self._box(stored, spec).reshape(self.fold)

    def take(self, logical: Array) -> Array:
        """The numbers, ``(tiles, rows, columns)``, from the array in its logical shape."""
        box = tuple(slice(a, a + n) for a, n in zip(self.start, self.count, strict=True))
        return logical[box].reshape(self.fold)

    def index(self, tile: int, row: int, col: int) -> Index:
        """Logical index of a cell of the picture."""
        number = (tile * self.fold[1] + row) * self.fold[2] + col
        inside = np.unravel_index(number, self.count) if self.count else ()
        return tuple(int(i) + a for i, a in zip(inside, self.start, strict=True))

    def indices(self) -> Cells:
        """Logical indices of all cells shown, in raster order, ``(n, ndim)``."""
        if not self.count:
            return np.zeros((1, 0), dtype=np.intp)
        inside = np.stack(np.unravel_index(np.arange(self.size), self.count), axis=1)
        return np.asarray(inside + np.asarray(self.start), dtype=np.intp)

    def holds(self, index: Sequence[int]) -> bool:
        """Whether a cell of the array is in the picture."""
        return all(a <= i < a + n for i, a, n in zip(index, self.start, self.count, strict=True))

    def places(self, cells: Cells) -> Cells:
        """Return (tile, row, column) of the cells that are in the picture, ``(m, 3)``."""
        if not self.count:
            return np.zeros((min(1, len(cells)), 3), dtype=np.intp)
        inside = np.asarray(cells, dtype=np.intp) - np.asarray(self.start, dtype=np.intp)
        good = ((inside >= 0) & (inside < np.asarray(self.count))).all(axis=1)
        numbers = np.ravel_multi_index(tuple(inside[good].T), self.count)
        return np.stack(np.unravel_index(numbers, self.fold), axis=1).astype(np.intp)

    def shown(self, cells: Cells) -> Cells:
        """Return the cells that are in the picture, as logical indices."""
        if not self.count:
            return cells
        inside = np.asarray(cells) - np.asarray(self.start)
        good = ((inside >= 0) & (inside < np.asarray(self.count))).all(axis=1)
        return np.asarray(cells[good])

    def _box(self, stored: Array, spec: ArraySpec) -> Array:
        if not spec.column_blocks:
            return stored[tuple(slice(a, a + n) for a, n in zip(self.start, self.count, strict=True))]
        (row, column), (rows, columns) = self.start, self.count
        per = stored.shape[2]
        first, last = column // per, (column + columns - 1) // per
        blocks = stored[first : last + 1, row : row + rows]
        flat = blocks[0] if first == last else blocks.transpose(1, 0, 2).reshape(rows, -1)
        offset = column - first * per
        return flat[:, offset : offset + columns]
