"""The norm of all gradients together, used for clipping: ‖g‖ = √(Σ over all parameters Σ g²)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.ops.arithmetic import scalar_cell
from convviz.core.ops.base import Op, Out, Scratch, SumOp
from convviz.core.ops.cells import Cells, Products, grid
from convviz.core.readable import update as readable_update


def sum_squares(gradient: Array, total: Array) -> None:
    """Σ g² of one parameter."""
    total[...] = np.vdot(gradient, gradient)


@dataclass(frozen=True, slots=True)
class SumSquares(SumOp):
    """Sum of the squares of all cells."""

    name = "sum_squares"
    title = "All squares of a gradient are added up"
    formula = r"q = \sum_i g_i^2"
    kernel = staticmethod(sum_squares)
    readable = staticmethod(readable_update.sum_squares)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((), Role.SCALAR)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (grid(*(range(n) for n in ins[0])),)

    def products(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> Products:
        (found,) = self.reads(ins, out, index)
        return Products(((0, found), (0, found)))

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return scalar_cell()


def gradient_norm(squares: Sequence[Array], norm: Array) -> None:
    """‖g‖ = √(q₁ + q₂ + …)."""
    norm[...] = np.sqrt(sum(squares))


@dataclass(frozen=True, slots=True)
class GradientNorm(Op):
    """Inputs: the sum of squares of every gradient."""

    name = "grad_norm"
    title = "The length of all gradients together"
    formula = r"n = \sqrt{\sum_k q_k}"
    kernel = staticmethod(gradient_norm)
    readable = staticmethod(readable_update.gradient_norm)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((), Role.SCALAR)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins, out

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(scalar_cell() for _ in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return scalar_cell()

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        terms = tuple(Term((Factor(k, (), float(value)),)) for k, value in enumerate(values))
        text = "√(" + " + ".join(f"{{{k}}}" for k in range(len(terms))) + ")"
        return Equation(index, terms, Combine.APPLY, text=text, function=lambda *given: math.sqrt(math.fsum(given)))
