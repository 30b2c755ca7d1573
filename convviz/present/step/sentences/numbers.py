"""What the sentences are made from: the numbers of a cell's equation, and how they are written in running text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from convviz.core.arrays import Index
from convviz.core.program import Step
from convviz.present.numbers import digits_apart, format_value
from convviz.present.step.values import Values

Teller = Callable[[Values, Step, Index], str]
"""Says what cell ``index`` of a step's output is, and why."""
Texts = tuple[tuple[type, Teller], ...]


def read(values: Values, step: Step, index: Index) -> list[float]:
    """The number that a cell reads of every input: of its own place, of its channel, or the only one there is.

    For ops that read one cell of each input.
    """
    reads = step.op.reads(values.program.in_shapes(step), step.shape, index)
    return [values.value(name, tuple(int(i) for i in cells[0])) for name, cells in zip(step.inputs, reads, strict=True)]


def gathered(
    values: Values, step: Step, index: Index, position: int = 0
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """All numbers that a cell reads of one input, in the order of the arithmetic."""
    cells = step.op.reads(values.program.in_shapes(step), step.shape, index)[position]
    return np.asarray(values.array(step.inputs[position])[tuple(cells.T)], dtype=np.float64)


def made(values: Values, step: Step, index: Index) -> str:
    """The cell itself, written."""
    return format_value(values.value(step.output, index))


def after(value: float) -> str:
    """A number as it stands behind an operator: negative ones in brackets."""
    return in_brackets(format_value(value))


def apart(values: Values, step: Step, index: Index, term: float) -> tuple[str, str]:
    """A term and the cell itself, with so many digits that what happened to the term is seen."""
    result = values.value(step.output, index)
    digits = digits_apart(term, result)
    return format_value(term, digits), format_value(result, digits)


def in_brackets(text: str) -> str:
    """A number as it stands behind an operator, where it is written already."""
    return f"({text})" if text.startswith("-") else text


def moved(values: Values, step: Step, index: Index, term: float, move: float) -> str:
    """What takes a small number off another: nothing where both can be seen anyway, else ``0.1556002 − 3.3e-7 =``."""
    result = values.value(step.output, index)
    text, end = apart(values, step, index, term)
    if term == result and move != 0:
        kind = values.array(step.output).dtype.name
        return f"{text}: the step of {format_value(move)} is too small for {kind}, so the weight stays as it is"
    if digits_apart(term, result) == 4:
        return end
    return f"{text} − {after(move)} = {end}"


def span(numbers: Sequence[int]) -> str:
    """``3–6``, or ``3`` where that is all."""
    first, last = int(min(numbers)), int(max(numbers))
    return f"{first}–{last}" if first != last else str(first)


def of_images(values: Values) -> str:
    """What a sum over the minibatch runs over besides places."""
    count = values.program.batch
    return f" of {count} images" if count > 1 else ""


def plural(count: int) -> str:
    """``s`` unless there is one."""
    return "" if count == 1 else "s"


def constant(value: float) -> str:
    """A setting as it was chosen: ``0.9``, ``1e-5``."""
    return re.sub(r"e-0*", "e-", f"{value:g}")
