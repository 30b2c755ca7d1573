"""Evaluates an expression that was checked."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.expressions.functions import FUNCTIONS
from convviz.core.expressions.syntax import Binary, Call, Expression, Name, Number, Unary

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": np.divide,
        "^": np.float_power,
        "<": operator.lt,
        "<=": operator.le,
        ">": operator.gt,
        ">=": operator.ge,
        "==": operator.eq,
        "!=": operator.ne,
        "and": np.logical_and,
        "or": np.logical_or,
    }
)


def evaluate(expression: Expression, find: Callable[[str], Array]) -> Array:
    """The value of an expression: an array, without axes if it is a single value.

    Parameters
    ----------
    expression : Expression
        Already checked (:func:`~convviz.core.expressions.check.check`) with the shapes of the same arrays.
    find : callable
        Name → the array, in its logical shape.
    """
    with np.errstate(all="ignore"):  # dividing by 0 gives infinity, as in the arithmetic itself
        return np.asarray(_value(expression, find))


def _value(part: Expression, find: Callable[[str], Array]) -> Any:
    match part:
        case Number():
            return np.float64(part.value)
        case Name():
            index = tuple(slice(None) if place is None else place for place in part.index)
            found = np.asarray(find(part.name))[index]
            return found if found.ndim and found.dtype.kind == "f" else found.astype(np.float64)
        case Call():
            return FUNCTIONS[part.function].kernel(np.asarray(_value(part.argument, find)))
        case Unary():
            operand = _value(part.operand, find)
            return np.logical_not(operand) if part.sign == "not" else np.negative(operand)
        case Binary():
            return OPERATORS[part.sign](_value(part.left, find), _value(part.right, find))
