"""A learned scale and shift for every cell of an image: what follows layer normalisation.

    z = γ x̂ + β            dγ = Σ dz · x̂            dβ = Σ dz            dx̂ = γ dz

γ and β have the shape of one image's values, ``(C, H, W)`` or ``(F,)``; the sums run over the images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Equation, Term
from convviz.core.ops import norm
from convviz.core.ops.base import Emitter, Out, Step, SumOp
from convviz.core.ops.broadcast import Broadcast
from convviz.core.ops.cells import Cells, cells, grid, no_cells
from convviz.core.readable import group_norm as readable


def of_images(count: int, index: Index) -> Cells:
    """The cells at one place, one in every image."""
    return grid(range(count), *([i] for i in index))


@dataclass(frozen=True, slots=True)
class PerCell(Broadcast):
    """Base: values ``(N, …)`` first, then numbers per cell of an image."""

    def is_number(self, position: int, shape: Shape) -> bool:
        return position > 0

    def number_of(self, shape: Shape, index: Index) -> Index:
        return index[1:]

    def served(self, shape: Shape, number: Index) -> Cells:
        return of_images(shape[0], number)


@dataclass(frozen=True, slots=True)
class CellAffine(PerCell):
    """Scale and shift of every cell. Inputs: normalised values, γ, β."""

    name = "cell_affine"
    title = "Every cell is multiplied by its scale, and its shift is added"
    formula = r"Z[n, i] = \gamma[i] \, \hat{X}[n, i] + \beta[i]"
    kernel = staticmethod(norm.scale_shift)
    readable = staticmethod(readable.cell_affine)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        x_hat, scale, shift = step.inputs
        found = {}
        if wanted[1]:
            found[1] = build.gradient(CellSumProduct(), (d_out, x_hat), scale)
        if wanted[2]:
            found[2] = build.gradient(CellSum(), (d_out,), shift)
        if wanted[0]:
            found[0] = build.gradient(CellScaleGrad(), (d_out, scale), x_hat)
        return found

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        x_hat, scale, shift = self.factors(values, index)
        return Equation(index, (Term((scale, x_hat)), Term((shift,))))


@dataclass(frozen=True, slots=True)
class CellScaleGrad(PerCell):
    """Gradient of the normalised values."""

    name = "cell_scale_grad"
    title = "The gradient is scaled by the same factor as the forward pass"
    formula = r"d\hat{X}[n, i] = \gamma[i] \cdot dZ[n, i]"
    kernel = staticmethod(norm.scale_grad)
    readable = staticmethod(readable.cell_scale_grad)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        d_z, scale = self.factors(values, index)
        return Equation(index, (Term((scale, d_z)),))


@dataclass(frozen=True, slots=True)
class OverImages(SumOp):
    """Base: for every cell of an image, the sum over all images of the inputs' product."""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape[1:], Role.GRADIENT, ins[0].axes[1:])

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(of_images(shape[0], index) for shape in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(index[1:])

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        return tuple(no_cells(len(s)) if other == position else cells(index) for other, s in enumerate(ins))


def cell_sum(d_z: Array, d_shift: Array) -> None:
    """Σ dz over the images."""
    np.add.reduce(d_z, axis=0, out=d_shift)


@dataclass(frozen=True, slots=True)
class CellSum(OverImages):
    """Gradient of β."""

    name = "cell_sum"
    title = "A shift reaches its cell in every image, so its gradient is the sum over them"
    formula = r"d\beta[i] = \sum_n dZ[n, i]"
    kernel = staticmethod(cell_sum)
    readable = staticmethod(readable.cell_sum)


def cell_sum_product(d_z: Array, x_hat: Array, d_scale: Array) -> None:
    """Σ dz · x̂ over the images."""
    axes = range(d_z.ndim)
    np.einsum(d_z, axes, x_hat, axes, axes[1:], out=d_scale)


@dataclass(frozen=True, slots=True)
class CellSumProduct(OverImages):
    """Gradient of γ."""

    name = "cell_sum_product"
    title = "A scale's gradient: the gradient times what was scaled, over all images"
    formula = r"d\gamma[i] = \sum_n dZ[n, i] \cdot \hat{X}[n, i]"
    kernel = staticmethod(cell_sum_product)
    readable = staticmethod(readable.cell_sum_product)
