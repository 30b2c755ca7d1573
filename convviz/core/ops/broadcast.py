"""Base classes of ops that combine values with numbers, where one number serves several values.

There is one number per channel, per group of an image, or per cell of all images; a subclass only has to say which
values it serves.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from convviz.core.arrays import Array, ArraySpec, Index, Role, Shape
from convviz.core.equation import Combine, Equation, Factor, Term
from convviz.core.ops.base import Op, Out, value_at
from convviz.core.ops.cells import Cells, cells, no_cells


@dataclass(frozen=True, slots=True)
class Broadcast(Op):
    """Base. Inputs: values ``(N, …)``, then more values or numbers; a cell depends on its own position only."""

    inplace = 0

    @abstractmethod
    def is_number(self, position: int, shape: Shape) -> bool:
        """Whether the input at a position holds numbers, not values."""

    @abstractmethod
    def number_of(self, shape: Shape, index: Index) -> Index:
        """The number that serves a cell of values of this shape."""

    @abstractmethod
    def served(self, shape: Shape, number: Index) -> Cells:
        """All cells of values of this shape that a number serves."""

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.PREACTIVATION, ins[0].axes)

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        number = self.number_of(out, index)
        return tuple(cells(number if self.is_number(k, shape) else index) for k, shape in enumerate(ins))

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return self.served(out, index) if self.is_number(position, ins[position]) else cells(index)

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        mine = self.is_number(position, ins[position])
        number = cells(index if mine else self.number_of(out, index))
        values = self.served(out, index) if mine else cells(index)
        return tuple(
            no_cells(len(shape)) if k == position else number if self.is_number(k, shape) else values
            for k, shape in enumerate(ins)
        )

    def factors(self, values: Sequence[Array], index: Index) -> list[Factor]:
        """The cell of every input that output cell ``index`` is computed from."""
        number = self.number_of(values[0].shape, index)
        places = [number if self.is_number(k, a.shape) else index for k, a in enumerate(values)]
        return [Factor(k, at, value_at(a, at)) for k, (a, at) in enumerate(zip(values, places, strict=True))]


@dataclass(frozen=True, slots=True)
class AppliedBroadcast(Broadcast):
    """Base of broadcasts that apply a function instead of summing products."""

    @abstractmethod
    def apply(self, *values: float) -> float:
        """The scalar function; must give the same value as the kernel."""

    @abstractmethod
    def written(self) -> str:
        """The function with ``{0}``, ``{1}`` … for the inputs' cells."""

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        terms = tuple(Term((factor,)) for factor in self.factors(values, index))
        return Equation(index, terms, Combine.APPLY, text=self.written(), function=self.apply)
