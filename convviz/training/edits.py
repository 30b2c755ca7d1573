"""Edits: numbers of a pass that the user replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Index, Kind
from convviz.core.errors import ConvvizError
from convviz.core.lower import LABELS
from convviz.core.program import Program


@dataclass(frozen=True, slots=True)
class ReplacedNumber:
    """A number of a source that was replaced.

    Parameters
    ----------
    name : str
        Source array.
    index : tuple of int
        Logical index of the cell.
    before, after : float
    stroke : int
        Edits of one brush stroke have the same number and are undone together; 0 is an edit on its own.
    """

    name: str
    index: Index
    before: float
    after: float
    stroke: int = 0


class EditError(ConvvizError, ValueError):
    """A number can't be put into this cell."""


def check_edit(program: Program, name: str, index: Index, value: float) -> None:
    """Refuse an edit that is impossible.

    Raises
    ------
    EditError
        The array is computed, the index is outside it, or the value is not allowed.
    """
    spec = program.arrays.get(name)
    if spec is None or name not in program.sources:
        raise EditError(f"{name}: expected an array that is given (image, weight, bias), this one is computed")
    if len(index) != len(spec.shape) or any(not 0 <= i < n for i, n in zip(index, spec.shape, strict=True)):
        raise EditError(f"{name}: expected an index inside {spec.shape}, got {tuple(index)}")
    if not np.isfinite(value):
        raise EditError(f"{name}: expected a finite number, got {value}")
    if spec.kind is Kind.INT and (value != int(value) or value < 0):
        raise EditError(f"{name}: expected a whole number of 0 or more, got {value}")
    if name == LABELS:
        reader = program.consumers(LABELS)[0]
        classes = program.arrays[reader.inputs[0]].shape[1]
        if value >= classes:
            raise EditError(f"{name}: expected a class below {classes}, got {value:g}")


def same_stroke(edits: Sequence[ReplacedNumber], edit: ReplacedNumber) -> bool:
    """Whether the last of ``edits`` belongs to the same stroke as ``edit``."""
    return bool(edits) and edit.stroke != 0 and edits[-1].stroke == edit.stroke
