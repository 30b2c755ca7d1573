"""What a primitive op owns, in one place.

kernel       the NumPy function that computes it (also the source shown to the user)
infer        its shape rule, which is also what validates an architecture
derivative   its derivative rule, which emits the backward steps
formula      how it is written
reads/feeds  its links: output cell → the input cells it was computed from, input cell → the outputs it feeds
equation     one output cell with the numbers in it
micro-steps  its iteration space; done in order they rebuild what the kernel made

Ops are frozen values; what distinguishes two uses of one op (kernel size, stride …) are its fields.
All indices in links, equations and micro-steps are logical; kernels and ``prepare`` see stored arrays.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, ArraySpec, Index, Kind, Role, Shape
from convviz.core.equation import Equation, Factor, Term

if TYPE_CHECKING:
    from convviz.core.program import Builder, Step

Cells = npt.NDArray[np.intp]
"""Logical indices of cells, ``(n, ndim)``."""


class Scratch(Protocol):
    """Gives a kernel temporary memory that is its own until the kernel returns; contents are undefined."""

    def __call__(self, tag: str, shape: Shape, dtype: npt.DTypeLike) -> Array: ...


def fresh_scratch(tag: str, shape: Shape, dtype: npt.DTypeLike) -> Array:  # noqa: ARG001
    """Scratch memory allocated anew at every call."""
    return np.empty(shape, dtype)


@dataclass(frozen=True, slots=True)
class Out:
    """Answer of a shape rule: everything about the output but its name and layer."""

    shape: Shape
    role: Role
    batched: bool = False
    column_blocks: int = 0
    kind: Kind = Kind.FLOAT


@dataclass(frozen=True, slots=True)
class MicroStep:
    """One unit of an op's iteration space.

    Parameters
    ----------
    number : int
        Its place in the order, from 0.
    writes : Cells
        Output cells that it sets (or adds to).
    reads : tuple of Cells
        Cells it reads, for every input.
    accumulates : bool
        True where it adds to its cells instead of setting them.
    """

    number: int
    writes: Cells
    reads: tuple[Cells, ...]
    accumulates: bool = False


@dataclass(frozen=True, slots=True)
class Products:
    """A cell as a sum of products, however many, without an object for each: ``scale · Σ_k Π_i factor i's k-th cell``.

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
    """Cells from single indices."""
    if not indices:
        return np.empty((0, ndim), dtype=np.intp)
    return np.asarray(indices, dtype=np.intp).reshape(len(indices), -1)


def no_cells(ndim: int) -> Cells:
    """The empty set of cells of an array with ``ndim`` axes."""
    return np.empty((0, ndim), dtype=np.intp)


def grid(*axes: npt.ArrayLike) -> Cells:
    """Cells of a product of index ranges, in raster order."""
    mesh = np.meshgrid(*(_indices(a) for a in axes), indexing="ij")
    return np.stack([m.ravel() for m in mesh], axis=1)


def _indices(axis: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Indices along an axis; of a range without a look at each of its numbers, for it may have tens of thousands."""
    if isinstance(axis, range):
        return np.arange(axis.start, axis.stop, axis.step, dtype=np.intp)
    return np.atleast_1d(np.asarray(axis, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class Op(ABC):
    """A primitive operation with one output array."""

    name: ClassVar[str]
    """Word in the program listing."""
    title: ClassVar[str]
    """One plain sentence: what the step does."""
    formula: ClassVar[str]
    """LaTeX."""
    kernel: ClassVar[Callable[..., None]]
    """NumPy function, called with what ``prepare`` returns."""
    view: ClassVar[bool] = False
    """Whether the output is the first input's memory under another shape."""
    inplace: ClassVar[int | None] = None
    """Position of the input whose memory the output may take over when nothing reads it later."""
    whole: ClassVar[bool] = False
    """Whether it is much faster on the whole batch at once than on a few images after the others."""
    recompute: ClassVar[bool] = False
    """Whether doing it again is cheaper than keeping its output for the whole batch in memory."""
    elementwise: ClassVar[bool] = False
    """Whether output cell i depends on the cells i of its equally shaped inputs and on scalars only."""

    # --- shape -------------------------------------------------------------------------------------------------

    @abstractmethod
    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        """Shape rule.

        Raises
        ------
        ShapeError
            Naming the layer, what was expected and what came.
        """

    @property
    def attributes(self) -> dict[str, Any]:
        """Fields of this use of the op, as shown in the listing."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    # --- kernel ------------------------------------------------------------------------------------------------

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        """Arguments of ``kernel``: views of the stored inputs and output, made once per set of buffers."""
        return (*ins, out)

    def as_view(self, source: Array, spec: ArraySpec) -> Array:
        """Output of a ``view`` op: ``source`` under the stored shape of ``spec``."""
        return source.reshape(spec.stored)

    def parts(self, ins: Sequence[Array], out: Array, count: int) -> list[tuple[Sequence[Array], Array]]:
        """Stored inputs and outputs of up to ``count`` calls that together make ``out``, for several threads."""
        return [(ins, out)]

    # --- derivative --------------------------------------------------------------------------------------------

    def derivative(self, build: Builder, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        """Emit the backward steps of ``step``.

        Parameters
        ----------
        build : Builder
        step : Step
            The forward step.
        d_out : str
            Name of the gradient of its output.
        wanted : tuple of bool
            For every input, whether its gradient is needed.

        Returns
        -------
        dict
            Input position → name of its gradient.
        """
        raise NotImplementedError(f"{self.name} has no derivative")

    # --- links -------------------------------------------------------------------------------------------------

    @abstractmethod
    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        """For every input, the cells that output cell ``index`` was computed from."""

    @abstractmethod
    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        """Output cells computed from cell ``index`` of input ``position``."""

    # --- one number --------------------------------------------------------------------------------------------

    @abstractmethod
    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        """How output cell ``index`` is computed from the logical arrays ``values``."""

    def products(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> Products | None:
        """Output cell ``index`` as a sum of products, where it is one that may be long; None for other ops."""
        return None

    # --- micro-steps -------------------------------------------------------------------------------------------

    def micro_count(self, ins: tuple[Shape, ...], out: Shape) -> int:
        """Number of micro-steps: one per output cell unless the op says otherwise."""
        return int(np.prod(out, dtype=np.int64))

    def micro(self, ins: tuple[Shape, ...], out: Shape, number: int) -> MicroStep:
        """Micro-step ``number``, in raster order of the output cells unless the op says otherwise."""
        index = tuple(int(i) for i in np.unravel_index(number, out)) if out else ()
        return MicroStep(number, np.asarray([index], dtype=np.intp), self.reads(ins, out, index))

    def micro_of(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> int:
        """Number of the (first) micro-step that writes output cell ``index``."""
        return int(np.ravel_multi_index(index, out)) if out else 0

    def micro_run(self, values: Sequence[Array], result: Array, number: int) -> None:
        """Do one micro-step on logical arrays: write into (or add to) ``result``."""
        shapes = tuple(v.shape for v in values)
        for row in self.micro(shapes, result.shape, number).writes:
            index = tuple(int(i) for i in row)
            result[index] = self.equation(values, result.shape, index).value

    @property
    def micro_unit(self) -> str:
        """What one micro-step is: cell, column, window …"""
        return "cell"


def value_at(array: Array, index: Index) -> float:
    """The number in one cell, as a Python float."""
    return float(array[index])


@dataclass(frozen=True, slots=True)
class SumOp(Op):
    """An op whose cells are sums of products: of the k-th cells that an output cell reads of every input."""

    def sum_scale(self, ins: tuple[Shape, ...]) -> float:
        """Factor before the sum, such as 1/N."""
        return 1.0

    def products(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> Products:
        return Products(tuple(enumerate(self.reads(ins, out, index))), self.sum_scale(ins))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        made = self.products(tuple(v.shape for v in values), out, index)
        columns = [
            [Factor(position, tuple(row), value_at(values[position], tuple(row))) for row in found.tolist()]
            for position, found in made.factors
        ]
        return Equation(index, tuple(Term(factors) for factors in zip(*columns, strict=True)), scale=made.scale)
