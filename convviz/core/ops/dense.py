"""The dense layer: Z = X · W + b, and its gradients dW = Xᵀ · dZ, db = Σ_n dZ, dX = dZ · Wᵀ.

X (N, I) features of every image, W (I, O), b (O,), Z (N, O).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, SumOp
from convviz.core.ops.cells import Cells, grid, paired
from convviz.core.readable import dense as readable_dense


def even_cuts(size: int, count: int) -> list[slice]:
    """Up to ``count`` nearly equal slices of ``size`` rows."""
    bounds = [round(size * i / count) for i in range(count + 1)]
    return [slice(a, b) for a, b in pairwise(bounds) if b > a]


def matmul(x: Array, weight: Array, z: Array) -> None:
    """Z = X · W."""
    np.matmul(x, weight, out=z)


@dataclass(frozen=True, slots=True)
class DenseProduct(SumOp):
    """Every unit weighs every feature."""

    name = "matmul"
    title = "Every unit weighs every feature"
    formula = r"Z = X \cdot W"
    kernel = staticmethod(matmul)
    readable = staticmethod(readable_dense.product)
    whole = True

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        x, w = ins
        if len(x.shape) != 2:
            raise ShapeError(
                f"{layer}: expects one row of features per image, got maps {x.shape[1:]}; flatten them first",
                layer=layer,
            )
        if x.shape[1] != w.shape[0]:
            raise ShapeError(f"{layer}: weights for {w.shape[0]} features, got {x.shape[1]}", layer=layer)
        return Out((x.shape[0], w.shape[1]), Role.PREACTIVATION, (x.axes[0], w.axes[1]))

    def parts(self, ins: Sequence[Array], out: Array, count: int) -> list[tuple[Sequence[Array], Array]]:
        return [((ins[0][cut], ins[1]), out[cut]) for cut in even_cuts(out.shape[0], count)]

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        x, w = step.inputs
        found = {}
        if wanted[1]:
            found[1] = build.gradient(DenseWeightGradient(), (x, d_out), w)
        if wanted[0]:
            found[0] = build.gradient(DenseInputGradient(), (d_out, w), x)
        return found

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        n, o = index
        features = range(ins[1][0])
        return grid([n], features), grid(features, [o])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return paired(
            position, grid([index[1]], range(ins[1][1])) if position == 0 else grid(range(ins[0][0]), [index[0]])
        )

    def multiply_adds(self, ins: tuple[Shape, ...], out: Shape) -> int:
        return ins[1][0] * math.prod(out)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]], range(out[1])) if position == 0 else grid(range(out[0]), [index[1]])


def matmul_d_w(xT: Array, d_z: Array, d_weight: Array) -> None:
    """dW = Xᵀ · dZ. (For a single image this is an outer product, for which BLAS is five times as slow.)"""
    if len(d_z) == 1:
        np.einsum("in,no->io", xT, d_z, out=d_weight)
    else:
        np.matmul(xT, d_z, out=d_weight)


@dataclass(frozen=True, slots=True)
class DenseWeightGradient(SumOp):
    """Gradient of the weights."""

    name = "matmul"
    title = "A weight's gradient: its feature times its unit's gradient, over all images"
    formula = r"dW = X^{T} \cdot dZ"
    kernel = staticmethod(matmul_d_w)
    readable = staticmethod(readable_dense.weight_gradient)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[1], ins[1].shape[1]), Role.GRADIENT, (ins[0].axes[1], ins[1].axes[1]))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0].T, ins[1], out

    def parts(self, ins: Sequence[Array], out: Array, count: int) -> list[tuple[Sequence[Array], Array]]:
        x, d_z = ins
        return [((x[:, cut], d_z), out[cut]) for cut in even_cuts(out.shape[0], count)]

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        i, o = index
        images = range(ins[0][0])
        return grid(images, [i]), grid(images, [o])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return paired(position, grid([index[0]], range(ins[1 - position][1])))

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[1]], range(out[1])) if position == 0 else grid(range(out[0]), [index[1]])


def matmul_d_x(d_z: Array, weightT: Array, d_x: Array) -> None:
    """dX = dZ · Wᵀ."""
    np.matmul(d_z, weightT, out=d_x)


@dataclass(frozen=True, slots=True)
class DenseInputGradient(SumOp):
    """Gradient of the features."""

    name = "matmul"
    title = "Every feature gets back the gradients of all units, times its weights"
    formula = r"dX = dZ \cdot W^{T}"
    kernel = staticmethod(matmul_d_x)
    readable = staticmethod(readable_dense.input_gradient)
    whole = True

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[0], ins[1].shape[0]), Role.GRADIENT, (ins[0].axes[0], ins[1].axes[0]))

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1].T, out

    def parts(self, ins: Sequence[Array], out: Array, count: int) -> list[tuple[Sequence[Array], Array]]:
        return [((ins[0][cut], ins[1]), out[cut]) for cut in even_cuts(out.shape[0], count)]

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        n, i = index
        units = range(ins[0][1])
        return grid([n], units), grid([i], units)

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return paired(position, grid(range(ins[1 - position][0]), [index[1]]))

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]], range(out[1])) if position == 0 else grid(range(out[0]), [index[0]])


def add_bias(product: Array, bias: Array, z: Array) -> None:
    """Every unit o gets its bias b[o]."""
    np.add(product, bias, out=z)


@dataclass(frozen=True, slots=True)
class AddUnitBias(Op):
    """``(N, O)`` plus one number per unit."""

    name = "add_bias"
    cellwise = True
    title = "Every unit adds its bias"
    formula = r"Z[n, o] = (X W)[n, o] + b[o]"
    kernel = staticmethod(add_bias)
    readable = staticmethod(readable_dense.add_unit_bias)
    inplace = 0

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, ins[0].role, ins[0].axes)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        found = {0: d_out} if wanted[0] else {}
        if wanted[1]:
            found[1] = build.gradient(SumImages(), (d_out,), step.inputs[1])
        return found

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return grid([index[0]], [index[1]]), grid([index[1]])

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[0]], [index[1]]) if position == 0 else grid(range(out[0]), [index[0]])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return paired(position, grid([index[1]]) if position == 0 else grid(range(ins[0][0]), [index[0]]))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        o = index[1]
        return Equation(
            index,
            (
                Term((Factor(0, index, float(values[0][index])),)),
                Term((Factor(1, (o,), float(values[1][o])),)),
            ),
        )


def sum_images(d_z: Array, d_bias: Array) -> None:
    """db[o] = Σ_n dZ[n, o]."""
    np.add.reduce(d_z, axis=0, out=d_bias)


@dataclass(frozen=True, slots=True)
class SumImages(SumOp):
    """Sum over the images of ``(N, O)``: the gradient of a dense bias."""

    name = "sum_images"
    title = "A bias reaches every image, so its gradient is the sum over them"
    formula = r"db[o] = \sum_n dZ[n, o]"
    kernel = staticmethod(sum_images)
    readable = staticmethod(readable_dense.sum_images)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].shape[1],), Role.GRADIENT, ins[0].axes[1:])

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid(range(ins[0][0]), [index[0]]),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return grid([index[1]])
