"""Sets of cells, for links, products and micro-steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Index

Cells = npt.NDArray[np.intp]
"""Logical indices of cells, ``(n, ndim)``."""


@dataclass(frozen=True, slots=True)
class MicroStep:
    """One unit of an op's iteration space.

    Parameters
    ----------
    number : int
        Its position in the order, from 0.
    writes : Cells
        Output cells that it sets (or adds to).
    reads : tuple of Cells
        Cells that it reads, for every input.
    accumulates : bool
        Whether it adds to its cells instead of setting them.
    """

    number: int
    writes: Cells
    reads: tuple[Cells, ...]
    accumulates: bool = False


@dataclass(frozen=True, slots=True)
class Products:
    """A cell as a sum of any number of products, stored in arrays: ``scale · Σ_k Π_i factor i's k-th cell``.

    Parameters
    ----------
    factors : tuple of (int, Cells)
        For every factor: position of the input, and one cell for every product.
    scale : float
    """

    factors: tuple[tuple[int, Cells], ...]
    scale: float = 1.0

    @property
    def count(self) -> int:
        """Number of products."""
        return len(self.factors[0][1])

    def values(self, arrays: Sequence[Array]) -> npt.NDArray[np.float64]:
        """Value of every product, from the step's logical inputs."""
        result = np.ones(self.count)
        for position, found in self.factors:
            result *= arrays[position][tuple(found.T)]
        return result


def cells(*indices: Index, ndim: int = 0) -> Cells:
    """A set of cells, from their indices."""
    if not indices:
        return np.empty((0, ndim), dtype=np.intp)
    return np.asarray(indices, dtype=np.intp).reshape(len(indices), -1)


def no_cells(ndim: int) -> Cells:
    """The empty set of cells of an array with ``ndim`` axes."""
    return np.empty((0, ndim), dtype=np.intp)


def paired(position: int, found: Cells) -> tuple[Cells, Cells]:
    """Partners of a cell of one of two inputs, ``position``: ``found`` in the other input, none in its own."""
    return (no_cells(2), found) if position == 0 else (found, no_cells(2))


def grid(*axes: npt.ArrayLike) -> Cells:
    """Cells of a product of index ranges, in raster order."""
    indices = [_indices(axis) for axis in axes]
    made = np.empty((*map(len, indices), len(indices)), dtype=np.intp)
    for axis, along in enumerate(indices):  # np.meshgrid takes three times as long, and this is called for every cell
        made[..., axis] = along.reshape(-1, *(1,) * (len(indices) - 1 - axis))
    return made.reshape(-1, len(indices))


def _indices(axis: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Indices along an axis. A range is not read number by number: it may have tens of thousands."""
    if isinstance(axis, range):
        return np.arange(axis.start, axis.stop, axis.step, dtype=np.intp)
    return np.atleast_1d(np.asarray(axis, dtype=np.intp))
