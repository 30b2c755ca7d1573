"""Average pooling, over windows or over whole maps.

    A[p, q]  = 1/K Σ_k x_k[p, q]                               x_k: cell k of every window
    dX[y, x] = 1/K Σ over the windows that contain (y, x): dA[p, q]

Zeros of the padding count as cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import MAPS, Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Equation, Term
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, SumOp
from convviz.core.ops.cells import Cells, cells, grid
from convviz.core.ops.pool import Pooling, PoolingGrad, factor
from convviz.core.readable import pool as readable_pool


def average_pool(moves: Sequence[tuple[Array, Array]], total: Array, share: float, a: Array) -> None:
    """A = mean of every window: the sum of its cells times 1/K.

    moves   for each cell but the first: (sum so far, that cell of all windows)
    total   where the sum ends up
    """
    for sum_so_far, cell in moves:
        np.add(sum_so_far, cell, out=total)
    np.multiply(total, share, out=a)


@dataclass(frozen=True, slots=True)
class AvgPool2D(Pooling):
    """Mean of every window."""

    name = "avgpool2d"
    title = "Every window becomes the mean of its cells"
    formula = r"A[p, q] = \frac{1}{K} \sum_{i, j} X[p S + i,\; q S + j]"
    kernel = staticmethod(average_pool)
    readable = staticmethod(readable_pool.average_pool)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        found = [ins[0][source] for source, _ in self.slices(ins[0].shape)]
        moves = [(found[0] if k == 1 else out, found[k]) for k in range(1, len(found))]
        return moves, out if moves else found[0], 1.0 / self.size, out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        (x,) = step.inputs
        c, h, w = build.arrays[x].shape[1:]
        return {0: build.gradient(AvgPool2DGrad(self.window, self.margins, (c, h, w)), (d_out,), x)}

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found, _ = self.field(values[0].shape, index)
        return Equation(index, tuple(Term((factor(values[0], 0, row),)) for row in found), scale=1.0 / self.size)


def average_pool_grad(
    d_a: Array, share: float, part: Array, places: Sequence[Array], adds: bool, clears: bool, d_x: Array
) -> None:
    """Every cell of a window gets 1/K of its gradient.

    places  for each cell of the window: where in d_x that cell of all windows lies
    adds    a cell can be in several windows, whose gradients add up
    clears  d_x has to be set to 0 first, because of that or because some cells are in no window
    """
    if clears:
        d_x.fill(0)
    np.multiply(d_a, share, out=part)
    for place in places:
        if adds:
            np.add(place, part, out=place)
        else:
            np.copyto(place, part)


@dataclass(frozen=True, slots=True)
class AvgPool2DGrad(PoolingGrad):
    """Adjoint of :class:`AvgPool2D`."""

    name = "avgpool2d_grad"
    title = "Every cell of a window gets an equal share of its gradient"
    formula = r"dX[y, x] = \frac{1}{K} \sum_{p, q} dA[p, q]"
    kernel = staticmethod(average_pool_grad)
    readable = staticmethod(readable_pool.average_pool_grad)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (d_a,) = ins
        places = [out[source] for source, _ in self.slices(out.shape)]
        adds = self.overlapping
        part = scratch("part", d_a.shape, out.dtype)
        return d_a, 1.0 / self.size, part, places, adds, adds or not self.covered(out.shape), out

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found, _ = self.windows(out, index)
        return Equation(index, tuple(Term((factor(values[0], 0, row),), 1.0 / self.size) for row in found))

    def micro_run(self, values: Sequence[Array], result: Array, number: int) -> None:
        place = tuple(int(i) for i in np.unravel_index(number, values[0].shape))
        found, _ = self.field(result.shape, place)
        result[tuple(found.T)] += values[0][place] * (1.0 / self.size)


# --- whole maps --------------------------------------------------------------------------------------------------


def global_average(x: Array, share: float, a: Array) -> None:
    """A[n, c] = mean of map c of image n."""
    np.add.reduce(x, axis=(2, 3), out=a)
    np.multiply(a, share, out=a)


@dataclass(frozen=True, slots=True)
class GlobalAverage(SumOp):
    """Mean of every map: ``(N, C, H, W)`` → ``(N, C)``."""

    name = "global_average"
    title = "Every map becomes one feature, its mean"
    formula = r"A[n, c] = \frac{1}{H W} \sum_{y, x} X[n, c, y, x]"
    kernel = staticmethod(global_average)
    readable = staticmethod(readable_pool.global_average)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape[:2], ins[0].role, ins[0].axes[:2])

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        h, w = ins[0].shape[2:]
        return ins[0], 1.0 / (h * w), out

    def sum_scale(self, ins: tuple[Shape, ...]) -> float:
        return 1.0 / (ins[0][2] * ins[0][3])

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        h, w = build.arrays[step.inputs[0]].shape[2:]
        return {0: build.gradient(GlobalAverageGrad(h, w), (d_out,), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid([index[0]], [index[1]], range(ins[0][2]), range(ins[0][3])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index[:2])


def global_average_grad(d_a: Array, share: float, d_x: Array) -> None:
    """dX[n, c, y, x] = dA[n, c] / (H·W)."""
    np.multiply(d_a, share, out=d_x)


@dataclass(frozen=True, slots=True)
class GlobalAverageGrad(Op):
    """Adjoint of :class:`GlobalAverage`: ``(N, C)`` → ``(N, C, H, W)``."""

    height: int
    width: int

    name = "global_average_grad"
    title = "Every cell of a map gets an equal share of its gradient"
    formula = r"dX[n, c, y, x] = \frac{1}{H W} \, dA[n, c]"
    kernel = staticmethod(global_average_grad)
    readable = staticmethod(readable_pool.global_average_grad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((*ins[0].shape, self.height, self.width), Role.GRADIENT, MAPS)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0][:, :, None, None], 1.0 / (self.height * self.width), out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells(index[:2]),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]], [index[1]], range(self.height), range(self.width))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        share = 1.0 / (self.height * self.width)
        return Equation(index, (Term((factor(values[0], 0, np.asarray(index[:2])),)),), scale=share)
