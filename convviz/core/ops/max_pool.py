"""Max pooling: only the largest cell of every window is kept.

    A[p, q]     = max_k x_k[p, q]                              x_k: cell k of every window, in raster order
    which[p, q] = the first k with x_k[p, q] = A[p, q]         ties go to the first maximum
    dX[y, x]    = Σ over the windows that contain (y, x): dA[p, q] · [which[p, q] = k]

The first maximum, because after a ReLU whole windows are zero and a mask of all maxima would multiply the gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Kind, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.ops.base import Emitter, Out, Scratch, Step, fresh_scratch
from convviz.core.ops.cells import Cells, cells
from convviz.core.ops.pool import Pooling, PoolingGrad, factor
from convviz.core.ops.window import NO_MARGINS
from convviz.core.readable import pool as readable_pool


def max_pool(moves: Sequence[tuple[Array, Array, Array]], clipped: bool, a: Array) -> None:
    """A = the largest cell of every window.

    moves    for each cell of the window: (largest so far, that cell of all windows, where the larger goes)
    clipped  windows reach over the edge: cells outside don't exist, so the largest so far starts at −∞
    """
    if clipped:
        a.fill(-np.inf)
    for best, cell, place in moves:
        np.maximum(best, cell, out=place)


@dataclass(frozen=True, slots=True)
class MaxPool2D(Pooling):
    """Largest cell of every window; cells outside the maps are ignored."""

    name = "maxpool2d"
    title = "Only the largest cell of every window is kept"
    formula = r"A[p, q] = \max_{i, j} X[p S + i,\; q S + j]"
    kernel = staticmethod(max_pool)
    readable = staticmethod(readable_pool.max_pool)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (x,) = ins
        clipped = self.margins != NO_MARGINS
        parts = [(x[source], out[place]) for source, place in self.slices(x.shape)]
        if clipped:
            moves = [(place, cell, place) for cell, place in parts if place.size]
        else:
            first = parts[0][0]
            moves = [(first if k <= 1 else out, cell, out) for k, (cell, _) in enumerate(parts)]
            moves = moves[1:] or moves
        return moves, clipped, out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        (x,) = step.inputs
        which = build.emit(WhichMax(self.window, self.margins), (x, step.output), "which")
        c, h, w = build.arrays[x].shape[1:]
        return {0: build.gradient(MaxPool2DGrad(self.window, self.margins, (c, h, w)), (d_out, which), x)}

    def pieces(self, ins: Sequence[Array], out: Array) -> Array:
        which = np.empty(out.shape, np.int64)
        which_max(*WhichMax(self.window, self.margins).prepare((ins[0], out), which, fresh_scratch))
        return which

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found, _ = self.field(values[0].shape, index)
        return Equation(index, tuple(Term((factor(values[0], 0, row),)) for row in found), Combine.MAX)


def which_max(
    moves: Sequence[tuple[Array, Array, Array]], clipped: bool, other: Array, counts: Array, which: Array
) -> None:
    """which = number of the first cell of the window that equals its maximum.

    moves    for each cell but the last, from the last to the first: (the cell of all windows, their maximum, where
             to note whether they differ)
    clipped  windows reach over the edge; a cell that doesn't exist counts as different
    other    all those notes; ``counts`` is the same memory as numbers 0 and 1

    Starting with the last cell: an earlier one that equals the maximum sets the count back to 0, else it grows by 1.
    """
    which.fill(0)
    for cell, top, differs in moves:
        if clipped:
            other.fill(True)
        np.not_equal(cell, top, out=differs)
        np.add(which, 1, out=which)
        np.multiply(which, counts, out=which)


@dataclass(frozen=True, slots=True)
class WhichMax(Pooling):
    """From maps and their pooled maxima: the number k of the cell that each maximum came from."""

    name = "which_max"
    title = "Which cell of every window was the largest; the first one if there are several"
    formula = r"\mathrm{which}[p, q] = \min \{ k : X_k[p, q] = A[p, q] \}"
    kernel = staticmethod(which_max)
    readable = staticmethod(readable_pool.which_max)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        kind = Kind.BYTE if self.size <= 256 else Kind.INT
        return Out(ins[1].shape, Role.INDEX, ins[1].axes, kind=kind)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        x, a = ins
        other = scratch("other", out.shape, np.bool_)
        moves = [(x[source], a[place], other[place]) for source, place in self.slices(x.shape)]
        clipped = self.margins != NO_MARGINS
        return moves[-2::-1], clipped, other, other.view(np.uint8) if out.dtype == np.uint8 else other, out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return self.field(ins[0], index)[0], cells(index)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return self.windows(ins[0], index)[0] if position == 0 else cells(index)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return first_that_equals(values, index, *self.field(values[0].shape, index), self.size - 1)


def first_that_equals(values: Sequence[Array], index: Index, found: Cells, numbers: Array, otherwise: int) -> Equation:
    """Equation of the number of the first cell that equals the maximum.

    Parameters
    ----------
    values : sequence of ndarray
        The maps, and their maxima.
    index : tuple of int
        Index of the maximum.
    found, numbers
        The cells that it is the largest of, and their numbers.
    otherwise : int
        The number if no cell equals it, because a value was edited.
    """
    terms = tuple(Term((factor(values[0], 0, row),)) for row in found)
    largest = Term((Factor(1, index, float(values[1][index])),))

    def first(*cells_and_top: float) -> float:
        *around, top = cells_and_top
        return float(next((k for k, v in zip(numbers, around, strict=True) if v == top), otherwise))

    listed = ", ".join(f"{k}: {{{place}}}" for place, k in enumerate(numbers))
    text = f"first of ({listed}) that equals {{{len(terms)}}}"
    return Equation(index, (*terms, largest), Combine.APPLY, text=text, function=first)


def sum_of_those_won(values: Sequence[Array], index: Index, found: Cells, numbers: Array) -> Equation:
    """Equation of a cell's gradient: the sum over the windows in which it was the first maximum.

    Parameters
    ----------
    values : sequence of ndarray
        The gradient of the maxima, and the number of each window's first maximum.
    index : tuple of int
        The cell.
    found, numbers : ndarray
        Windows that contain it, and its number in each.
    """
    d_a, which = values
    won = [int(which[tuple(row)]) == k for row, k in zip(found, numbers, strict=True)]
    terms = (Term((factor(d_a, 0, row),), float(here)) for row, here in zip(found, won, strict=True))
    return Equation(index, tuple(terms))


def max_pool_grad(
    moves: Sequence[tuple[int, Array, Array]],
    which: Array,
    chosen: Array,
    adds: bool,
    clears: bool,
    d_x: Array,
) -> None:
    """Every window's gradient goes to the cell that was its maximum.

    moves   for each cell k of the window: (k, for the windows that have it: their gradients, whether it was chosen,
            memory for their product; where in d_x these cells lie)
    adds    a cell can be in several windows, whose gradients add up
    clears  d_x has to be set to 0 first, because of that or because some cells are in no window
    """
    if clears:
        d_x.fill(0)
    for k, (gradient, chosen_here, part_here), place in moves:
        np.equal(which, k, out=chosen)
        if adds:
            np.multiply(gradient, chosen_here, out=part_here)
            np.add(place, part_here, out=place)
        else:
            np.multiply(gradient, chosen_here, out=place)


@dataclass(frozen=True, slots=True)
class MaxPool2DGrad(PoolingGrad):
    """Gradient of the maps. Inputs: the gradient of the maxima, and which cells they came from."""

    name = "maxpool2d_grad"
    title = "A window's gradient goes to the cell that was its maximum; the others get none"
    formula = r"dX[y, x] = \sum_{p, q} dA[p, q] \cdot [\mathrm{which}[p, q] = k]"
    kernel = staticmethod(max_pool_grad)
    readable = staticmethod(readable_pool.max_pool_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_a, which = ins
        chosen = scratch("chosen", d_a.shape, np.bool_)
        adds = self.overlapping
        part = scratch("part", d_a.shape, out.dtype) if adds else out
        moves = []
        for k, (source, place) in enumerate(self.slices(out.shape)):
            part_here = part[place] if adds else out[source]
            moves.append((k, (d_a[place], chosen[place], part_here), out[source]))
        moves = [move for move in moves if move[2].size]
        return moves, which, chosen, adds, adds or not self.covered(out.shape), out

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return sum_of_those_won(values, index, *self.windows(out, index))

    def micro_run(self, values: Sequence[Array], result: Array, number: int) -> None:
        d_a, which = values
        place = tuple(int(i) for i in np.unravel_index(number, d_a.shape))
        found, numbers = self.field(result.shape, place)
        for row, k in zip(found, numbers, strict=True):
            if int(which[place]) == k:
                result[tuple(row)] += d_a[place]
