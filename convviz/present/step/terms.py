"""One number with all terms it was summed from, for long sums too."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Index, Kind, Shape
from convviz.core.equation import Combine, Equation
from convviz.core.ops.cells import Cells
from convviz.core.program import Step
from convviz.present.step.values import Values

LONG = 400
"""Longer sums are expanded as arrays, without an object for every term."""
MANY = 4096
"""Longer sums are not rounded exactly, which would take milliseconds each time."""


@dataclass(frozen=True, slots=True)
class Part:
    """A cell in a term.

    Parameters
    ----------
    name : str
        Its array.
    index : tuple of int
    value : float
    """

    name: str
    index: Index
    value: float


@dataclass(frozen=True)  # without slots: cached properties, as a long sum is written for several widths
class Expansion:
    """How the value of one cell was computed.

    Parameters
    ----------
    name, index : str, tuple of int
        The cell.
    value : float
        The value in the array.
    columns : tuple of (str, Cells, ndarray)
        For long sums: the array, cells and values of every factor, all of the same length.
    short : Equation or None
        For everything else: the op's own equation.
    inputs : tuple of str
        Names of the step's inputs.
    combine : Combine
        How the terms make the value: their sum, their maximum, or a function of them.
    scale : float
        Factor of a whole sum.
    text : str
        For functions: the formula as text, with ``{0}``, ``{1}`` … for the terms.
    whole : frozenset of str
        Names of arrays that hold whole numbers, such as labels: these are written without decimals.
    """

    name: str
    index: Index
    value: float
    columns: tuple[tuple[str, Cells, npt.NDArray[np.float64]], ...]
    short: Equation | None
    inputs: tuple[str, ...]
    combine: Combine = Combine.SUM
    scale: float = 1.0
    text: str = ""
    whole: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """Number of terms."""
        if self.short is not None:
            return len(self.short.terms)
        return len(self.columns[0][1])

    def parts(self, number: int) -> tuple[Part, ...]:
        """The cells that a term multiplies; none for a constant."""
        found = self._parts.get(number)
        if found is None:
            found = self._parts[number] = self._parts_of(number)
        return found

    @cached_property
    def _parts(self) -> dict[int, tuple[Part, ...]]:
        return {}

    @cached_property
    def written(self) -> dict[tuple[int, int], Any]:
        """What has been written of its terms, by number of the term and of digits: for another width it is the same."""
        return {}

    def _parts_of(self, number: int) -> tuple[Part, ...]:
        if self.short is not None:
            return tuple(Part(self.inputs[f.position], f.index, f.value) for f in self.short.terms[number].factors)
        return tuple(
            Part(name, tuple(int(i) for i in cells[number]), float(values[number]))
            for name, cells, values in self.columns
        )

    def constant(self, number: int) -> float:
        """The constant factor of a term."""
        return self.short.terms[number].constant if self.short is not None else 1.0

    @cached_property
    @np.errstate(all="ignore")
    def values(self) -> npt.NDArray[np.float64]:
        """Value of every term."""
        if self.short is not None:
            return np.array([term.value for term in self.short.terms], dtype=np.float64)
        product = np.ones(self.count)
        for _, _, values in self.columns:
            product = product * values
        return product

    @cached_property
    @np.errstate(all="ignore")
    def by_size(self) -> npt.NDArray[np.intp]:
        """Numbers of the terms, the largest magnitude first; NaN comes before all, equal ones stay in order."""
        sizes = np.abs(self.values)
        return np.argsort(-np.where(np.isnan(sizes), np.inf, sizes), kind="stable")

    @cached_property
    @np.errstate(all="ignore")
    def exact(self) -> float:
        """The value, recomputed from the terms in float64."""
        if self.short is not None:
            return self.short.value
        values = self.values
        return self.scale * total(values)

    def kept(self, which: npt.NDArray[np.bool_]) -> Expansion:
        """The same sum with only some of the terms: those added so far."""
        if self.short is not None:
            terms = tuple(t for t, keep in zip(self.short.terms, which, strict=True) if keep)
            short = Equation(self.index, terms, self.short.combine, self.short.scale)
            return replace(self, short=short)
        columns = tuple((name, cells[which], values[which]) for name, cells, values in self.columns)
        return replace(self, columns=columns)


def total(values: npt.NDArray[np.float64]) -> float:
    """Sum of terms: exactly rounded for up to :data:`MANY` terms, else in the widest float type."""
    if len(values) > MANY or not np.isfinite(values).all():
        return float(values.sum(dtype=np.longdouble))
    return math.fsum(values)


def expand(values: Values, step: Step, index: Index) -> Expansion:
    """Expand cell ``index`` of a step's output into the terms of its value."""
    held = values.value(step.output, index) if step.shape else float(values.array(step.output)[()])
    products = step.op.products(values.program.in_shapes(step), step.shape, index)
    if products is not None and products.count > LONG:
        columns = tuple(
            (step.inputs[position], cells, gathered(values, step.inputs[position], cells))
            for position, cells in products.factors
        )
        return Expansion(step.output, index, held, columns, None, step.inputs, scale=products.scale)
    made = step.op.equation([_by_cell(values, name) for name in step.inputs], step.shape, index)
    arrays = values.program.arrays
    whole = frozenset(name for name in (*step.inputs, step.output) if arrays[name].kind is not Kind.FLOAT)
    return Expansion(step.output, index, held, (), made, step.inputs, made.combine, made.scale, made.text, whole)


class ByCell:
    """An array whose columns are stored image by image, for reading a few of its cells.

    Its logical shape is a copy, which for a minibatch takes longer than everything else that is said of one number.

    Parameters
    ----------
    values : Values
    name : str
        The array.
    """

    def __init__(self, values: Values, name: str) -> None:
        self._values, self._name = values, name
        self._spec = values.program.arrays[name]

    @property
    def shape(self) -> Shape:
        """Logical shape."""
        return self._spec.shape

    def __getitem__(self, index: Any) -> Any:
        """A cell; of anything else, as the array in its logical shape gives it."""
        if isinstance(index, tuple) and len(index) == 2 and all(isinstance(one, int | np.integer) for one in index):
            rows, columns = self._spec.shape
            if 0 <= index[0] < rows and 0 <= index[1] < columns:
                return self._values.stored(self._name)[self._spec.stored_index(index)]
        return self._values.array(self._name)[index]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Array:
        return np.array(self._values.array(self._name), dtype=dtype, copy=copy)


def _by_cell(values: Values, name: str) -> Array:
    """An array as an equation reads it."""
    if values.program.arrays[name].column_blocks < 2:
        return values.array(name)
    return cast(Array, ByCell(values, name))


def gathered(values: Values, name: str, cells: Cells) -> npt.NDArray[np.float64]:
    """The numbers in several cells of an array."""
    return values.program.arrays[name].gathered(values.stored(name), cells).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Folded:
    """The terms of an expansion that are written out, and the sum of the others.

    Parameters
    ----------
    shown : tuple of int
        Numbers of the terms that are written, in order.
    hidden, zeros : int
        How many terms are not written, and how many of those are zero.
    rest : float
        Sum of the terms that are not written.
    """

    shown: tuple[int, ...]
    hidden: int
    zeros: int
    rest: float


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def fold(expansion: Expansion, room: int, kept: int | None = None, *, largest_first: bool = False) -> Folded:
    """Choose the terms to write: as many as there is room for, in their order or the largest ones, the largest first.

    If not all fit, zeros are left out, since they matter least, unless all terms are zero. Omitted terms are counted
    and summed, never dropped silently. The term ``kept`` is always written.
    """
    values = expansion.values
    count = len(values)
    is_sum = expansion.combine is Combine.SUM
    if count <= room or not is_sum:
        order = expansion.by_size.tolist() if largest_first and is_sum else range(count)
        return Folded(tuple(order), 0, 0, 0.0)
    if largest_first:
        taken = expansion.by_size[:room]
        taken = taken[values[taken] != 0] if values.any() else taken
        if kept is not None and kept not in taken:
            taken = np.append(taken[: max(0, room - 1)], kept)
        return _folded(values, taken)
    nonzero = np.flatnonzero(values != 0)
    shown = nonzero[:room]
    if len(shown) < room and len(nonzero) < count:
        zeros = np.flatnonzero(values == 0)[: room - len(shown)]
        shown = np.sort(np.concatenate([shown, zeros])) if not len(nonzero) else shown
    if kept is not None and kept not in shown:
        shown = np.sort(np.append(shown[: max(0, room - 1)], kept))
    return _folded(values, shown)


def _folded(values: npt.NDArray[np.float64], shown: npt.NDArray[np.intp]) -> Folded:
    mask = np.ones(len(values), dtype=bool)
    mask[shown] = False
    rest = values[mask]
    return Folded(tuple(int(i) for i in shown), int(mask.sum()), int((rest == 0).sum()), total(rest))
