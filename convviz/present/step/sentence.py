"""Parts of sentences: a cell of a step's output, and numbers as written in running text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import numpy as np

from convviz.core.arrays import ArraySpec, Index, Shape
from convviz.core.ops.base import Op, Step
from convviz.core.ops.cells import Cells
from convviz.core.program import Program
from convviz.present.adding_up import adding_up
from convviz.present.numbers import digits_apart, format_value
from convviz.present.step.values import Values, label, short

OpT = TypeVar("OpT", bound=Op, covariant=True)


@dataclass(frozen=True, slots=True)
class OutputCell(Generic[OpT]):
    """A cell of a step's output, with the values that sentences about it need.

    Parameters
    ----------
    values : Values
    step : Step
    index : tuple of int
        Logical index in the output.
    """

    values: Values
    step: Step
    index: Index

    @property
    def op(self) -> OpT:
        """The step's op."""
        return cast(OpT, self.step.op)

    @property
    def program(self) -> Program:
        """The program of the pass."""
        return self.values.program

    @property
    def shape(self) -> Shape:
        """Shape of the output."""
        return self.step.shape

    @property
    def spec(self) -> ArraySpec:
        """The spec of the output."""
        return self.program.arrays[self.step.output]

    def given(self, position: int) -> ArraySpec:
        """The spec of an input."""
        return self.program.arrays[self.step.inputs[position]]

    @property
    def value(self) -> float:
        """The number in the cell."""
        return self.values.value(self.step.output, self.index)

    @property
    def made(self) -> str:
        """The number in the cell, as text."""
        return format_value(self.value)

    def reads(self) -> tuple[Cells, ...]:
        """For every input, the cells that this one was computed from."""
        return self.step.op.reads(self.program.in_shapes(self.step), self.shape, self.index)

    def read(self) -> list[float]:
        """The number read from every input, for ops that read one cell of each."""
        return [
            self.values.value(name, tuple(int(i) for i in cells[0]))
            for name, cells in zip(self.step.inputs, self.reads(), strict=True)
        ]

    def gathered(self, position: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """All numbers read from one input, in the order of the arithmetic."""
        name, cells = self.step.inputs[position], self.reads()[position]
        return np.asarray(self.values.program.arrays[name].gathered(self.values.stored(name), cells), dtype=np.float64)

    def apart(self, term: float) -> tuple[str, str]:
        """``term`` and the number in the cell as text, with enough digits to tell them apart."""
        digits = digits_apart(term, self.value)
        return format_value(term, digits), format_value(self.value, digits)

    def added(self, one: float, other: float) -> str:
        """``one + other = the number in the cell``, as text that adds up."""
        return sum_of(one, other, self.value)

    def less(self, one: float, other: float) -> str:
        """``one − other = the number in the cell``, as text that adds up."""
        return difference_of(one, other, self.value)

    def moved(self, term: float, move: float) -> str:
        """The number in the cell, ``term − move``, as text.

        It stands alone if 4 digits tell it from ``term``, else after the subtraction: ``0.155602 − 3e-7 = …``. If the
        move is lost in the rounding of the array's dtype, words say so.
        """
        text, end = self.apart(term)
        if term == self.value and move != 0:
            kind = self.values.array(self.step.output).dtype.name
            return f"{text}: the step of {format_value(move)} is too small for {kind}, so the weight stays as it is"
        if format_value(term) != self.made:
            return end
        return f"{text} − {after(move)} = {end}"


def plain_sentence(cell: OutputCell[Any]) -> str:
    """A sentence for ops that have no sentences of their own: what the cell is computed from."""
    parts = []
    for name, cells in zip(cell.step.inputs, cell.reads(), strict=False):
        if len(cells) == 1:
            at = tuple(int(i) for i in cells[0])
            parts.append(f"{label(name, at)} = {format_value(cell.values.value(name, at))}")
        elif len(cells):
            parts.append(f"{len(cells):,} cells of {short(name)}")
    origin = f" from {', '.join(parts)}" if parts else ""
    return f"{cell.op.title}. {label(cell.step.output, cell.index)} = {cell.made} is computed{origin}."


def after(value: float) -> str:
    """A number as written after an operator: negative ones in brackets."""
    return in_brackets(format_value(value))


def sum_of(one: float, other: float, total: float) -> str:
    """``one + other = total``, with so many digits that what is written adds up and that ``one`` differs from it."""
    written = adding_up((one, other), total, digits_apart(one, total))
    return f"{written.terms[0]} + {in_brackets(written.terms[1])} {written.sign} {written.total}"


def difference_of(one: float, other: float, total: float) -> str:
    """``one − other = total``, as :func:`sum_of` writes it."""
    written = adding_up((one, -other), total, digits_apart(one, total))
    taken = in_brackets(format_value(other, written.digits))
    return f"{written.terms[0]} − {taken} {written.sign} {written.total}"


def in_brackets(text: str) -> str:
    """A number that is already text, as written after an operator."""
    return f"({text})" if text.startswith("-") else text


def all_images(cell: OutputCell[Any]) -> str:
    """Words for a sum that also runs over the images of the minibatch; empty if there is only one image."""
    count = cell.program.batch
    return f" of {count:,} images" if count > 1 else ""


def constant(value: float) -> str:
    """A setting as the user writes it: ``0.9``, ``1e-5``."""
    return re.sub(r"e-0*", "e-", f"{value:g}")
