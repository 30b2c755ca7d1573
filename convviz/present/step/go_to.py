"""Find a cell by its written name: ``x_col[:, 100]``, ``z[5, 10, 12]``, ``conv1.weight[3]``, or ``5, 10, 12``."""

from __future__ import annotations

import math
import re
from collections.abc import Collection

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Axis, Index
from convviz.core.program import Step
from convviz.present.step.values import Selection, Values, label, short
from convviz.present.words import counted

__all__ = ["PlaceError", "find_cell", "words_of_choice"]

WRITTEN = re.compile(r"\s*([\w.]+)\s*(?:\[([^\[\]]*)\]?)?\s*")
BARE = re.compile(r"\s*\[?((?:\s*(?:-?\d+|:)\s*,?)+)\]?\s*")
"""Indices without a name: they mean the array of the current cell."""
Wanted = list[int | None]
"""An index for every axis; None for an axis that was left open."""


class PlaceError(ValueError):
    """The text names no cell of the pass; the message is one sentence for the user."""


def find_cell(
    values: Values, step: Step, near: Collection[str], selection: Selection, text: str, cell: tuple[str, Index]
) -> tuple[str, Index]:
    """Return the array and the index that a text names.

    Parameters
    ----------
    values : Values
    step : Step
        The current step: if several arrays have the short name, that of its layer is taken.
    near : collection of str
        Arrays that are on the screen; they are preferred to all others.
    selection : Selection
        Decides the image if the text names none.
    text : str
        Indices alone mean the array of the current cell.
    cell : (str, tuple of int)
        The current cell: it supplies the indices that ``:`` leaves open, if it belongs to the same array.

    Raises
    ------
    PlaceError
        The text names no cell. The message says what was expected and what the text was.
    """
    name, wanted = _read(values, step, near, selection, text, cell[0])
    return name, _filled(values, values.program.arrays[name], wanted, cell[1] if cell[0] == name else None)


def words_of_choice(
    values: Values, step: Step, near: Collection[str], selection: Selection, text: str, cell: tuple[str, Index]
) -> str:
    """Say which cell :func:`find_cell` goes to where a text leaves indices open, and why.

    Empty if the text leaves no choice. Parameters and errors are those of :func:`find_cell`.
    """
    name, wanted = _read(values, step, near, selection, text, cell[0])
    spec = values.program.arrays[name]
    count = math.prod(size for index, size in zip(wanted, spec.shape, strict=True) if index is None)
    if count == 1:
        return ""
    here = cell[1] if cell[0] == name else None
    said = label(name, _filled(values, spec, wanted, here))
    if here is not None and len(here) == len(wanted):
        return f"{said}: the open indices are as in {label(name, here)}"
    if values.has(name):
        return f"{said}: {_why_this(values.array(name)[_slices(wanted)])}"
    return f"{said}: the middle one of {counted(count, 'cell')}, which are not computed yet"


def _read(
    values: Values, step: Step, near: Collection[str], selection: Selection, text: str, here: str
) -> tuple[str, Wanted]:
    """The array that a text names, and the indices; ``here`` is the array that indices alone mean."""
    bare = BARE.fullmatch(text)
    found = WRITTEN.fullmatch(f"{here or step.output}[{bare[1]}]" if bare is not None else text)
    if found is None:
        raise PlaceError(f"Expected an array and indices, such as x_col[:, 100], got {text.strip()[:40] or 'nothing'}.")
    name = _array(values, step, near, found[1])
    return name, _indices(values.program.arrays[name], found[2] or "", selection)


def _array(values: Values, step: Step, near: Collection[str], word: str) -> str:
    names = values.program.arrays
    if word in names:
        return word
    alike = [name for name in names if short(name) == word]
    if not alike:
        raise PlaceError(f"Expected the name of an array of this pass, got {word[:40]}.")
    for closest in ([name for name in alike if name in near], [name for name in alike if _is_of(name, step)], alike):
        if len(closest) == 1:
            return closest[0]
    raise PlaceError(f"There are several arrays called {word}: say {' or '.join(alike[:3])}.")


def _is_of(name: str, step: Step) -> bool:
    return name.rpartition(".")[0] == step.layer


def _indices(spec: ArraySpec, written: str, selection: Selection) -> Wanted:
    parts = [part.strip() for part in written.split(",")] if written.strip() else []
    shape = spec.shape
    sampled = bool(spec.axes) and spec.axes[0] is Axis.SAMPLE
    # For maps and scores the image may be omitted, as in the pictures: z[5, 10, 12].
    lead: Wanted = []
    if sampled and len(parts) < len(shape):
        lead = [selection.of("sample", shape[0])]
    if len(parts) > len(shape):
        has = "×".join(f"{n:,}" for n in shape) or "a single number"
        raise PlaceError(f"{short(spec.name)} is {has}: expected up to {counted(len(shape), 'index', 'indices')}.")
    wanted = lead + [_number(part) for part in parts]
    wanted += [None] * (len(shape) - len(wanted))
    for axis, (index, size) in enumerate(zip(wanted, shape, strict=True)):
        if index is not None and not 0 <= index < size:
            where = f"{_called(spec, axis)} of {short(spec.name)}"
            raise PlaceError(f"Expected 0 to {size - 1:,} as {where}, got {index:,}.")
    return wanted


def _called(spec: ArraySpec, axis: int) -> str:
    """How a message calls an index: ``row`` or ``column`` in an unrolled matrix, ``image``, or the axis."""
    if spec.axes[axis] in (Axis.TAP, Axis.FILTER, Axis.WINDOW) and len(spec.shape) == 2:
        return "row" if axis == 0 else "column"
    return "image" if spec.axes[axis] is Axis.SAMPLE else str(spec.axes[axis])


def _number(part: str) -> int | None:
    if part == ":":
        return None
    if not re.fullmatch(r"-?\d{1,12}", part):
        raise PlaceError(f"Expected a whole number or a colon as an index, got {part[:20] or 'nothing'}.")
    return int(part)


def _filled(values: Values, spec: ArraySpec, wanted: Wanted, here: Index | None) -> Index:
    """Fill in the open indices: from the current cell, else from the number furthest from zero."""
    if here is not None and len(here) == len(wanted):
        return tuple(at if index is None else index for index, at in zip(wanted, here, strict=True))
    if None not in wanted or not values.has(spec.name):
        return tuple(size // 2 if index is None else index for index, size in zip(wanted, spec.shape, strict=True))
    part = values.array(spec.name)[_slices(wanted)]
    furthest = iter(np.unravel_index(int(_from_zero(part).argmax()), part.shape))
    return tuple(int(next(furthest)) if index is None else index for index in wanted)


def _why_this(part: Array) -> str:
    """Why one of several numbers is chosen: the first of those furthest from zero, if any is."""
    numbers, far = counted(part.size, "number"), _from_zero(part)
    if not far.any():
        none = "0" if not np.isnan(part).any() else "NaN" if np.isnan(part).all() else "0 or NaN"
        return f"all of these {numbers} are {none}, this is the first"
    furthest = int((far == far.max()).sum())
    if furthest == part.size:
        return f"all of these {numbers} are equally far from zero, this is the first"
    if furthest > 1:
        return f"of these {numbers} the first of the {furthest:,} furthest from zero"
    return f"of these {numbers} the one furthest from zero"


def _from_zero(part: Array) -> Array:
    """How far numbers are from zero; NaN is nowhere."""
    distance: Array = np.abs(np.nan_to_num(part))
    return distance


def _slices(wanted: Wanted) -> tuple[int | slice, ...]:
    return tuple(slice(None) if index is None else index for index in wanted)
