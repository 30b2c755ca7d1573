"""Copies of large arrays in pieces, between which reading can be cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.files.cancel import Cancelled, blocks

__all__ = ["chosen", "end_to_end", "filled"]

PIECE = 2**22
"""Bytes of a piece: a few milliseconds' work."""


def end_to_end(parts: Sequence[NDArray[Any]], cancelled: Cancelled | None) -> NDArray[Any]:
    """Parts of equal rows, one after the other: ``np.concatenate(parts)``."""
    made = np.empty((sum(len(part) for part in parts), *parts[0].shape[1:]), parts[0].dtype)
    at = 0
    for part in parts:
        filled(made[at : at + len(part)], part, cancelled)
        at += len(part)
    return made


def chosen(values: NDArray[Any], which: NDArray[np.bool_], cancelled: Cancelled | None) -> NDArray[Any]:
    """The rows of an array that are chosen: ``values[which]``."""
    rows = np.flatnonzero(which)
    made = np.empty((len(rows), *values.shape[1:]), values.dtype)
    for block in blocks(len(rows), cancelled, rows_of(values)):
        made[block] = values[rows[block]]
    return made


def filled(made: NDArray[Any], values: NDArray[Any], cancelled: Cancelled | None) -> NDArray[Any]:
    """Copy an array into another one of the same shape, along its first axis; returns the other one."""
    for block in blocks(len(values), cancelled, rows_of(values)):
        made[block] = values[block]
    return made


def rows_of(values: NDArray[Any]) -> int:
    """How many rows of an array make a piece."""
    return max(1, PIECE // max(1, values[:1].nbytes))
