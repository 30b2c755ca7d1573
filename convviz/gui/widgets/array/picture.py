"""The contents of an array view: the numbers, their role and scale, and the state of each cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.gui.widgets.array.layout import TileCell
from convviz.gui.widgets.array.raster import CellState, table_entries
from convviz.present.colour import NOT_FINITE_ENTRY, ZERO_ENTRY, ColourRole, levels
from convviz.present.numbers import cell_exponent

SMALL = 4096
"""Larger pictures show no numbers at first, so it isn't checked whether all of them would round to zero."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Numbers ready to be drawn.

    Attributes
    ----------
    values : array (tiles, height, width)
        The given numbers; read-only.
    entries : uint8 array (tiles, height, width)
        Entries of the role's colour table.
    states : uint8 array (tiles, height, width), or None
        One :class:`CellState` per cell; ``None`` if all are normal.
    role : ColourRole
        Decides the colours.
    vmax : float
        The value at the upper end of the scale.
    given_shape : tuple of int
        The original shape of the array.
    reach : float
        The largest absolute value that the number format must allow for.
    exponent : int
        The power of ten by which numbers in cells are divided.
    has_bad_cells : bool
        Whether some are NaN or infinite.
    has_signs : bool
        Whether some are below zero, or may be.
    """

    values: npt.NDArray[np.generic]
    entries: npt.NDArray[np.uint8]
    states: npt.NDArray[np.uint8] | None
    role: ColourRole
    vmax: float
    reach: float
    given_shape: tuple[int, ...]
    exponent: int
    has_bad_cells: bool
    has_signs: bool

    @classmethod
    def of(
        cls,
        array: npt.ArrayLike,
        role: ColourRole | str,
        vmax: float | None,
        known: npt.ArrayLike | None,
        covered: npt.ArrayLike | None,
        earlier: Picture | None = None,
        reach: float | None = None,
    ) -> Picture:
        """Return a picture of an array, or ``earlier`` itself if that is equal.

        Raises
        ------
        ValueError
            If the array is empty, or isn't of 1 to 3 dimensions, or a mask doesn't fit it.
        """
        given = np.asarray(array)
        if given.ndim not in (1, 2, 3) or given.size == 0:
            raise ValueError(f"picture: expected a non-empty array of 1 to 3 dimensions, got shape {given.shape}")
        values = given.reshape((1,) * (3 - given.ndim) + given.shape)
        role = ColourRole(role)
        high = levels(role, given).high if vmax is None else float(vmax)
        states = _states(values.shape, known, covered)
        held = _readable(values, high if reach is None else reach)
        if earlier is not None and earlier.reach == held and earlier.is_of(given.shape, values, states, role, high):
            return earlier
        if values.flags.writeable:
            values = values.copy()
            values.setflags(write=False)
        whole = values.dtype.kind in "bui"
        found = table_entries(values, role, high)
        least = int(found.min())
        return cls(
            values=values,
            entries=found,
            states=states,
            role=role,
            vmax=high,
            given_shape=given.shape,
            reach=held,
            exponent=0 if whole else cell_exponent(held),
            has_bad_cells=not whole and least == NOT_FINITE_ENTRY,
            has_signs=role.diverging and least < ZERO_ENTRY,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Tiles, height and width."""
        tiles, height, width = self.values.shape
        return tiles, height, width

    @property
    def dimensions(self) -> int:
        """Number of dimensions of the original array."""
        return len(self.given_shape)

    def value(self, cell: TileCell) -> np.generic:
        """Return the number in a cell, in its own type."""
        return self.values[cell]

    def is_known(self, cell: TileCell) -> bool:
        """Return whether the cell has been computed."""
        return self.states is None or self.states[cell] != CellState.UNKNOWN

    def is_covered(self, cell: TileCell) -> bool:
        """Return whether some window covers the cell."""
        return self.states is None or self.states[cell] != CellState.UNCOVERED

    def beyond_scale(self, cell: TileCell) -> bool:
        """Return whether the cell's value lies beyond the end of the scale."""
        value = float(self.values[cell])
        return abs(value) > self.vmax * (1 + 1e-6) or (value < 0 and not self.role.diverging)

    def is_of(
        self,
        shape: tuple[int, ...],
        values: npt.NDArray[np.generic],
        states: npt.NDArray[np.uint8] | None,
        role: ColourRole,
        vmax: float,
    ) -> bool:
        """Return whether the picture shows the same numbers in the same states, colours and scale."""
        if (shape, role, vmax) != (self.given_shape, self.role, self.vmax) or values.dtype != self.values.dtype:
            return False
        if (states is None) != (self.states is None):
            return False
        if states is not None and self.states is not None and not np.array_equal(states, self.states):
            return False
        # Read-only arrays don't change, so the same memory need not be compared.
        same_memory = values.__array_interface__["data"][0] == self.values.__array_interface__["data"][0]
        if same_memory and not values.flags.writeable and values.strides == self.values.strides:
            return True
        return np.array_equal(values, self.values)  # with NaN it is drawn again, which does no harm


def _states(
    shape: tuple[int, ...], known: npt.ArrayLike | None, covered: npt.ArrayLike | None
) -> npt.NDArray[np.uint8] | None:
    states: npt.NDArray[np.uint8] | None = None
    for name, mask, state in (("covered", covered, CellState.UNCOVERED), ("known", known, CellState.UNKNOWN)):
        if mask is None:
            continue
        given = np.asarray(mask, dtype=bool)
        if given.shape not in (shape, shape[1:], shape[2:]):
            raise ValueError(f"picture: expected {name} of shape {shape[1:]} or {shape}, got {given.shape}")
        if given.all():
            continue
        if states is None:
            states = np.zeros(shape, dtype=np.uint8)
        states[~np.broadcast_to(given, shape)] = state
    return states


def _readable(values: npt.NDArray[np.generic], reach: float) -> float:
    """The value that chooses the number format: ``reach``, or the largest number if all would round to zero."""
    if values.dtype.kind != "f" or values.size > SMALL:
        return reach
    sizes = np.abs(values)
    own = float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))
    return own if 0 < own * 10.0 ** -cell_exponent(reach) < 0.005 else reach
