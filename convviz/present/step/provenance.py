"""Where a number comes from: from cell to cell, back to the inputs of the pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Index, Role
from convviz.core.equation import Combine
from convviz.core.program import Step
from convviz.present.step.families import presentation_of
from convviz.present.step.terms import Expansion, expand
from convviz.present.step.values import Values


@dataclass(frozen=True, slots=True)
class WayStop:
    """One stop on the way back.

    Parameters
    ----------
    name, index : str, tuple of int
        The cell.
    value : float
    step : Step or None
        The step that made it; None if it was given.
    terms : int
        How many terms that step summed.
    """

    name: str
    index: Index
    value: float
    step: Step | None
    terms: int = 0


Place = tuple[str, Index]
"""A cell: its array, and its index."""
Kept = dict[Place, tuple[WayStop, "Place | None"]]
"""Stops found so far, each with the cell that it leads to; many ways back share their last stops."""


def provenance(
    values: Values, name: str, index: Index, most: int = 40, kept: Kept | None = None
) -> tuple[WayStop, ...]:
    """The way back from a cell, at every step along the input that contributes most.

    For a sum, this is the term furthest from zero, and of its factors a computed one rather than a weight.

    Parameters
    ----------
    values : Values
    name : str
    index : tuple of int
    most : int
        The largest number of stops.
    kept : dict, optional
        Stops of these values that were found before; what is found is added.

    Returns
    -------
    tuple of WayStop
        The first is the cell itself; the last was given (an image, a label, a weight) or is a constant.
    """
    kept = {} if kept is None else kept
    found: list[WayStop] = []
    at: Place | None = (name, tuple(index))
    while at is not None and len(found) < most:
        if at not in kept:
            kept[at] = _stop(values, *at)
        origin, at = kept[at]
        found.append(origin)
    return tuple(found)


def _stop(values: Values, name: str, index: Index) -> tuple[WayStop, Place | None]:
    """A stop, and the cell that it leads to; None where the way ends."""
    step, value = values.maker(name), values.value(name, index)
    if step is None:
        return WayStop(name, index, value, None), None
    expansion = expand(values, step, index)
    return WayStop(name, index, value, step, expansion.count), leading(values, expansion)


@dataclass(frozen=True, slots=True)
class CellSource:
    """One of the arrays that a cell was computed from.

    Parameters
    ----------
    cells : int
        How many cells of the array the number was computed from.
    stops : tuple of WayStop
        The way back from the one of these cells that contributes most.
    """

    cells: int
    stops: tuple[WayStop, ...]


MOST_TERMS = 64
"""How many terms, the largest first, are searched for the leading cell of every input."""


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def branches(values: Values, name: str, index: Index, kept: Kept | None = None) -> tuple[CellSource, ...]:
    """The ways back from a cell, one for every array it was computed from; ``kept`` as in :func:`provenance`.

    Returns
    -------
    tuple of CellSource
        In the order of the step's inputs; empty if the cell was given or is a constant.
    """
    step = values.maker(name)
    if step is None:
        return ()
    expansion = expand(values, step, tuple(index))
    best = leading_cells(expansion)
    reads = step.op.reads(values.program.in_shapes(step), step.shape, tuple(index))
    counts = {given: len(cells) for given, cells in zip(step.inputs, reads, strict=False)}
    return tuple(
        CellSource(max(1, counts.get(given, 1)), provenance(values, given, best[given], kept=kept))
        for given in dict.fromkeys(step.inputs)
        if given in best
    )


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def leading_cells(expansion: Expansion) -> dict[str, Index]:
    """For every array in an expansion, its cell in the term that is furthest from zero."""
    numbers = np.nan_to_num(np.abs(expansion.values), nan=np.inf)
    if expansion.short is None:  # every term has a cell of each array
        return {part.name: part.index for part in expansion.parts(int(numbers.argmax()))[::-1]}
    best: dict[str, Index] = {}
    for number in np.argsort(-numbers, kind="stable")[:MOST_TERMS]:
        for part in expansion.parts(int(number)):
            best.setdefault(part.name, part.index)
    return best


def no_way_back(values: Values, name: str, index: Index) -> str:
    """Describe a cell without a way back: it was given, or it is a constant."""
    step = values.maker(name)
    if step is None:
        return "given, not computed"
    value = f"{values.value(name, index):g}"
    return f"{value} is {presentation_of(step.op).constant}"


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def leading(values: Values, expansion: Expansion) -> Place | None:
    """The input cell that contributes most to a number; None if it was computed from no other."""
    if expansion.count == 0:
        return None
    order = [0]
    if expansion.count > 1:
        order = [int(np.argmax(np.nan_to_num(np.abs(expansion.values), nan=np.inf)))]
    if expansion.combine is Combine.APPLY:
        order = sorted(range(expansion.count), key=lambda i: _weight(values, expansion, i))
    parts = [part for i in order for part in expansion.parts(i)]
    if not parts:
        return None
    best = min(parts, key=lambda part: _rank(values, expansion.name, part.name))
    return best.name, best.index


def _weight(values: Values, expansion: Expansion, number: int) -> tuple[int, float]:
    parts = expansion.parts(number)
    rank = min((_rank(values, expansion.name, part.name) for part in parts), default=9)
    same = any(part.index == expansion.index for part in parts)
    return (rank - same, -abs(parts[0].value) if parts else 0.0)


def _rank(values: Values, result: str, name: str) -> int:
    """Sort key: computed arrays and images first, then weights, then labels and scalars.

    From a gradient, the way leads to the gradients that it was made from, towards the loss: numbers of the forward pass
    only decide how much of them comes through.
    """
    role = values.program.arrays[name].role
    aside = 10 if values.program.arrays[result].role is Role.GRADIENT and role is not Role.GRADIENT else 0
    if role in (Role.SCALAR, Role.LABEL, Role.STATE):
        return aside + 8
    return aside + (5 if name in values.program.parameters or role is Role.WEIGHT else 0)


def source_of(values: Values, name: str, index: Index) -> Place | None:
    """The given cell that a cell copies: the pixel behind a cell of ``X_col``, the weight behind one of ``W_row``.

    Returns
    -------
    (str, tuple of int) or None
        None if the number was computed, so that there is no given cell to edit.
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
