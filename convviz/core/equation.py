"""One number, spelled out: the terms it was computed from and the cells they came from."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from convviz.core.arrays import Index


class Combine(StrEnum):
    """How the terms of an equation combine to its value."""

    SUM = "sum"
    MAX = "max"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class Factor:
    """A cell of one of the step's inputs.

    Parameters
    ----------
    position : int
        Which input of the step.
    index : tuple of int
        Logical index of the cell.
    value : float
    """

    position: int
    index: Index
    value: float


@dataclass(frozen=True, slots=True)
class Term:
    """A product of cells, times a constant."""

    factors: tuple[Factor, ...]
    constant: float = 1.0

    @property
    def value(self) -> float:
        """The product."""
        product = self.constant
        for factor in self.factors:
            product *= factor.value
        return product


@dataclass(frozen=True, slots=True)
class Equation:
    """How one output cell got its value.

    Parameters
    ----------
    index : tuple of int
        Logical index of the output cell.
    terms : tuple of Term
        In the order of the arithmetic.
    combine : Combine
        ``SUM``: ``scale`` times the sum of the terms. ``MAX``: the largest term. ``APPLY``: ``function`` of the
        terms' values.
    scale : float
        Factor before a sum, such as 1/N.
    text : str
        For ``APPLY``: the function as written, with ``{0}``, ``{1}`` … for the terms: ``max(0, {0})``.
    function : callable
        For ``APPLY``: computes the value from the terms' values.
    """

    index: Index
    terms: tuple[Term, ...]
    combine: Combine = Combine.SUM
    scale: float = 1.0
    text: str = ""
    function: Callable[..., float] | None = field(default=None, compare=False)

    @property
    def value(self) -> float:
        """The value, computed anew from the terms (sums are exactly rounded)."""
        values = [term.value for term in self.terms]
        if self.combine is Combine.APPLY:
            if self.function is None:
                raise ValueError("an applied equation needs its function")
            return float(self.function(*values))
        if self.combine is Combine.MAX:
            return max(values)
        if not all(map(math.isfinite, values)):
            return self.scale * sum(values)
        return self.scale * math.fsum(values)
