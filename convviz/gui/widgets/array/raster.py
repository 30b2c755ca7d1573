"""From cells to pixels: entries of the colour table, states, and the reduction of many cells to one pixel."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from convviz.gui.widgets.pixels import image_of_pixels, premultiplied
from convviz.present.colour import NOT_FINITE_ENTRY, ZERO_ENTRY, ColourRole, argb_table, entries, mixed_table

FEW = 4
"""Up to this many cells in a pixel, the one furthest from zero is shown."""
LONG = 32
"""From this many cells in a pixel on, :func:`_bin_by_bin` is the faster reduction."""


class CellState(IntEnum):
    """State of a cell; if several cells share a pixel, the lowest wins."""

    NORMAL = 0
    FADED = 1
    UNCOVERED = 2
    UNKNOWN = 3


class CellBox(NamedTuple):
    """A rectangle of cells of one tile or of every tile; ends are exclusive."""

    row0: int
    row1: int
    col0: int
    col1: int


@lru_cache(maxsize=64)
def colour_bank(role: ColourRole, dark: bool, panel: str) -> npt.NDArray[np.uint32]:
    """Return premultiplied colours, read-only, shape (4, 256): one table per :class:`CellState`.

    Faded cells are mixed towards the panel; cells that no window covers let the hatching behind them show through;
    unknown cells are transparent.
    """
    plain = argb_table(role, dark)
    faded = mixed_table(role, dark, panel, 0.72)
    thin = mixed_table(role, dark, panel, 0.5)
    bank = np.zeros((4, 256), dtype=np.uint32)
    bank[CellState.NORMAL], bank[CellState.FADED] = plain, faded
    bank[CellState.UNCOVERED] = premultiplied(thin, 120)
    bank[CellState.UNCOVERED, NOT_FINITE_ENTRY] = plain[NOT_FINITE_ENTRY]
    bank.setflags(write=False)
    return bank


def table_entries(array: npt.NDArray[np.generic], role: ColourRole, vmax: float) -> npt.NDArray[np.uint8]:
    """Return the table entries of an array (tiles, height, width)."""
    return np.ascontiguousarray(entries(array, role, vmax))


def shrink(found: npt.NDArray[np.uint8], height: int, width: int, diverging: bool) -> npt.NDArray[np.uint8]:
    """Return table entries (..., h, w) with at most ``height`` rows and ``width`` columns.

    If few cells share a pixel, the one furthest from zero is shown, so that a line one cell wide stays visible. If more
    than :data:`FEW` share it, that would make everything dark, so their root mean square is shown, with the sign of the
    one furthest from zero. A cell that isn't finite wins over all.
    """
    out = found
    for axis, size in ((-1, width), (-2, height)):
        if out.shape[axis] > size:
            out = _shrink_axis(out, axis, size, diverging)
    return out


def shrink_words(cells_in_pixel: float) -> str:
    """Return the name of the rule by which cells share a pixel."""
    return "furthest from 0" if cells_in_pixel <= FEW else "root mean square"


def shrink_states(states: npt.NDArray[np.uint8], height: int, width: int) -> npt.NDArray[np.uint8]:
    """Return states (..., h, w) with at most ``height`` rows and ``width`` columns: the lowest of each pixel."""
    out = states
    for axis, size in ((-1, width), (-2, height)):
        if out.shape[axis] > size:
            out = np.minimum.reduceat(out, _bins(out.shape[axis], size), axis=axis)
    return out


def colours(
    found: npt.NDArray[np.uint8], states: npt.NDArray[np.uint8] | None, bank: npt.NDArray[np.uint32]
) -> npt.NDArray[np.uint32]:
    """Return the premultiplied colours of table entries, in their shape."""
    if states is None:
        return np.take(bank[CellState.NORMAL], found)
    return np.take(bank.ravel(), found.astype(np.uint16) + states.astype(np.uint16) * np.uint16(256))


def to_image(
    found: npt.NDArray[np.uint8], states: npt.NDArray[np.uint8] | None, bank: npt.NDArray[np.uint32]
) -> QImage:
    """Return the image of table entries (h, w), one pixel a cell."""
    form = QImage.Format.Format_RGB32 if states is None else QImage.Format.Format_ARGB32_Premultiplied
    return image_of_pixels(colours(found, states, bank), form)


def _shrink_axis(found: npt.NDArray[np.uint8], axis: int, size: int, diverging: bool) -> npt.NDArray[np.uint8]:
    length = found.shape[axis]
    zero = np.uint8(ZERO_ENTRY if diverging else 1)
    are_many = length > FEW * size
    reduce = _cell_by_cell if length < LONG * size else _bin_by_bin
    low, high, squares = reduce(found, axis, size, int(zero) if are_many else None)
    bad = low == NOT_FINITE_ENTRY
    below = zero - np.minimum(low, zero)
    above = np.maximum(high, zero) - zero
    if squares is not None:
        distance = np.rint(np.sqrt(squares)).astype(np.uint8)
        high = np.where(below > above, zero - np.minimum(distance, below), zero + distance)
    elif diverging:
        high = np.where(below > above, low, high)
    return np.where(bad, np.uint8(NOT_FINITE_ENTRY), high)


Kind = TypeVar("Kind", bound=np.generic)
Reduced = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.float32] | None]
"""For every pixel: the lowest and the highest entry, and the mean square of their distances from a middle, if given."""


def _bin_by_bin(found: npt.NDArray[np.uint8], axis: int, size: int, middle: int | None) -> Reduced:
    """Reduce all cells of a pixel at once: fast where a pixel has many."""
    length = found.shape[axis]
    bins = _bins(length, size)
    low, high = np.minimum.reduceat(found, bins, axis=axis), np.maximum.reduceat(found, bins, axis=axis)
    if middle is None:
        return low, high, None
    squares = np.subtract(found, middle, dtype=np.float32)  # a table of 256 squares would take five times as long
    total = np.add.reduceat(np.multiply(squares, squares, out=squares), bins, axis=axis)
    counts = _along(np.diff(bins, append=length).astype(np.float32), axis, found.ndim)
    return low, high, np.asarray(total / counts, dtype=np.float32)


def _cell_by_cell(found: npt.NDArray[np.uint8], axis: int, size: int, middle: int | None) -> Reduced:
    """Take the first cell of every pixel, then the second …: several times as fast where a pixel has few."""
    length = found.shape[axis]
    bins = _bins(length, size)
    last = np.append(bins[1:], length) - 1
    low = np.take(found, bins, axis=axis, mode="clip")
    high = low.copy()
    square = np.empty(low.shape, dtype=np.int32)
    total = np.zeros(low.shape if middle is not None else (0,), dtype=np.int32)
    for number in range(-(-length // size)):
        # A pixel with one cell fewer than others takes its last one twice.
        at = np.minimum(bins + number, last)
        one = np.take(found, at, axis=axis, mode="clip")
        np.minimum(low, one, out=low)
        np.maximum(high, one, out=high)
        if middle is not None:
            np.copyto(square, one)
            np.subtract(square, middle, out=square)
            np.multiply(square, square, out=square)
            if number >= length // size:
                np.multiply(square, _along(bins + number <= last, axis, found.ndim), out=square)
            np.add(total, square, out=total)
    if middle is None:
        return low, high, None
    counts = _along((last - bins + 1).astype(np.float32), axis, found.ndim)
    return low, high, total.astype(np.float32) / counts


def _along(line: npt.NDArray[Kind], axis: int, ndim: int) -> npt.NDArray[Kind]:
    """Shape one number per index of an axis so that it broadcasts against an array of ``ndim`` axes."""
    shape = [1] * ndim
    shape[axis] = len(line)
    return line.reshape(shape)


def _bins(length: int, size: int) -> npt.NDArray[np.intp]:
    return (np.arange(size, dtype=np.intp) * length) // size
