"""Ops that only give the same memory another shape: nothing is computed, nothing is copied."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import MAPS, Array, ArraySpec, Axes, Axis, Index, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.ops.base import Emitter, Op, Out, Step, value_at
from convviz.core.ops.cells import Cells, cells
from convviz.core.readable import conv as readable_conv
from convviz.core.readable import shapes as readable_shapes

Places = TypeVar("Places", int, npt.NDArray[np.intp])
"""One place along an axis, or several."""


def reshape(source: Array, out: Array) -> None:
    """out is the same memory under another shape: nothing to compute."""


@dataclass(frozen=True, slots=True)
class View(Op):
    """Base: one output cell for every input cell."""

    cellwise: ClassVar[bool] = True
    copies: ClassVar[bool] = True
    view: ClassVar[bool] = True
    kernel = staticmethod(reshape)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells(self.source(ins[0], out, index)),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(self.target(ins[0], out, index))

    def reads_of(self, ins: tuple[Shape, ...], out: Shape, many: Cells) -> tuple[Cells, ...]:
        return (in_raster_order(many, out, ins[0]),)

    def feeds_of(self, ins: tuple[Shape, ...], out: Shape, position: int, many: Cells) -> Cells:
        return in_raster_order(many, ins[0], out)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        source = self.source(values[0].shape, out, index)
        return Equation(index, (Term((Factor(0, source, value_at(values[0], source)),)),))

    def source(self, shape: Shape, out: Shape, index: Index) -> Index:
        """Input cell of an output cell; raster order is kept unless the op says otherwise."""
        return unravel(ravel(index, out), shape)

    def target(self, shape: Shape, out: Shape, index: Index) -> Index:
        """Output cell of an input cell."""
        return unravel(ravel(index, shape), out)


def ravel(index: Index, shape: Shape) -> int:
    """Raster number of a cell."""
    return int(np.ravel_multi_index(index, shape))


def unravel(number: int, shape: Shape) -> Index:
    """Cell with this raster number."""
    return tuple(int(i) for i in np.unravel_index(number, shape))


def in_raster_order(many: Cells, before: Shape, after: Shape) -> Cells:
    """Cells with the same raster numbers in an array of another shape: from shape ``before`` to shape ``after``."""
    return np.stack(np.unravel_index(np.ravel_multi_index(tuple(many.T), before), after), axis=1)


@dataclass(frozen=True, slots=True)
class Reshape(View):
    """Raster-order reshape; the image axis of a batch must stay first."""

    shape: Shape
    axes: Axes

    name = "reshape"
    title = "The same numbers under another shape"
    formula = r"\mathrm{out} = \mathrm{reshape}(X)"
    readable = staticmethod(readable_shapes.reshape)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(self.shape, ins[0].role, self.axes)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(reshape_to(build.arrays[step.inputs[0]]), (d_out,), step.inputs[0])}


def reshape_to(spec: ArraySpec) -> Reshape:
    """The op that reshapes an array to the shape of ``spec``."""
    return Reshape(spec.shape, spec.axes)


@dataclass(frozen=True, slots=True)
class Stretch(View):
    """Filters ``(F, C, KH, KW)`` flattened to the rows of ``W_row (F, C·KH·KW)``."""

    name = "stretch"
    title = "Every filter is flattened to one row"
    formula = r"W_{row}[f,\; (c, i, j)] = W[f, c, i, j]"
    readable = staticmethod(readable_conv.stretch)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        f, *rest = ins[0].shape
        return Out((f, math.prod(rest)), Role.WEIGHT, (ins[0].axes[0], Axis.TAP))

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(reshape_to(build.arrays[step.inputs[0]]), (d_out,), step.inputs[0])}


@dataclass(frozen=True, slots=True)
class Flatten(View):
    """Maps ``(N, C, H, W)`` as one row of features per image ``(N, C·H·W)``."""

    name = "flatten"
    title = "All maps of an image are laid out as one row"
    formula = r"\mathrm{flat}[n,\; (c, y, x)] = A[n, c, y, x]"
    readable = staticmethod(readable_shapes.flatten)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n, *rest = ins[0].shape
        return Out((n, math.prod(rest)), ins[0].role, (ins[0].axes[0], Axis.FEATURE))

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(reshape_to(build.arrays[step.inputs[0]]), (d_out,), step.inputs[0])}


@dataclass(frozen=True, slots=True)
class FoldMaps(View):
    """Columns back to maps: ``(F, N·OH·OW)`` → ``(N, F, OH, OW)``."""

    height: int
    width: int

    name = "fold_maps"
    title = "Every row of the product is folded into a feature map"
    formula = r"Z[n, f, p, q] = Z_{row}[f,\; (n, p, q)]"
    readable = staticmethod(readable_conv.fold_maps)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n = ins[0].column_blocks
        return Out((n, ins[0].shape[0], self.height, self.width), ins[0].role, MAPS)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(UnfoldMaps(), (d_out,), step.inputs[0])}

    def reads_of(self, ins: tuple[Shape, ...], out: Shape, many: Cells) -> tuple[Cells, ...]:
        return (np.stack(map_to_row(tuple(many.T), out), axis=1),)

    def feeds_of(self, ins: tuple[Shape, ...], out: Shape, position: int, many: Cells) -> Cells:
        return np.stack(row_to_map(tuple(many.T), out), axis=1)

    def source(self, shape: Shape, out: Shape, index: Index) -> Index:
        return map_to_row(index, out)

    def target(self, shape: Shape, out: Shape, index: Index) -> Index:
        return row_to_map(index, out)


@dataclass(frozen=True, slots=True)
class UnfoldMaps(View):
    """Maps to columns, the inverse of :class:`FoldMaps`."""

    name = "unfold_maps"
    title = "The gradient of every map is laid out as one row"
    formula = r"dZ_{row}[f,\; (n, p, q)] = dZ[n, f, p, q]"
    readable = staticmethod(readable_conv.unfold_maps)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n, f, h, w = ins[0].shape
        return Out((f, n * h * w), ins[0].role, (Axis.FILTER, Axis.WINDOW), column_blocks=n)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        h, w = build.arrays[step.inputs[0]].shape[2:]
        return {0: build.gradient(FoldMaps(h, w), (d_out,), step.inputs[0])}

    def reads_of(self, ins: tuple[Shape, ...], out: Shape, many: Cells) -> tuple[Cells, ...]:
        return (np.stack(row_to_map(tuple(many.T), ins[0]), axis=1),)

    def feeds_of(self, ins: tuple[Shape, ...], out: Shape, position: int, many: Cells) -> Cells:
        return np.stack(map_to_row(tuple(many.T), ins[0]), axis=1)

    def source(self, shape: Shape, out: Shape, index: Index) -> Index:
        return row_to_map(index, shape)

    def target(self, shape: Shape, out: Shape, index: Index) -> Index:
        return map_to_row(index, shape)


def map_to_row(index: tuple[Places, ...], maps: Shape) -> tuple[Places, ...]:
    """(n, f, p, q) → (f, column)."""
    n, f, p, q = index
    return f, (n * maps[2] + p) * maps[3] + q


def row_to_map(index: tuple[Places, ...], maps: Shape) -> tuple[Places, ...]:
    """(f, column) → (n, f, p, q)."""
    f, column = index
    n, place = divmod(column, maps[2] * maps[3])
    p, q = divmod(place, maps[3])
    return n, f, p, q
