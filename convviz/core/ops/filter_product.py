"""The matrix products of a convolution, for one group of channels or several.

With G groups, the rows of X_col are divided into G blocks of K/G and the filters into G blocks of F/G, and block g of
the filters is multiplied with block g of the rows only; G = C is a depthwise convolution. Logical shapes: W_row (F,
K/G), X_col (K, N·P), Z_row (F, N·P).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, SumOp
from convviz.core.ops.cells import Cells, grid, paired
from convviz.core.readable import conv as readable_conv
from convviz.plurals import counted


def by_group(matrix: Array, groups: int) -> Array:
    """Rows split into groups: (…, R, Q) → (…, G, R/G, Q), a view."""
    *lead, rows, columns = matrix.shape
    return matrix.reshape(*lead, groups, rows // groups, columns) if groups > 1 else matrix


def matmul(w_row: Array, x_col: Array, z_row: Array) -> None:
    """Z_row = W_row · X_col, one image after the other.

    w_row (F, K)   x_col (N, K, P)   z_row (N, F, P)
    """
    np.matmul(w_row, x_col, out=z_row)


@dataclass(frozen=True, slots=True)
class FilterProduct(SumOp):
    """Every filter meets every window in one matrix product."""

    groups: int = 1

    name = "matmul"
    title = "Every filter meets every window in one matrix product"
    formula = r"Z = W_{row} \cdot X_{col}"
    kernel = staticmethod(matmul)
    readable = staticmethod(readable_conv.filter_product)

    def in_numpy(self) -> Callable[..., Array]:
        return readable_conv.grouped_filter_product if self.groups > 1 else readable_conv.filter_product

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        (f, k), (rows, columns) = ins[0].shape, ins[1].shape
        if k * self.groups != rows:
            raise ShapeError(
                f"{layer}: a filter has {counted(k, 'cell')}, the window has {rows} in {counted(self.groups, 'group')}",
                layer=layer,
            )
        return Out((f, columns), Role.PREACTIVATION, (ins[0].axes[0], ins[1].axes[1]), ins[1].column_blocks)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return by_group(ins[0], self.groups), by_group(ins[1], self.groups), by_group(out, self.groups)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        w_row, x_col = step.inputs
        found = {}
        if wanted[0]:
            found[0] = build.gradient(FilterGradient(self.groups), (d_out, x_col), w_row)
        if wanted[1]:
            found[1] = build.gradient(ColumnGradient(self.groups), (w_row, d_out), x_col)
        return found

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        f, column = index
        k = ins[0][1]
        first = self._first_row(ins, f)
        return grid([f], range(k)), grid(range(first, first + k), [column])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        if position == 0:
            return grid([index[0]], range(out[1]))
        per = ins[0][0] // self.groups
        g = index[0] // ins[0][1]
        return grid(range(g * per, (g + 1) * per), [index[1]])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        filters, k = ins[0]
        per, (a, b) = filters // self.groups, index
        if position == 0:
            return paired(0, grid([a // per * k + b], range(ins[1][1])))
        return paired(1, grid(range(a // k * per, (a // k + 1) * per), [a % k]))

    def multiply_adds(self, ins: tuple[Shape, ...], out: Shape) -> int:
        return ins[0][1] * math.prod(out)

    def _first_row(self, ins: tuple[Shape, ...], f: int) -> int:
        filters, k = ins[0]
        return f // (filters // self.groups) * k


def matmul_d_w(d_z_row: Array, x_colT: Array, d_w_row: Array, each: Array) -> None:
    """dW_row = dZ_row · X_colᵀ: the product of every image, then their sum.

    d_z_row (N, F, P)   x_colT (N, P, K)   each (N, F, K)   d_w_row (F, K)
    """
    np.matmul(d_z_row, x_colT, out=each)
    np.add.reduce(each, axis=0, out=d_w_row)


@dataclass(frozen=True, slots=True)
class FilterGradient(SumOp):
    """Gradient of W_row: ``dZ_row (F, N·P) · X_colᵀ``."""

    groups: int = 1

    name = "matmul"
    title = "A weight's gradient: its map's gradient times what it saw, over all windows"
    formula = r"dW_{row} = dZ_{row} \cdot X_{col}^{T}"
    kernel = staticmethod(matmul_d_w)
    readable = staticmethod(readable_conv.filter_gradient)

    def in_numpy(self) -> Callable[..., Array]:
        return readable_conv.grouped_filter_gradient if self.groups > 1 else readable_conv.filter_gradient

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[0], ins[1].shape[0] // self.groups), Role.GRADIENT, (ins[0].axes[0], ins[1].axes[0]))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_z, x_col = by_group(ins[0], self.groups), by_group(ins[1], self.groups)
        d_w = by_group(out, self.groups)
        # OpenBLAS is faster with the longer side (K) first; the transposed result is a view of that product.
        n, lead = d_z.shape[0], d_z.shape[1:-2]
        f, k = d_w.shape[-2:]
        each = scratch("each", (n, *lead, k, f), out.dtype).swapaxes(-1, -2)
        return d_z, x_col.swapaxes(-1, -2), d_w, each

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        f, k = index
        columns = range(ins[0][1])
        return grid([f], columns), grid([self._row(ins, f, k)], columns)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        if position == 0:
            return grid([index[0]], range(out[1]))
        per = ins[0][0] // self.groups
        g, k = divmod(index[0], out[1])
        return grid(range(g * per, (g + 1) * per), [k])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        # Filters are multiplied only with rows of their own group.
        rows, others = ins[position][0] // self.groups, ins[1 - position][0] // self.groups
        g = index[0] // rows
        return paired(position, grid(range(g * others, (g + 1) * others), [index[1]]))

    def _row(self, ins: tuple[Shape, ...], f: int, k: int) -> int:
        return f // (ins[0][0] // self.groups) * (ins[1][0] // self.groups) + k


def matmul_d_x(w_rowT: Array, d_z_row: Array, d_x_col: Array) -> None:
    """dX_col = W_rowᵀ · dZ_row.

    w_rowT (K, F)   d_z_row (N, F, P)   d_x_col (N, K, P)
    """
    np.matmul(w_rowT, d_z_row, out=d_x_col)


@dataclass(frozen=True, slots=True)
class ColumnGradient(SumOp):
    """Gradient of X_col: ``W_rowᵀ · dZ_row``."""

    groups: int = 1

    name = "matmul"
    title = "Every window gets back the gradients of all filters, times their weights"
    formula = r"dX_{col} = W_{row}^{T} \cdot dZ_{row}"
    kernel = staticmethod(matmul_d_x)
    readable = staticmethod(readable_conv.column_gradient)

    def in_numpy(self) -> Callable[..., Array]:
        return readable_conv.grouped_column_gradient if self.groups > 1 else readable_conv.column_gradient

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        k, columns = ins[0].shape[1] * self.groups, ins[1].shape[1]
        return Out((k, columns), Role.GRADIENT, (ins[0].axes[1], ins[1].axes[1]), ins[1].column_blocks)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        w_row = by_group(ins[0], self.groups)
        return w_row.swapaxes(-1, -2), by_group(ins[1], self.groups), by_group(out, self.groups)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        """Needed where the product is part of the forward pass, as in a transposed convolution."""
        w_row, x_row = step.inputs
        found = {}
        if wanted[0]:
            found[0] = build.gradient(FilterGradient(self.groups), (x_row, d_out), w_row)
        if wanted[1]:
            found[1] = build.gradient(FilterProduct(self.groups), (w_row, d_out), x_row)
        return found

    def multiply_adds(self, ins: tuple[Shape, ...], out: Shape) -> int:
        return ins[0][0] // self.groups * math.prod(out)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        filters, k = self._filters(ins, index[0])
        return grid(filters, [k]), grid(filters, [index[1]])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        f, other = index
        k = ins[0][1]
        first = f // (ins[0][0] // self.groups) * k
        if position == 0:
            return grid([first + other], range(out[1]))
        return grid(range(first, first + k), [other])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return paired(position, grid([index[0]], range(ins[1 - position][1])))

    def _filters(self, ins: tuple[Shape, ...], row: int) -> tuple[range, int]:
        f, per_group = ins[0]
        g, k = divmod(row, per_group)
        per = f // self.groups
        return range(g * per, (g + 1) * per), k


# --- bias --------------------------------------------------------------------------------------------------------


def add_bias(product: Array, bias: Array, z_row: Array) -> None:
    """Every row f gets its bias b[f]."""
    np.add(product, bias, out=z_row)


@dataclass(frozen=True, slots=True)
class AddRowBias(Op):
    """``(F, N·P)`` plus one number per row."""

    name = "add_bias"
    cellwise = True
    title = "Every filter adds its bias"
    formula = r"Z_{row}[f, p] = (W_{row} X_{col})[f, p] + b[f]"
    kernel = staticmethod(add_bias)
    readable = staticmethod(readable_conv.add_row_bias)
    inplace = 0

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, ins[0].role, ins[0].axes, ins[0].column_blocks)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1][:, None], out

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        found = {0: d_out} if wanted[0] else {}
        if wanted[1]:
            found[1] = build.gradient(SumRows(), (d_out,), step.inputs[1])
        return found

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return grid([index[0]], [index[1]]), grid([index[0]])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]], [index[1]]) if position == 0 else grid([index[0]], range(out[1]))

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return paired(position, grid([index[0]]) if position == 0 else grid([index[0]], range(ins[0][1])))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        f = index[0]
        return Equation(
            index,
            (
                Term((Factor(0, index, float(values[0][index])),)),
                Term((Factor(1, (f,), float(values[1][f])),)),
            ),
        )


def sum_rows(d_z_row: Array, ones: Array, each: Array, d_bias: Array) -> None:
    """db[f] = Σ over all images and places; a product with ones is the fastest sum of rows.

    d_z_row (N, F, P)   each (N, F)
    """
    np.matmul(d_z_row, ones, out=each)
    np.add.reduce(each, axis=0, out=d_bias)


@dataclass(frozen=True, slots=True)
class SumRows(SumOp):
    """Row sums of ``(F, N·P)``: the gradient of a bias."""

    name = "sum_rows"
    title = "A bias reaches every place of its map, so its gradient is the sum over them"
    formula = r"db[f] = \sum_p dZ_{row}[f, p]"
    kernel = staticmethod(sum_rows)
    readable = staticmethod(readable_conv.sum_rows)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[0],), Role.GRADIENT, ins[0].axes[:1])

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        n, f, p = ins[0].shape
        return ins[0], np.ones(p, out.dtype), scratch("each", (n, f), out.dtype), out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid([index[0]], range(ins[0][1])),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]])
