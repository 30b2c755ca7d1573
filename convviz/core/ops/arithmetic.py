"""Cell-by-cell arithmetic that several layers share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Index, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, value_at
from convviz.core.ops.cells import Cells, cells, grid, no_cells
from convviz.core.readable import shapes as readable_shapes


@dataclass(frozen=True, slots=True)
class Elementwise(Op):
    """Output cell i depends on cell i of each input; an input with one element (a scalar) feeds every cell."""

    cellwise: ClassVar[bool] = True
    elementwise: ClassVar[bool] = True
    text: ClassVar[str] = ""
    """How the value is written, with ``{0}``, ``{1}`` … for the inputs' cells."""
    workspace: ClassVar[tuple[str, ...]] = ()
    """Names of temporary arrays, each like the output, that the kernel takes between its inputs and its output."""

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return *ins, *(scratch(name, out.shape, out.dtype) for name in self.workspace), out

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        first = ins[0]
        for other in ins[1:]:
            if other.shape not in ((), first.shape):
                raise ShapeError(
                    f"{layer}: {self.name} expects two arrays of one shape, got {first.shape} and {other.shape}"
                )
        return Out(first.shape, first.role, first.axes, first.column_blocks)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return tuple(cells(index) if shape else scalar_cell() for shape in ins)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        if not ins[position]:
            return grid(*(range(n) for n in out)) if out else scalar_cell()
        return cells(index)

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        mine = ins[position]
        return tuple(
            no_cells(len(shape)) if other == position or not mine else cells(index) if shape else scalar_cell()
            for other, shape in enumerate(ins)
        )

    @abstractmethod
    def apply(self, *values: float) -> float:
        """The scalar function; must give the same value as the kernel."""

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        terms = []
        for position, array in enumerate(values):
            at = index if array.ndim else ()
            terms.append(Term((Factor(position, at, value_at(array, at)),)))
        return Equation(index, tuple(terms), Combine.APPLY, text=self.written(), function=self.apply)

    def written(self) -> str:
        """``text`` with the op's constants filled in."""
        return self.text


def scalar_cell() -> Cells:
    """The one cell of a scalar array."""
    return np.empty((1, 0), dtype=np.intp)


def add(a: Array, b: Array, out: Array) -> None:
    """out = a + b."""
    np.add(a, b, out=out)


@dataclass(frozen=True, slots=True)
class Add(Elementwise):
    """Sum of two equally shaped arrays: two branches, or gradients that arrive by two paths."""

    name = "add"
    title = "Two arrays are added, cell by cell"
    formula = r"c = a + b"
    text = "{0} + {1}"
    kernel = staticmethod(add)
    readable = staticmethod(readable_shapes.add)
    inplace = 0

    def apply(self, *values: float) -> float:
        return values[0] + values[1]

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        # Each summand moves the sum by as much as itself: the gradient is the same array.
        return {position: d_out for position in range(2) if wanted[position]}


@dataclass(frozen=True, slots=True)
class Product(Elementwise):
    """Base: the product of two arrays, cell by cell."""

    text = "{0} · {1}"
    inplace = 0

    def apply(self, *values: float) -> float:
        return values[0] * values[1]


def multiply(a: Array, b: Array, out: Array) -> None:
    """out = a · b."""
    np.multiply(a, b, out=out)


@dataclass(frozen=True, slots=True)
class Multiply(Product):
    """Product of two equally shaped arrays."""

    name = "multiply"
    title = "Two arrays are multiplied, cell by cell"
    formula = r"c = a \odot b"
    kernel = staticmethod(multiply)
    readable = staticmethod(readable_shapes.multiply)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        a, b = step.inputs
        found = {}
        if wanted[0]:
            found[0] = build.gradient(MultiplyGrad(), (d_out, b), a)
        if wanted[1]:
            found[1] = build.gradient(MultiplyGrad(), (d_out, a), b)
        return found


@dataclass(frozen=True, slots=True)
class MultiplyGrad(Product):
    """Gradient of one factor: the product's gradient times the other factor."""

    name = "multiply_grad"
    title = "The gradient of a factor is that of the product, times the other factor"
    formula = r"\frac{\partial L}{\partial a} = \frac{\partial L}{\partial c} \odot b"
    kernel = staticmethod(multiply)
    readable = staticmethod(readable_shapes.multiply)
