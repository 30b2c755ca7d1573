"""Maps of another size by fixed weights: each cell is a weighted sum over a few rows and a few columns.

    A = R X Cᵀ        R (OH, H), C (OW, W): which rows and columns a cell is made of, and how much each counts

Repeating cells, interpolating, averaging regions and reflecting the edges differ in R and C alone. The gradient takes
their transposes: dX = Rᵀ dA C. Most weights are 0, so the kernel reads one row (column) for each that is not.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, value_at
from convviz.core.ops.cells import Cells, grid
from convviz.core.ops.window import Lines

Weights = npt.NDArray[np.float64]
"""For every output row (column), the weight of each input row (column): (after, before)."""
Taps = tuple[tuple[npt.NDArray[np.intp], Array | None], ...]
"""For every tap: the input row (column) for each output row (column), and its weight; None if all weights are 1."""


def weigh(x: Array, taps: Taps, axis: int, part: Array, out: Array) -> None:
    """out = the sum over the taps of rows (or columns) times weights; ``part`` is memory of its size."""
    for number, (rows, weights) in enumerate(taps):
        here = part if number else out
        np.take(x, rows, axis=axis, out=here, mode="clip")
        if weights is not None:
            np.multiply(here, weights, out=here)
        if number:
            np.add(out, part, out=out)


def resample(x: Array, rows: Taps, columns: Taps, between: Array, parts: tuple[Array, Array], a: Array) -> None:
    """A = R X Cᵀ, the rows first.

    x  (N, C, H, W)   between  (N, C, OH, W)   a  (N, C, OH, OW)   parts  memory like the last two
    """
    weigh(x, rows, 2, parts[0], between)
    weigh(between, columns, 3, parts[1], a)


@dataclass(frozen=True, slots=True)
class Resample(Op):
    """Base: maps of another size, or in another order of rows and columns."""

    kernel = staticmethod(resample)

    @abstractmethod
    def weights(self, axis: int, before: int) -> Weights:
        """R (axis 0) or C (axis 1), for maps with ``before`` rows or columns."""

    @abstractmethod
    def back(self, image: tuple[int, int]) -> Resample:
        """The op of the gradient, for maps of this height and width."""

    @property
    def moves(self) -> bool:
        return True

    def lines(self, axis: int, before: int) -> Lines:
        return np.asarray(table(self, axis, before) != 0)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n, c, h, w = ins[0].shape
        return Out((n, c, len(table(self, 0, h)), len(table(self, 1, w))), ins[0].role, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (x,) = ins
        n, c, h, w = x.shape
        half = n, c, out.shape[2], w
        rows, columns = (taps_of(table(self, axis, size), axis, out.dtype) for axis, size in ((0, h), (1, w)))
        parts = tuple(
            scratch(name, shape if len(taps) > 1 else (0,), out.dtype)
            for name, shape, taps in (("part_rows", half, rows), ("part_columns", out.shape, columns))
        )
        return x, rows, columns, scratch("between", half, out.dtype), parts, out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        h, w = build.arrays[step.inputs[0]].shape[2:]
        return {0: build.gradient(self.back((h, w)), (d_out,), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        rows, columns = self.sources(ins[0], index)
        return (grid([index[0]], [index[1]], rows, columns),)

    def sources(self, maps: Shape, index: Index) -> tuple[list[int], list[int]]:
        """The rows and the columns that an output cell is made of."""
        found = [np.flatnonzero(table(self, axis, maps[2 + axis])[index[2 + axis]]).tolist() for axis in (0, 1)]
        return found[0], found[1]

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        rows, columns = (np.flatnonzero(table(self, axis, ins[0][2 + axis])[:, index[2 + axis]]) for axis in (0, 1))
        return grid([index[0]], [index[1]], rows, columns)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        maps, terms = values[0].shape, []
        down, across = (table(self, axis, maps[2 + axis])[index[2 + axis]] for axis in (0, 1))
        for row in self.reads((maps,), out, index)[0]:
            at = tuple(int(i) for i in row)
            weight = float(down[at[2]] * across[at[3]])
            terms.append(Term((Factor(0, at, value_at(values[0], at)),), weight))
        return Equation(index, tuple(terms))


@dataclass(frozen=True, slots=True)
class ResampleGrad(Resample):
    """Base of the gradients, whose weights are transposed."""

    image: tuple[int, int]
    """Height and width of the maps whose gradient this is."""

    @property
    @abstractmethod
    def forth(self) -> Resample:
        """The op whose gradient this is."""

    def weights(self, axis: int, before: int) -> Weights:
        return table(self.forth, axis, self.image[axis]).T

    def back(self, image: tuple[int, int]) -> Resample:
        return self.forth

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((*ins[0].shape[:2], *self.image), Role.GRADIENT, ins[0].axes)


@lru_cache(maxsize=512)
def table(op: Resample, axis: int, before: int) -> Weights:
    """:meth:`Resample.weights`, cached and read-only."""
    made = op.weights(axis, before)
    made.setflags(write=False)
    return made


def taps_of(weights: Weights, axis: int, dtype: npt.DTypeLike) -> Taps:
    """Weights as taps, as many as there are weights other than 0 in the fullest row; other rows end in weights of 0."""
    counts = (weights != 0).sum(axis=1)
    found = []
    for number in range(max(int(counts.max(initial=1)), 1)):
        rows = np.array([_nonzero(row, number) for row in weights], np.intp)
        here = np.where(number < counts, weights[np.arange(len(weights)), rows], 0.0)
        spread = here.astype(dtype)[:, None] if axis == 0 else here.astype(dtype)
        found.append((rows, None if (here == 1).all() else spread))
    return tuple(found)


def _nonzero(row: Weights, number: int) -> int:
    """Place of weight ``number`` among those that are not 0; of the first if there are fewer, 0 if there is none."""
    places = np.flatnonzero(row)
    return int(places[number] if number < len(places) else places[0] if len(places) else 0)
