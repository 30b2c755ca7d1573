"""Base classes of the pooling ops: a window that slides over maps, one cell of the window at a time.

Notation as in :mod:`convviz.core.ops.window`; a window has K = KH·KW cells, numbered in raster order.

No kernel loops over windows: x_k, cell k of all windows, is a strided slice of the maps, so K slices do the work.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Factor
from convviz.core.ops.base import Op, Out
from convviz.core.ops.cells import Cells, MicroStep, cells, grid, no_cells
from convviz.core.ops.window import NO_MARGINS, Margins, Pair, Window


@dataclass(frozen=True, slots=True)
class PoolOp(Op):
    """Base of the pooling ops: a window that slides over maps and may reach over their edges by ``margins``."""

    window: Window
    margins: Margins = NO_MARGINS

    @property
    def sliding(self) -> Window:
        return self.window

    @property
    def border(self) -> Margins:
        return self.margins

    @property
    def size(self) -> int:
        """Cells of a window, K."""
        return self.window.kernel[0] * self.window.kernel[1]

    @property
    def overlapping(self) -> bool:
        """Whether a cell can be in two windows."""
        reach, stride = self.window.reach, self.window.stride
        return reach[0] > stride[0] or reach[1] > stride[1]

    def places(self, maps: Shape, layer: str = "") -> Pair:
        """Output size (OH, OW)."""
        top, bottom, left, right = self.margins
        return self.window.places(maps[2] + top + bottom, maps[3] + left + right, layer, "window")

    def slices(self, maps: Shape) -> list[tuple[tuple[slice, ...], tuple[slice, ...]]]:
        """For every cell k of the window: its slice of the maps, and the output positions whose windows contain it.

        Positions at the edges whose cell k lies outside the maps are left out.
        """
        outer = [[self._along(axis, offset, maps) for offset in range(self.window.kernel[axis])] for axis in (0, 1)]
        every = (slice(None), slice(None))
        return [((*every, y, x), (*every, p, q)) for y, p in outer[0] for x, q in outer[1]]

    def _along(self, axis: int, offset: int, maps: Shape) -> tuple[slice, slice]:
        """Slices of one axis for one row or column of the window."""
        size, stride = maps[2 + axis], self.window.stride[axis]
        first = offset * self.window.dilation[axis] - self.margins[2 * axis]
        low = max(-(first // stride), 0)
        high = max(min((size - 1 - first) // stride + 1, self.places(maps)[axis]), low)
        start = first + low * stride
        return slice(start, start + (high - low - 1) * stride + 1 if high > low else start, stride), slice(low, high)

    def covered(self, maps: Shape) -> bool:
        """Whether every cell of the maps is in a window."""
        hit = np.zeros(maps[2:], np.bool_)
        for (_, _, y, x), _places in self.slices(maps):
            hit[y, x] = True
        return bool(hit.all())

    def field(self, maps: Shape, place: Index) -> tuple[Cells, Array]:
        """Cells of the window at an output cell, and their numbers k."""
        n, c, p, q = place
        rows, columns = self.window.rows_columns(p, q)
        found = grid([n], [c], rows - self.margins[0], columns - self.margins[2])
        inside = (found[:, 2] >= 0) & (found[:, 2] < maps[2]) & (found[:, 3] >= 0) & (found[:, 3] < maps[3])
        return found[inside], np.flatnonzero(inside)

    def windows(self, maps: Shape, cell: Index) -> tuple[Cells, Array]:
        """Output cells whose windows contain a cell of the maps, and its number k in each of them."""
        n, c, y, x = cell
        hits = self.window.covering(y + self.margins[0], x + self.margins[2], self.places(maps))
        found = np.empty((len(hits), 4), np.intp)
        found[:, :2] = n, c
        found[:, 2:] = hits[:, :2]
        return found, hits[:, 2] * self.window.kernel[1] + hits[:, 3]


@dataclass(frozen=True, slots=True)
class Pooling(PoolOp):
    """Forward direction: maps in, one cell per window out."""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n, c = ins[0].shape[:2]
        return Out((n, c, *self.places(ins[0].shape, layer)), ins[0].role, ins[0].axes)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (self.field(ins[0], index)[0],)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return self.windows(ins[0], index)[0]

    @property
    def micro_unit(self) -> str:
        return "window"


@dataclass(frozen=True, slots=True)
class PoolingGrad(PoolOp):
    """Backward direction: every window passes its gradient back to its cells, window by window."""

    image: tuple[int, int, int] = (1, 1, 1)
    """Channels, height and width of the maps."""

    accumulates: ClassVar[bool] = True

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[0], *self.image), Role.GRADIENT, ins[0].axes)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        found = self.windows(out, index)[0]
        return tuple(found for _ in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return self.field(out, index)[0]

    @property
    def micro_unit(self) -> str:
        return "window"

    def micro_count(self, ins: tuple[Shape, ...], out: Shape) -> int:
        return math.prod(ins[0])

    def micro(self, ins: tuple[Shape, ...], out: Shape, number: int) -> MicroStep:
        place = tuple(int(i) for i in np.unravel_index(number, ins[0]))
        return MicroStep(number, self.field(out, place)[0], tuple(cells(place) for _ in ins), accumulates=True)

    def micro_reading(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> int:
        return int(np.ravel_multi_index(index, ins[0]))

    def micro_block(self, ins: tuple[ArraySpec, ...], out: ArraySpec) -> int:
        return ins[0].shape[2] * ins[0].shape[3]

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return tuple(no_cells(4) if other == position else cells(index) for other in range(len(ins)))

    def micro_of(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> int:
        found = self.windows(out, index)[0]
        return int(np.ravel_multi_index(tuple(found.T), ins[0]).min()) if len(found) else 0


def factor(array: Array, position: int, row: Cells) -> Factor:
    """A cell of input ``position`` as a factor of an equation."""
    index = tuple(int(i) for i in row)
    return Factor(position, index, float(array[index]))
