"""The description of an array: name, shape, role and layout in memory.

Every array has a *logical* shape, which is the one in the formulas and on the screen, and a *stored* shape,
which is the one the kernels work on. They differ for one kind of array only, the matrices with one column per receptive
field: ``X_col`` is logically ``(C·KH·KW, N·OH·OW)``, but stored as ``(N, C·KH·KW, OH·OW)``, one contiguous block per
image. So every array of the forward and backward pass starts with the batch axis, a part of a batch is a slice, and
folding the columns into maps is free. With one image both are the same memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

Shape = tuple[int, ...]
Array = npt.NDArray[Any]
Index = tuple[int, ...]


class Role(StrEnum):
    """What the numbers of an array mean; decides the colours."""

    INPUT = "input"
    WEIGHT = "weight"
    PREACTIVATION = "preactivation"
    ACTIVATION = "activation"
    """Never negative. An activation that can be negative is a ``PREACTIVATION``, which has colours for both signs."""
    GRADIENT = "gradient"
    PROBABILITY = "probability"
    LABEL = "label"
    SCALAR = "scalar"
    STATE = "state"
    INDEX = "index"
    """Number of a cell within its window."""
    MASK = "mask"
    """What dropout lets through."""


class Axis(StrEnum):
    """What the indices along an axis count."""

    SAMPLE = "sample"
    """Images of the minibatch."""
    CHANNEL = "channel"
    """Maps of an image, or the slices of a filter: one for each map that it reads."""
    ROW = "row"
    COLUMN = "column"
    FILTER = "filter"
    """Filters of a convolution: an axis of its weights, and the rows of its matrix product."""
    TAP = "tap"
    """Cells of a flattened filter, over all its channels."""
    WINDOW = "window"
    """Receptive fields of all images, one image after the other."""
    FEATURE = "feature"
    """Inputs of dense units: flattened maps, or the units of the layer before."""
    UNIT = "unit"
    CLASS = "class"
    GROUP = "group"
    """Groups of an image's channels that are normalised together."""
    PACKED = "packed"
    """Cells in the order in which a compiled kernel reads them."""


Axes = tuple[Axis, ...]
MAPS: Axes = (Axis.SAMPLE, Axis.CHANNEL, Axis.ROW, Axis.COLUMN)
"""Axes of the maps of a minibatch."""
COLUMNS: Axes = (Axis.TAP, Axis.WINDOW)
"""Axes of the matrix with one column per receptive field, and of its gradient."""


class Kind(StrEnum):
    """Number type of an array; ``FLOAT`` is the precision that the program runs in."""

    FLOAT = "float"
    INT = "int"
    BYTE = "byte"
    """Whole numbers from 0 to 255."""


@dataclass(frozen=True, slots=True)
class ArraySpec:
    """Description of one named array of a program.

    Parameters
    ----------
    name : str
        ``layer.array``, which is also what the user reads: ``conv1.x_col``.
    shape : tuple of int
        Logical shape.
    role : Role
    axes : tuple of Axis
        What every axis of the logical shape counts.
    layer : str
    column_blocks : int
        For a matrix of one column per receptive field: the number of images N, else 0.
    kind : Kind

    Raises
    ------
    ValueError
        There are not as many axes as dimensions.
    """

    name: str
    shape: Shape
    role: Role
    axes: Axes = ()
    layer: str = ""
    column_blocks: int = 0
    kind: Kind = Kind.FLOAT

    def __post_init__(self) -> None:
        if len(self.axes) != len(self.shape):
            named = ", ".join(self.axes) or "none"
            raise ValueError(f"{self.name}: expected one axis for each dimension of {self.shape}, got {named}")

    @property
    def batched(self) -> bool:
        """Whether the array has values for every image of the minibatch."""
        return Axis.SAMPLE in self.axes or Axis.WINDOW in self.axes

    @property
    def is_maps(self) -> bool:
        """Whether it holds the maps of a minibatch."""
        return self.axes == MAPS

    @property
    def places(self) -> int:
        """Columns per image of a matrix with one column per receptive field."""
        return self.shape[1] // self.column_blocks

    def axis(self, axis: Axis) -> int | None:
        """Position of the (last) axis of this kind; None if there is none."""
        return max((at for at, one in enumerate(self.axes) if one is axis), default=None)

    @property
    def stored(self) -> Shape:
        """Shape in memory."""
        if not self.column_blocks:
            return self.shape
        rows, columns = self.shape
        return self.column_blocks, rows, columns // self.column_blocks

    @property
    def size(self) -> int:
        """Number of elements."""
        return int(np.prod(self.shape, dtype=np.int64))

    def dtype(self, precision: npt.DTypeLike) -> np.dtype[Any]:
        """Number type in a program that runs in ``precision``."""
        match self.kind:
            case Kind.FLOAT:
                return np.dtype(precision)
            case Kind.BYTE:
                return np.dtype(np.uint8)
            case Kind.INT:
                return np.dtype(np.int64)

    def logical(self, stored: Array) -> Array:
        """Array in its logical shape: a view where memory allows it, else a copy."""
        if not self.column_blocks:
            return stored
        return stored.transpose(1, 0, 2).reshape(self.shape)

    def store(self, logical: Array) -> Array:
        """Inverse of :meth:`logical`."""
        if not self.column_blocks:
            return logical
        n, rows, places = self.stored
        return logical.reshape(rows, n, places).transpose(1, 0, 2)

    def gathered(self, stored: Array, cells: npt.NDArray[np.intp]) -> Array:
        """The numbers in cells with these logical indices ``(n, ndim)``, without a copy of all in the logical shape."""
        if not self.column_blocks:
            return np.asarray(stored[tuple(cells.T)])
        image, place = np.divmod(cells[:, 1], self.stored[2])
        return np.asarray(stored[image, cells[:, 0], place])

    def stored_index(self, index: Sequence[int]) -> Index:
        """Index in the stored array of the cell with this logical index."""
        if not self.column_blocks:
            return tuple(int(i) for i in index)
        row, column = index
        image, place = divmod(int(column), self.stored[2])
        return image, int(row), place
