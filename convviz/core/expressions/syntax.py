"""The parts of a parsed expression, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written."""

    value: float
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """An array, or some of its cells.

    Parameters
    ----------
    name : str
    index : tuple of int or None, optional
        A place on each of the first axes; None takes the whole axis. The empty tuple takes the whole array.
    column : int
    """

    name: str
    index: tuple[int | None, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one argument."""

    function: str
    argument: Expression
    column: int


@dataclass(frozen=True, slots=True)
class Unary:
    """``-`` or ``not``."""

    sign: str
    operand: Expression
    column: int


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two expressions: arithmetic, a comparison, ``and`` or ``or``."""

    sign: str
    left: Expression
    right: Expression
    column: int


Expression = Number | Name | Call | Unary | Binary


def names_in(expression: Expression) -> frozenset[str]:
    """Names of the arrays that an expression reads."""
    match expression:
        case Number():
            return frozenset()
        case Name():
            return frozenset({expression.name})
        case Call():
            return names_in(expression.argument)
        case Unary():
            return names_in(expression.operand)
        case Binary():
            return names_in(expression.left) | names_in(expression.right)
