"""Where a number comes from: from cell to cell, back to what the pass was given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Index, Role
from convviz.core.equation import Combine
from convviz.core.program import Step
from convviz.present.step.terms import Expansion, expand
from convviz.present.step.values import Values


@dataclass(frozen=True, slots=True)
class Origin:
    """One stop on the way back.

    Parameters
    ----------
    name, index : str, tuple of int
        The cell.
    value : float
    step : Step or None
        The step that made it; None where it was given.
    terms : int
        How many terms that step summed it from.
    """

    name: str
    index: Index
    value: float
    step: Step | None
    terms: int = 0


def provenance(values: Values, name: str, index: Index, most: int = 40) -> tuple[Origin, ...]:
    """The way back from a cell, at every step along the input that says most.

    Of a sum that is the term furthest from zero, and of its factors the one that was computed rather than a weight.

    Parameters
    ----------
    values : Values
    name : str
    index : tuple of int
    most : int
        Stops at most.

    Returns
    -------
    tuple of Origin
        First the cell itself; the last one was given (an image, a label, a weight) or is a constant.
    """
    found: list[Origin] = []
    at: tuple[str, Index] | None = (name, tuple(index))
    while at is not None and len(found) < most:
        here, cell = at
        step = values.maker(here)
        if step is None:
            found.append(Origin(here, cell, _value(values, here, cell), None))
            break
        expansion = expand(values, step, cell)
        found.append(Origin(here, cell, _value(values, here, cell), step, expansion.count))
        at = leading(values, expansion)
    return tuple(found)


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def leading(values: Values, expansion: Expansion) -> tuple[str, Index] | None:
    """The input cell that says most about a number; None where it was computed from nothing."""
    if expansion.count == 0:
        return None
    numbers = np.nan_to_num(np.abs(expansion.values), nan=np.inf)
    order = [int(np.argmax(numbers))]
    if expansion.combine is Combine.APPLY:
        order = sorted(range(expansion.count), key=lambda i: _weight(values, expansion, i))
    parts = [part for i in order for part in expansion.parts(i)]
    if not parts:
        return None
    best = min(parts, key=lambda part: _rank(values, part.name))
    return best.name, best.index


def _weight(values: Values, expansion: Expansion, number: int) -> tuple[int, float]:
    parts = expansion.parts(number)
    rank = min((_rank(values, part.name) for part in parts), default=9)
    same = any(part.index == expansion.index for part in parts)
    return (rank - same, -abs(parts[0].value) if parts else 0.0)


def _rank(values: Values, name: str) -> int:
    """Computed arrays and images first, then weights, then labels and scalars."""
    role = values.program.arrays[name].role
    if role in (Role.SCALAR, Role.LABEL, Role.STATE):
        return 8
    return 5 if name in values.program.parameters or role is Role.WEIGHT else 0


def source_of(values: Values, name: str, index: Index) -> tuple[str, Index] | None:
    """The given cell that a cell is a plain copy of: the pixel behind a cell of ``X_col``, the weight behind ``W_row``.

    Returns
    -------
    (str, tuple of int) or None
        None where the number was computed, so that there is nothing to put another number into.
    """
    at = name, tuple(index)
    while (step := values.maker(at[0])) is not None:
        expansion = expand(values, step, at[1])
        if expansion.combine is not Combine.SUM or expansion.count != 1 or expansion.scale != 1.0:
            return None
        parts = expansion.parts(0)
        if len(parts) != 1 or expansion.constant(0) != 1.0:
            return None
        at = parts[0].name, parts[0].index
    return at


def _value(values: Values, name: str, index: Index) -> float:
    return values.value(name, index)
