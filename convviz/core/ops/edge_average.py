"""Average pooling where not every cell of a window counts: no cell outside the maps does, or only those in the padding.

    A[p, q]  = 1/K[p, q] Σ_k x_k[p, q]        x_k: cell k of every window, 0 outside the maps
    dX[y, x] = Σ over the windows that contain (y, x): dA[p, q] / K[p, q]

K[p, q] is the number of cells of the window at (p, q) that lie in the maps, or in the padding where that counts. It is
a product of two numbers, one for the row of windows and one for the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, Index, Shape
from convviz.core.equation import Equation, Term
from convviz.core.ops.base import Emitter, Scratch, Step
from convviz.core.ops.pool import Pooling, PoolingGrad, PoolOp, factor
from convviz.core.ops.window import NO_MARGINS, Margins
from convviz.core.readable import pool as readable_pool


def cells_that_count(op: PoolOp, counted: Margins, maps: Shape, axis: int) -> Array:
    """For every row (axis 0) or column (1) of windows: how many of a window's rows or columns count."""
    places, stride = op.places(maps)[axis], op.window.stride[axis]
    before, after = counted[2 * axis : 2 * axis + 2]
    starts = np.arange(places)[:, None] * stride - op.margins[2 * axis]
    at = starts + np.arange(op.window.kernel[axis]) * op.window.dilation[axis]
    return np.asarray(((at >= -before) & (at < maps[2 + axis] + after)).sum(axis=1))


def shares(op: PoolOp, counted: Margins, maps: Shape) -> Array:
    """1/K for every window, ``(OH, OW)``."""
    rows, columns = (cells_that_count(op, counted, maps, axis) for axis in (0, 1))
    return 1.0 / np.outer(rows, columns)


def edge_average(moves: Sequence[tuple[Array, Array]], share: Array, a: Array) -> None:
    """A = the sum of the cells of every window that lie in the maps, times 1/K.

    moves  for each cell of the window: (the places whose windows have it in the maps, that cell of those windows)
    share  1/K for every window
    """
    a.fill(0)
    for place, cell in moves:
        np.add(place, cell, out=place)
    np.multiply(a, share, out=a)


@dataclass(frozen=True, slots=True)
class EdgeAverage(Pooling):
    """Mean of the cells of every window that count.

    ``margins`` says how far windows reach over the edges, ``counted`` how many of those rows and columns count as
    zeros.
    """

    counted: Margins = NO_MARGINS

    name = "avgpool2d"
    title = "Every window becomes the mean of those of its cells that count"
    formula = r"A[p, q] = \frac{1}{K_{p, q}} \sum_{i, j} X[p S + i - P,\; q S + j - P]"
    kernel = staticmethod(edge_average)
    readable = staticmethod(readable_pool.edge_average)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (x,) = ins
        moves = [(out[place], x[source]) for source, place in self.slices(x.shape)]
        return moves, shares(self, self.counted, x.shape).astype(out.dtype), out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        (x,) = step.inputs
        c, h, w = build.arrays[x].shape[1:]
        op = EdgeAverageGrad(self.window, self.margins, (c, h, w), self.counted)
        return {0: build.gradient(op, (d_out,), x)}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        maps = values[0].shape
        found, _ = self.field(maps, index)
        return Equation(
            index, tuple(Term((factor(values[0], 0, row),)) for row in found), scale=1.0 / self.count(maps, index)
        )

    def count(self, maps: Shape, index: Index) -> int:
        """How many cells of the window at an output cell count, K[p, q]."""
        return count(self, self.counted, maps, index)


def count(op: PoolOp, counted: Margins, maps: Shape, index: Index) -> int:
    """How many cells of the window at an output cell count."""
    rows, columns = (cells_that_count(op, counted, maps, axis) for axis in (0, 1))
    return int(rows[index[2]]) * int(columns[index[3]])


def edge_average_grad(d_a: Array, share: Array, part: Array, moves: Sequence[tuple[Array, Array]], d_x: Array) -> None:
    """Every cell of a window gets 1/K of its gradient.

    part   memory for those shares
    moves  for each cell of the window: (where in d_x that cell of the windows lies, the shares of those windows)
    """
    d_x.fill(0)
    np.multiply(d_a, share, out=part)
    for place, given in moves:
        np.add(place, given, out=place)


@dataclass(frozen=True, slots=True)
class EdgeAverageGrad(PoolingGrad):
    """Adjoint of :class:`EdgeAverage`."""

    counted: Margins = NO_MARGINS

    name = "avgpool2d_grad"
    title = "Every cell of a window gets an equal share of its gradient"
    formula = r"dX[y, x] = \sum_{p, q} \frac{1}{K_{p, q}} \, dA[p, q]"
    kernel = staticmethod(edge_average_grad)
    readable = staticmethod(readable_pool.edge_average_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (d_a,) = ins
        part = scratch("part", d_a.shape, out.dtype)
        moves = [(out[source], part[place]) for source, place in self.slices(out.shape)]
        return d_a, shares(self, self.counted, out.shape).astype(out.dtype), part, moves, out

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found, _ = self.windows(out, index)
        terms = []
        for row in found:
            place = tuple(int(i) for i in row)
            terms.append(Term((factor(values[0], 0, row),), 1.0 / self.count(out, place)))
        return Equation(index, tuple(terms))

    @property
    def counts(self) -> tuple[Shape, Shape]:
        """For every row of windows how many rows of a window count, and for every column how many columns."""
        rows, columns = (cells_that_count(self, self.counted, (1, *self.image), axis).tolist() for axis in (0, 1))
        return tuple(rows), tuple(columns)

    def count(self, maps: Shape, index: Index) -> int:
        """How many cells of the window at a cell of the pooled maps count."""
        return count(self, self.counted, maps, index)

    def micro_run(self, values: Sequence[Array], result: Array, number: int) -> None:
        place = tuple(int(i) for i in np.unravel_index(number, values[0].shape))
        found, _ = self.field(result.shape, place)
        result[tuple(found.T)] += values[0][place] * (1.0 / self.count(result.shape, place))
