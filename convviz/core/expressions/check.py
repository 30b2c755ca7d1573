"""What an expression gives and what it costs, from the shapes of its arrays alone: nothing is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Shape
from convviz.core.expressions.error import ExpressionError
from convviz.core.expressions.functions import FUNCTIONS
from convviz.core.expressions.parse import COMPARISONS
from convviz.core.expressions.syntax import Binary, Call, Expression, Name, Number, Unary
from convviz.plurals import counted

MOST_CELLS = 200_000_000
"""Cells that an expression may read or make."""

ShapeOf = Callable[[str], Shape]
"""Array name → its shape; raises ``KeyError``, with the sentence for the user, if there is no such array."""


@dataclass(frozen=True, slots=True)
class Given:
    """The kind of value that an expression gives, and its cost.

    Parameters
    ----------
    shape : tuple of int
        Shape of the value; empty for a single one.
    is_truth : bool
        Whether its cells are yes or no instead of numbers.
    cells : int
        Cells that its evaluation reads and makes.
    """

    shape: Shape
    is_truth: bool
    cells: int

    @property
    def is_one(self) -> bool:
        """Whether it is a single value."""
        return self.shape == ()

    @property
    def words(self) -> str:
        """How messages call the value: ``a number``, ``32×1×7×7 numbers``."""
        if self.is_one:
            return "yes or no" if self.is_truth else "a number"
        return f"{'×'.join(map(str, self.shape))} {'times yes or no' if self.is_truth else 'numbers'}"


def check(expression: Expression, shape_of: ShapeOf) -> Given:
    """Find out what an expression gives.

    Raises
    ------
    ExpressionError
        An array is not there, shapes or kinds don't go together, or it costs too much.
    """
    given = _check(expression, shape_of)
    if given.cells > MOST_CELLS:
        raise ExpressionError(1, f"expected to read at most {MOST_CELLS:,} cells, got {given.cells:,}")
    return given


def check_truth(expression: Expression, shape_of: ShapeOf) -> Given:
    """Check a condition: an expression that has to give a single yes or no.

    Raises
    ------
    ExpressionError
        As :func:`check`, or it gives something else.
    """
    given = check(expression, shape_of)
    if not (given.is_one and given.is_truth):
        hint = ": wrap it in any( ) or all( )" if given.is_truth else ", for instance a comparison like … > 3"
        raise ExpressionError(1, f"expected a condition, got {given.words}{hint}")
    return given


def check_number(expression: Expression, shape_of: ShapeOf) -> Given:
    """Check what is to be drawn as a curve: an expression that has to give a single number, or a single yes or no.

    Raises
    ------
    ExpressionError
        As :func:`check`, or it gives an array.
    """
    given = check(expression, shape_of)
    if not given.is_one:
        raise ExpressionError(1, f"expected one number, got {given.words}: wrap it in mean( ), norm( ), max( ) …")
    return given


def _check(part: Expression, shape_of: ShapeOf) -> Given:
    match part:
        case Number():
            return Given((), is_truth=False, cells=0)
        case Name():
            return _name(part, shape_of)
        case Call():
            return _call(part, _check(part.argument, shape_of))
        case Unary():
            operand = _check(part.operand, shape_of)
            _need(operand, part.sign == "not", part.column, f"after {part.sign!r}")
            return Given(operand.shape, operand.is_truth, operand.cells + _size(operand.shape))
        case Binary():
            return _binary(part, _check(part.left, shape_of), _check(part.right, shape_of))


def _name(part: Name, shape_of: ShapeOf) -> Given:
    try:
        shape = shape_of(part.name)
    except KeyError as error:
        raise ExpressionError(part.column, str(error.args[0])) from None
    if len(part.index) > len(shape):
        axes = f"{len(shape)} {'axis' if len(shape) == 1 else 'axes'}" if shape else "no axes: it is one number"
        raise ExpressionError(part.column, f"{part.name} has {axes}, got {counted(len(part.index), 'place')}")
    for axis, (place, size) in enumerate(zip(part.index, shape, strict=False)):
        if place is not None and place >= size:
            raise ExpressionError(
                part.column, f"{part.name}: expected a place from 0 to {size - 1} on axis {axis}, got {place}"
            )
    left = tuple(size for place, size in zip(part.index, shape, strict=False) if place is None)
    taken = (*left, *shape[len(part.index) :])
    return Given(taken, is_truth=False, cells=_size(taken))


def _call(part: Call, argument: Given) -> Given:
    function = FUNCTIONS[part.function]
    _need(argument, function.of_truths, part.column, f"in {part.function}( )")
    shape = () if function.reduces else argument.shape
    # A reduction in float64 may copy the array.
    return Given(shape, function.gives_truths, argument.cells + _size(argument.shape))


def _binary(part: Binary, left: Given, right: Given) -> Given:
    is_logic = part.sign in ("and", "or")
    for side in (left, right):
        _need(side, is_logic, part.column, f"on both sides of {part.sign!r}")
    if left.shape and right.shape and left.shape != right.shape:
        shapes = " and ".join("×".join(map(str, side.shape)) for side in (left, right))
        raise ExpressionError(part.column, f"expected arrays of one shape on both sides of {part.sign!r}, got {shapes}")
    shape = left.shape or right.shape
    is_truth = is_logic or part.sign in COMPARISONS
    return Given(shape, is_truth, left.cells + right.cells + _size(shape))


def _need(given: Given, truth: bool, column: int, where: str) -> None:
    if given.is_truth != truth:
        wanted, got = ("a condition", "numbers") if truth else ("numbers", "a condition")
        raise ExpressionError(column, f"expected {wanted} {where}, got {got}")


def _size(shape: Shape) -> int:
    return int(np.prod(shape, dtype=object)) if shape else 1
