"""Everything about a primitive op, in one place.

kernel       the NumPy function that computes it
readable     the same in a few lines of plain NumPy, to be read
infer        its shape rule, which is also what validates an architecture
derivative   its derivative rule, which emits the backward steps
formula      how it is written
reads/feeds  its links: output cell → the input cells it was computed from, input cell → the outputs it feeds
equation     one output cell with the numbers in it
micro-steps  its iteration space; done in order, they rebuild the kernel's output

Ops are frozen values; their fields (kernel size, stride …) distinguish two uses of one op.
All indices in links, equations and micro-steps are logical; kernels and ``prepare`` see stored arrays.
"""

from __future__ import annotations

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, ArraySpec, Axes, Axis, Index, Kind, Role, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.ops.cells import Cells, MicroStep, Products, no_cells
from convviz.core.ops.window import NO_MARGINS, Lines, Margins, Window


class Scratch(Protocol):
    """Gives a kernel temporary memory, reserved until the kernel returns; contents are undefined."""

    def __call__(self, tag: str, shape: Shape, dtype: npt.DTypeLike) -> Array: ...


def fresh_scratch(tag: str, shape: Shape, dtype: npt.DTypeLike) -> Array:  # noqa: ARG001
    """Scratch memory allocated anew at every call."""
    return np.empty(shape, dtype)


@dataclass(frozen=True, slots=True)
class Out:
    """Result of a shape rule: everything about the output except its name and layer."""

    shape: Shape
    role: Role
    axes: Axes = ()
    column_blocks: int = 0
    kind: Kind = Kind.FLOAT


@dataclass(frozen=True, slots=True)
class Op(ABC):
    """A primitive operation with one output array."""

    name: ClassVar[str]
    """Name in the program listing."""
    title: ClassVar[str]
    """One plain sentence: what the step does."""
    formula: ClassVar[str]
    """LaTeX."""
    kernel: ClassVar[Callable[..., None]]
    """NumPy function, called with the arguments that ``prepare`` returns."""
    readable: ClassVar[Callable[..., Array]]
    """What the kernel does, on logical arrays: a function of the inputs, with settings as keyword arguments."""
    view: ClassVar[bool] = False
    """Whether the output is the first input's memory under another shape."""
    inplace: ClassVar[int | None] = None
    """Position of the input whose memory the output may reuse if nothing reads it later."""
    whole: ClassVar[bool] = False
    """Whether it is much faster on the whole batch at once than on a few images at a time."""
    recompute: ClassVar[bool] = False
    """Whether computing it again is cheaper than keeping its output for the whole batch in memory."""
    cellwise: ClassVar[bool] = False
    """Whether every cell of the first input becomes one cell of the output, in the same order."""
    copies: ClassVar[bool] = False
    """Whether every output cell is a copy of an input cell, and :meth:`reads_of` is quick for many cells."""
    everywhere: ClassVar[bool] = False
    """Whether every cell of its layer's output maps depends on all places of the input, because of a mean over them."""
    normalises: ClassVar[bool] = False
    """Whether it subtracts a mean from what its layer reads: how a normalisation is recognised."""
    activates: ClassVar[bool] = False
    """Whether it is an activation, which is shown as a part of the layer before it."""
    short: ClassVar[str] = ""
    """Name of an activation where there is little room: ``h-swish``."""
    limits: ClassVar[tuple[float, float] | None] = None
    """What the output approaches for inputs far below and far above zero, where a unit saturates; None if nothing."""
    elementwise: ClassVar[bool] = False
    """Whether output cell i depends on the cells i of its equally shaped inputs and on scalars only."""

    accumulates: ClassVar[bool] = False
    """Whether its micro-steps add to their cells instead of setting them."""

    # --- shape -------------------------------------------------------------------------------------------------

    @abstractmethod
    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        """Shape rule.

        Raises
        ------
        ShapeError
            The message names the layer, what was expected and what was given.
        """

    @property
    def attributes(self) -> dict[str, Any]:
        """Fields of this use of the op, as shown in the listing."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def sliding(self) -> Window | None:
        """The window that it moves over maps; None if it has none."""
        return None

    @property
    def border(self) -> Margins:
        """How far windows may reach over the edges of the maps."""
        return NO_MARGINS

    @property
    def moves(self) -> bool:
        """Whether a row or column of its output is computed from others than the one at the same place."""
        return self.sliding is not None or any(self.border)

    @property
    def is_even(self) -> bool:
        """Whether neighbouring output cells read cells that lie a constant stride apart, as a moving window does."""
        return type(self).lines is Op.lines

    def lines(self, axis: int, before: int) -> Lines:
        """Which of the ``before`` rows (axis 0) or columns (1) of its maps each one of the output is computed from."""
        return (self.sliding or Window((1, 1))).lines(axis, before, self.border)

    def multiply_adds(self, ins: tuple[Shape, ...], out: Shape) -> int:
        """Multiply-adds of a matrix product; 0 for other ops."""
        return 0

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

    def pieces(self, ins: Sequence[Array], out: Array) -> Array | None:
        """For a function with kinks, which of its smooth pieces each output cell is on; None if it has no kink."""
        return None

    # --- to be read --------------------------------------------------------------------------------------------

    def in_numpy(self) -> Callable[..., Array]:
        """The plain function for this use of the op: ``readable``, or a simpler or more general one."""
        return type(self).readable

    def settings(self) -> dict[str, Any]:
        """Keyword arguments of :meth:`in_numpy`: fields of the window that the op moves, or of the op."""
        parameters = inspect.signature(self.in_numpy()).parameters.values()
        names = [one.name for one in parameters if one.kind is one.KEYWORD_ONLY]
        window = self.sliding
        return {name: getattr(window if hasattr(window, name) else self, name) for name in names}

    @np.errstate(all="ignore")
    def computed_readably(self, values: Sequence[Array]) -> Array:
        """The output that :meth:`in_numpy` computes from logical inputs; equal to the kernel's but for rounding."""
        return np.asarray(self.in_numpy()(*values, **self.settings()))

    # --- derivative --------------------------------------------------------------------------------------------

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        """Emit the backward steps of ``step``.

        Parameters
        ----------
        build : Emitter
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

    def reads_of(self, ins: tuple[Shape, ...], out: Shape, many: Cells) -> tuple[Cells, ...]:
        """For every input, the cells that any of several output cells was computed from; with repeats.

        Ops whose cells are copies override this to handle all at once: a receptive field has thousands.
        """
        if self.elementwise and all(shape == out for shape in ins):
            return (many,) * len(ins)
        found = [self.reads(ins, out, tuple(index)) for index in many.tolist()]
        return tuple(np.concatenate(cells) for cells in zip(*found, strict=True))

    def feeds_of(self, ins: tuple[Shape, ...], out: Shape, position: int, many: Cells) -> Cells:
        """Output cells computed from any of several cells of input ``position``; with repeats."""
        if self.elementwise and ins[position] == out:
            return many
        found = [self.feeds(ins, out, position, tuple(index)) for index in many.tolist()]
        return np.concatenate(found) if found else no_cells(len(out))

    def partners(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> tuple[Cells, ...]:
        """For every input, the cells that are multiplied with or added to cell ``index`` of input ``position``.

        The input itself has none. Ops that combine every cell with every other return no partners.
        """
        return tuple(no_cells(len(shape)) for shape in ins)

    # --- one number --------------------------------------------------------------------------------------------

    @abstractmethod
    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        """How output cell ``index`` is computed from the logical arrays ``values``."""

    def products(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> Products | None:
        """Output cell ``index`` as a (possibly long) sum of products; None if it is not such a sum."""
        return None

    # --- micro-steps -------------------------------------------------------------------------------------------

    def micro_count(self, ins: tuple[Shape, ...], out: Shape) -> int:
        """Number of micro-steps: one per output cell unless the op says otherwise."""
        return math.prod(out)

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

    def micro_reading(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> int:
        """Number of the first micro-step that reads cell ``index`` of the first input."""
        found = [self.micro_of(ins, out, tuple(int(i) for i in row)) for row in self.feeds(ins, out, 0, index)]
        return min(found, default=0)

    def micro_block(self, ins: tuple[ArraySpec, ...], out: ArraySpec) -> int:
        """How many consecutive micro-steps make a block: the cells of a map or a row, or the columns of an image."""
        if Axis.WINDOW in out.axes:
            return out.places
        lead = 2 if Axis.COLUMN in out.axes else 1 if len(out.shape) > 1 else 0
        return math.prod(out.shape[lead:])

    @property
    def micro_unit(self) -> str:
        """What one micro-step is: cell, column, window …"""
        return "cell"


class Phase(StrEnum):
    """Part of a training pass."""

    FORWARD = "forward"
    LOSS = "loss"
    BACKWARD = "backward"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a pass.

    Parameters
    ----------
    index : int
        Position in the program.
    phase : Phase
    layer : str
        Layer (or optimiser group) that it belongs to.
    op : Op
    inputs : tuple of str
        Names of the arrays that it reads.
    output : str
        Name of the array that it makes.
    shape : tuple of int
        Logical shape of the output.
    """

    index: int
    phase: Phase
    layer: str
    op: Op
    inputs: tuple[str, ...]
    output: str
    shape: Shape

    @property
    def where(self) -> str:
        """``layer.op``, as used in messages."""
        return f"{self.layer}.{self.op.name}" if self.layer else self.op.name


class Emitter(Protocol):
    """The part of a program's builder that a derivative rule needs."""

    @property
    def arrays(self) -> Mapping[str, ArraySpec]:
        """The arrays declared so far, by name."""

    def emit(
        self, op: Op, inputs: Sequence[str], output: str, *, role: Role | None = None, axes: Axes | None = None
    ) -> str:
        """Append a step and return the name of its output."""

    def gradient(self, op: Op, inputs: Sequence[str], of: str) -> str:
        """Append the step that makes the gradient of array ``of``."""


def value_at(array: Array, index: Index) -> float:
    """The number in one cell, as a Python float."""
    return float(array[index])


@dataclass(frozen=True, slots=True)
class SumOp(Op):
    """An op whose output cells are sums: term k is the product of the k-th cell that it reads from every input."""

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
