"""The largest cell of each of a fixed number of regions: maps of any size become maps of one size.

    A[p, q]     = max_k x_k[p, q]                              x_k: cell k of every region, in raster order
    which[p, q] = the first k with x_k[p, q] = A[p, q]         ties go to the first maximum
    dX[y, x]    = Σ over the regions that contain (y, x): dA[p, q] · [which[p, q] = k]

The regions are those of :mod:`convviz.core.ops.adaptive`, which may share a row. Where they are equally large and share
none, they are windows: :mod:`convviz.core.ops.max_pool`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Kind, Role, Shape
from convviz.core.equation import Combine, Equation, Term
from convviz.core.ops.adaptive import regions
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, fresh_scratch
from convviz.core.ops.cells import Cells, cells, grid, no_cells
from convviz.core.ops.max_pool import first_that_equals, sum_of_those_won
from convviz.core.ops.pool import factor
from convviz.core.ops.window import Lines, Pair
from convviz.core.readable import resample as readable


@dataclass(frozen=True, slots=True)
class Regions(Op):
    """Base: ``output`` regions, (down, across)."""

    output: Pair

    @property
    def moves(self) -> bool:
        return True

    def lines(self, axis: int, before: int) -> Lines:
        found = np.zeros((self.output[axis], before), np.bool_)
        for place, (start, stop) in enumerate(regions(before, self.output[axis])):
            found[place, start:stop] = True
        return found

    def bounds(self, maps: Shape, p: int, q: int) -> tuple[int, int, int, int]:
        """First row of a region and the one after its last, and likewise its columns."""
        return *regions(maps[2], self.output[0])[p], *regions(maps[3], self.output[1])[q]

    def field(self, maps: Shape, place: Index) -> tuple[Cells, Array]:
        """Cells of the region at an output cell, and their numbers k."""
        n, c, p, q = place
        top, bottom, left, right = self.bounds(maps, p, q)
        found = grid([n], [c], range(top, bottom), range(left, right))
        return found, np.arange(len(found))

    def windows(self, maps: Shape, cell: Index) -> tuple[Cells, Array]:
        """Output cells whose regions contain a cell of the maps, and its number k in each of them."""
        n, c, y, x = cell
        rows, columns = (
            np.flatnonzero(Regions.lines(self, axis, maps[2 + axis])[:, at]) for axis, at in ((0, y), (1, x))
        )
        found = grid([n], [c], rows, columns)
        bounds = [self.bounds(maps, int(p), int(q)) for _, _, p, q in found]
        return found, np.array([(y - top) * (right - left) + x - left for top, _, left, right in bounds])


def region_max(parts: Sequence[tuple[Array, Array]]) -> None:
    """A = the largest cell of every region.

    parts  for each region: (its cells in all maps, where the largest goes)
    """
    for region, place in parts:
        np.maximum.reduce(region, axis=(2, 3), out=place)


@dataclass(frozen=True, slots=True)
class RegionMax(Regions):
    """Largest cell of every region."""

    name = "adaptive_max"
    title = "The maps are divided into regions, and only the largest cell of each is kept"
    formula = r"A[p, q] = \max \; X[\lfloor p H / OH \rfloor \dots,\; \lfloor q W / OW \rfloor \dots]"
    kernel = staticmethod(region_max)
    readable = staticmethod(readable.adaptive_max)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((*ins[0].shape[:2], *self.output), ins[0].role, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        parts = []
        for p, q in np.ndindex(self.output):
            top, bottom, left, right = self.bounds(ins[0].shape, p, q)
            parts.append((ins[0][:, :, top:bottom, left:right], out[:, :, p, q]))
        return (parts,)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        (x,) = step.inputs
        which = build.emit(WhichRegionMax(self.output), (x, step.output), "which")
        h, w = build.arrays[x].shape[2:]
        return {0: build.gradient(RegionMaxGrad(self.output, (h, w)), (d_out, which), x)}

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        which = np.empty(out.shape, np.int64)
        which_region_max(*WhichRegionMax(self.output).prepare((ins[0], out), which, fresh_scratch))
        return which

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (self.field(ins[0], index)[0],)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return self.windows(ins[0], index)[0]

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found, _ = self.field(values[0].shape, index)
        return Equation(index, tuple(Term((factor(values[0], 0, row),)) for row in found), Combine.MAX)


def which_region_max(moves: Sequence[tuple[Array, Array, int, Array]], same: Array, which: Array) -> None:
    """which = number of the first cell of the region that equals its maximum.

    moves  for each cell of each region, its last cell first: (that cell, the maximum, its number, where that goes)
    same   memory for the comparison
    """
    which.fill(0)
    for cell, top, k, place in moves:
        np.equal(cell, top, out=same)
        np.copyto(place, k, where=same)


@dataclass(frozen=True, slots=True)
class WhichRegionMax(Regions):
    """From maps and the maxima of their regions: the number k of the cell that each maximum came from."""

    name = "which_region_max"
    title = "Which cell of every region was the largest; the first one if there are several"
    formula = r"\mathrm{which}[p, q] = \min \{ k : X_k[p, q] = A[p, q] \}"
    kernel = staticmethod(which_region_max)
    readable = staticmethod(readable.which_region_max)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        kind = Kind.BYTE if largest(ins[0].shape, self.output) <= 256 else Kind.INT
        return Out(ins[1].shape, Role.INDEX, ins[1].axes, kind=kind)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        x, a = ins
        moves = []
        for p, q in np.ndindex(self.output):
            top, bottom, left, right = self.bounds(x.shape, p, q)
            inside = [(y, z) for y in range(top, bottom) for z in range(left, right)]
            for k, (y, z) in reversed(list(enumerate(inside))):
                moves.append((x[:, :, y, z], a[:, :, p, q], k, out[:, :, p, q]))
        return moves, scratch("same", out.shape[:2], np.bool_), out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return self.field(ins[0], index)[0], cells(index)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return self.windows(ins[0], index)[0] if position == 0 else cells(index)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return first_that_equals(values, index, *self.field(values[0].shape, index), 0)


def region_max_grad(moves: Sequence[tuple[int, Array, Array, Array]], same: Array, part: Array, d_x: Array) -> None:
    """Every region's gradient goes to the cell that was its maximum.

    moves  for each cell of each region: (its number, the region's maximum, the region's gradient, the cell's gradient)
    same   memory for the comparison, and ``part`` for what is added
    """
    d_x.fill(0)
    for k, which, gradient, place in moves:
        np.equal(which, k, out=same)
        np.multiply(gradient, same, out=part)
        np.add(place, part, out=place)


@dataclass(frozen=True, slots=True)
class RegionMaxGrad(Regions):
    """Gradient of the maps. Inputs: the gradient of the maxima, and which cells they came from."""

    image: Pair
    """Height and width of the maps."""

    name = "adaptive_max_grad"
    title = "A region's gradient goes to the cell that was its maximum; the others get none"
    formula = r"dX[y, x] = \sum_{p, q} dA[p, q] \cdot [\mathrm{which}[p, q] = k]"
    kernel = staticmethod(region_max_grad)
    readable = staticmethod(readable.adaptive_max_grad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((*ins[0].shape[:2], *self.image), Role.GRADIENT, ins[0].axes)

    def lines(self, axis: int, before: int) -> Lines:
        return np.asarray(Regions.lines(self, axis, self.image[axis]).T)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_a, which = ins
        moves = []
        for p, q in np.ndindex(self.output):
            top, bottom, left, right = self.bounds(out.shape, p, q)
            inside = [(y, x) for y in range(top, bottom) for x in range(left, right)]
            for k, (y, x) in enumerate(inside):
                moves.append((k, which[:, :, p, q], d_a[:, :, p, q], out[:, :, y, x]))
        few = out.shape[:2]
        return moves, scratch("same", few, np.bool_), scratch("part", few, out.dtype), out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        found = self.windows(out, index)[0]
        return tuple(found for _ in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return self.field(out, index)[0]

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return tuple(no_cells(4) if other == position else cells(index) for other in range(len(ins)))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return sum_of_those_won(values, index, *self.windows(out, index))


def largest(maps: Shape, output: Pair) -> int:
    """How many cells the largest region has."""
    rows, columns = (max(stop - start for start, stop in regions(maps[2 + axis], output[axis])) for axis in (0, 1))
    return rows * columns
