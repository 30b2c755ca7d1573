"""How numbers are written: 4 significant digits in place, all of them on demand, two decimals in a cell."""

from __future__ import annotations

import math
from typing import SupportsFloat

import numpy as np
import numpy.typing as npt

INFINITY = "∞"


def format_value(value: SupportsFloat, digits: int = 4) -> str:
    """Write a number with 4 significant digits, as it stands in running text.

    Integers keep all their digits, in groups of three. Very small and very large numbers get a power of ten:
    ``0.5964``, ``-0.01881``, ``12.35``, ``46,900``, ``1.234e-7``, ``NaN``, ``-∞``.
    """
    if isinstance(value, int | np.integer | np.bool_):
        return f"{int(value):,}"
    number = float(value)
    if not math.isfinite(number):
        return _not_finite(number)
    if number == 0:
        return "0"
    exponent = math.floor(math.log10(abs(float(f"{number:.{digits - 1}e}"))))
    if -4 <= exponent < 6:
        return f"{number:,.{max(0, digits - 1 - exponent)}f}"
    mantissa, _, power = f"{number:.{digits - 1}e}".partition("e")
    return f"{mantissa}e{int(power)}"


def digits_apart(one: float, other: float, digits: int = 4) -> int:
    """Return how many significant digits two numbers need so that their difference is seen, to two digits of it.

    ``digits`` where that is enough, or where they are equal; 9 at most, for float32 has no more. That two texts differ
    is not enough: 0.49406 and 0.49401 would be written 0.4941 and 0.4940, twice as far apart as they are.
    """
    if one == other or not (math.isfinite(one) and math.isfinite(other)):
        return digits
    size, gap = max(abs(one), abs(other)), abs(one - other)
    return max(digits, min(9, math.floor(math.log10(size)) - math.floor(math.log10(gap)) + 2))


def format_alike(*values: float, digits: int = 4) -> tuple[str, ...]:
    """Write numbers that are compared, all with as many decimals: the largest has ``digits`` significant digits.

    ``2.510789660`` and ``2.510787402``, where each by itself would lose its zeros at the end.
    """
    size = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if size == 0:
        return tuple(map(format_value, values))
    exponent = math.floor(math.log10(float(f"{size:.{digits - 1}e}")))
    powered = not -4 <= exponent < max(6, digits)
    decimals = digits - 1 if powered else max(0, digits - 1 - exponent)
    written = (f"{value:.{decimals}e}" if powered else f"{value:,.{decimals}f}" for value in values)
    return tuple(
        text if math.isfinite(value) else _not_finite(value) for value, text in zip(values, written, strict=True)
    )


def format_full(value: SupportsFloat) -> str:
    """Write a number with every digit it has: the shortest text that reads back as the same float32 or float64."""
    if isinstance(value, int | np.integer | np.bool_):
        return str(int(value))
    number = float(value)
    if not math.isfinite(number):
        return _not_finite(number)
    return str(value) if isinstance(value, np.floating) else repr(number)


def format_cell(value: SupportsFloat, decimals: int = 2) -> str:
    """Write a number for the inside of a small cell: ``.12``, ``-.60``, ``1.07``, ``12.3``, ``123``, ``1e5``."""
    if isinstance(value, int | np.integer | np.bool_):
        return str(int(value)) if abs(int(value)) < 100_000 else _powered(float(value))
    number = float(value)
    if not math.isfinite(number):
        return _not_finite(number)
    size = abs(number)
    if size >= 9999.5:
        return _powered(number)
    if decimals == 0:
        return f"{number:z.0f}"
    places = decimals if size < 9.995 else min(decimals, 1) if size < 99.95 else 0
    text = f"{number:z.{places}f}"  # what rounds to zero has no sign
    if text.startswith("0."):
        return text[1:]
    return "-" + text[2:] if text.startswith("-0.") else text


def format_cells(values: npt.ArrayLike, exponent: int = 0, decimals: int = 2) -> list[str]:
    """Write many cells at once, each divided by ``10**exponent`` first."""
    array = np.asarray(values)
    if array.dtype.kind in "bui" and exponent == 0:
        return [format_cell(int(one), decimals) for one in array.ravel()]
    shown = array.ravel().astype(np.float64) * 10.0**-exponent
    return [format_cell(one, decimals) for one in shown.tolist()]


def cell_exponent(vmax: float) -> int:
    """Return the power of ten to divide by so that two decimals say something: 0, or a multiple of three.

    With ``vmax`` 0.6 it is 0; with 0.045 it is −3, and cells read ``45.5`` under a note that says ×10⁻³.
    """
    if not math.isfinite(vmax) or vmax <= 0 or 0.095 <= vmax < 9999.5:
        return 0
    return 3 * math.floor(math.log10(vmax) / 3)


def whole_exponent(vmax: float, signed: bool) -> int:
    """Return the power of ten to divide by so that whole numbers of up to three characters say something.

    With ``vmax`` 0.6 it is −2 (a cell of 0.18 reads ``18``), with 4.9 it is −1. Without signs a scale that ends at 1
    has −2 as well, so that its end reads ``100``.
    """
    if not math.isfinite(vmax) or vmax <= 0:
        return 0
    power = math.log10(float(f"{vmax:.2g}"))
    return math.floor(power) - 1 if signed else math.ceil(power) - 2


def superscript(exponent: int) -> str:
    """Return ``10⁻³`` for −3."""
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _powered(number: float) -> str:
    mantissa, _, power = f"{number:.0e}".partition("e")
    return f"{mantissa}e{int(power)}"


def _not_finite(number: float) -> str:
    return "NaN" if math.isnan(number) else INFINITY if number > 0 else "-" + INFINITY
