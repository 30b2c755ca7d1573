"""Sums as they are written: with so many digits that what is shown adds up to what is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from convviz.present.numbers import format_value

MOST = 8
"""Largest number of significant digits that is tried: float32 has no more to tell."""


@dataclass(frozen=True, slots=True)
class WrittenSum:
    """A sum as text.

    Parameters
    ----------
    terms : tuple of str
    total : str
    sign : str
        ``=``, or ``≈`` if the terms as they are written add up to another number than the total as it is written.
    digits, total_digits : int
        Significant digits of each term, and of the total, which has fewer where terms cancel out.
    """

    terms: tuple[str, ...]
    total: str
    sign: str
    digits: int
    total_digits: int


def adding_up(terms: Sequence[float], total: float, digits: int = 4, most: int = MOST) -> WrittenSum:
    """Write a sum with the fewest digits with which its written terms, added up and rounded, give its written total.

    With 4 digits 6.5794 + 0.046183 = 6.625583 would be ``6.579``, ``0.04618`` and ``6.626``, which is one more than
    their sum.

    Parameters
    ----------
    terms : sequence of float
        What is taken off is negative.
    total : float
    digits : int
        The fewest significant digits.
    most : int
        The most of them.
    """
    for count in range(digits, max(most, digits) + 1):
        for of_total in dict.fromkeys((count, digits)):
            found = _written(terms, total, count, of_total)
            if found.sign == "=":
                return found
    return _written(terms, total, digits, digits)


def _written(terms: Sequence[float], total: float, digits: int, of_total: int) -> WrittenSum:
    shown, end = tuple(format_value(term, digits) for term in terms), format_value(total, of_total)
    return WrittenSum(shown, end, "=" if _is_right([*terms, total], shown, end) else "≈", digits, of_total)


def _is_right(numbers: Sequence[float], shown: Sequence[str], end: str) -> bool:
    """Whether written terms, rounded to the last place of their written total, add up to it."""
    if not all(map(math.isfinite, numbers)):
        return True  # nobody adds these up
    whole = Decimal(end.replace(",", ""))
    off = abs(sum((Decimal(one.replace(",", "")) for one in shown), Decimal(0)) - whole)
    if not whole:  # the number 0 has no last place: it is what is left of terms that cancel out
        return off == 0
    return 2 * off <= Decimal(1).scaleb(int(whole.as_tuple().exponent))
