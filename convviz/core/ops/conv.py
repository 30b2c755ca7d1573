"""Convolution as im2col: pad → one column per receptive field → one matrix product → maps; and its backward pass.

Notation
--------
N, C, H, W      images, channels, height, width
F, KH, KW       filters, kernel height and width
OH, OW          output height and width; P = OH·OW places per image
K               C·KH·KW, cells of a receptive field

    Z_row = W_row · X_col + b        (F × N·P) = (F × K) · (K × N·P)

As in every framework this is cross-correlation: the filter is not flipped. The gradient of the image is then a
true convolution with the flipped filter, which is what col2im computes by adding every column back where it
came from:

    dW_row = dZ_row · X_colᵀ,   db = row sums of dZ_row,   dX_col = W_rowᵀ · dZ_row,   dX_pad = Σ fold(dX_col[:, p])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import COLUMNS, MAPS, Array, ArraySpec, Index, Shape
from convviz.core.equation import Equation, Factor, Term
from convviz.core.ops.base import Emitter, Op, Out, Scratch, Step, value_at
from convviz.core.ops.cells import Cells, MicroStep, cells, grid, no_cells
from convviz.core.ops.window import NO_MARGINS, Lines, Margins, Window
from convviz.core.readable import conv as readable_conv

Places = TypeVar("Places", int, npt.NDArray[np.intp])
"""One place along an axis, or several."""


def copied(values: Sequence[Array], out_index: Index, source: Index | None, fill: float = 0.0) -> Equation:
    """Equation of a cell that is a copy of an input cell, or a constant where there is none."""
    if source is None:
        return Equation(out_index, (Term((), fill),))
    return Equation(out_index, (Term((Factor(0, source, value_at(values[0], source)),)),))


# --- padding -----------------------------------------------------------------------------------------------------


def pad2d(x: Array, x_pad: Array, inside: Array, value: float) -> None:
    """Put a border of ``value`` around every image."""
    x_pad.fill(value)
    np.copyto(inside, x)


@dataclass(frozen=True, slots=True)
class Pad2D(Op):
    """Border around every image; its width may differ on the four sides (``same`` with an even kernel)."""

    top: int
    bottom: int
    left: int
    right: int
    value: float = 0.0

    name = "pad2d"
    title = "A border of zeros lets the window reach over the edge"
    formula = r"X_{pad}[y, x] = X[y - P,\; x - P]"
    kernel = staticmethod(pad2d)
    readable = staticmethod(readable_conv.pad2d)
    recompute = True

    @property
    def border(self) -> Margins:
        return self.top, self.bottom, self.left, self.right

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n, c, h, w = ins[0].shape
        return Out((n, c, h + self.top + self.bottom, w + self.left + self.right), ins[0].role, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (x,) = ins
        h, w = x.shape[2:]
        return x, out, out[:, :, self.top : self.top + h, self.left : self.left + w], self.value

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        h, w = build.arrays[step.inputs[0]].shape[2:]
        return {0: build.gradient(Crop2D(self.top, self.left, h, w), (d_out,), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        source = self._source(ins[0], index)
        return (no_cells(4) if source is None else cells(source),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        n, c, y, x = index
        return cells((n, c, y + self.top, x + self.left))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return copied(values, index, self._source(values[0].shape, index), self.value)

    def _source(self, shape: Shape, index: Index) -> Index | None:
        n, c, y, x = index[0], index[1], index[2] - self.top, index[3] - self.left
        return (n, c, y, x) if 0 <= y < shape[2] and 0 <= x < shape[3] else None


def crop2d(d_x_pad: Array, d_x: Array) -> None:
    """d_x is the inside of d_x_pad: a view, nothing to compute."""


@dataclass(frozen=True, slots=True)
class Crop2D(Op):
    """Inside of a padded array: the border's gradient belongs to no pixel."""

    top: int
    left: int
    height: int
    width: int

    name = "crop2d"
    title = "The gradient of the padding is cut off"
    formula = r"dX[y, x] = dX_{pad}[y + P,\; x + P]"
    kernel: ClassVar[Callable[..., None]] = staticmethod(crop2d)
    readable = staticmethod(readable_conv.crop2d)
    view = True

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n, c = ins[0].shape[:2]
        return Out((n, c, self.height, self.width), ins[0].role, ins[0].axes)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        h, w = build.arrays[step.inputs[0]].shape[2:]
        pad = Pad2D(self.top, h - self.top - self.height, self.left, w - self.left - self.width)
        return {0: build.gradient(pad, (d_out,), step.inputs[0])}

    @property
    def moves(self) -> bool:
        return True

    def lines(self, axis: int, before: int) -> Lines:
        first, size = ((self.top, self.height), (self.left, self.width))[axis]
        return np.eye(before, dtype=np.bool_)[first : first + size]

    def as_view(self, source: Array, spec: ArraySpec) -> Array:
        return source[:, :, self.top : self.top + self.height, self.left : self.left + self.width]

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells(self._source(index)),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        n, c, y, x = index[0], index[1], index[2] - self.top, index[3] - self.left
        return cells((n, c, y, x)) if 0 <= y < self.height and 0 <= x < self.width else no_cells(4)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return copied(values, index, self._source(index))

    def _source(self, index: Index) -> Index:
        return index[0], index[1], index[2] + self.top, index[3] + self.left


# --- im2col and its adjoint --------------------------------------------------------------------------------------


SHORT_ROW = 48
"""Length of a row of windows, OW, below which a copy row by row is slower than :func:`im2col`'s detour."""


def seen_memory(window: Window, image: Shape, ow: int, dtype: npt.DTypeLike, scratch: Scratch) -> Array:
    """Memory for :meth:`Window.through_columns`, ``(N, C, KW, H, OW)``, one filter column after the other."""
    n, c, h, _ = image
    return scratch("seen", (window.kernel[1], n, c, h, ow), dtype).transpose(1, 2, 0, 3, 4)


def im2col(windows: Array, blocks: Array, seen: Array | None, columns: Array, runs: Array) -> None:
    """Every receptive field becomes a column.

    ``blocks`` is X_col and ``windows`` a view of X_pad, both as [n, c, i, j, p, q]. Where rows of windows are short, a
    detour is quicker. First copy the pixels that every column j of the filter sees,

        seen[n, c, j, y, q] = X_pad[n, c, y, q S + j D]

    Those rows are contiguous, so row (c, i, j) of X_col is a single run of OH·OW cells that begins i·D rows further
    down: a few long copies instead of one for each row of windows.
    """
    if seen is None:
        np.copyto(blocks, windows)
    else:
        np.copyto(seen, columns)
        np.copyto(blocks, runs)


@dataclass(frozen=True, slots=True)
class Im2Col(Op):
    """Stretch every window into a column: ``(N, C, H, W)`` → ``(C·KH·KW, N·OH·OW)``."""

    window: Window

    name = "im2col"
    title = "Every window becomes one column"
    formula = r"X_{col}[(c, i, j),\; (n, p, q)] = X_{pad}[n, c,\; p S + i D,\; q S + j D]"
    kernel = staticmethod(im2col)
    readable = staticmethod(readable_conv.im2col)
    recompute = True
    copies = True

    @property
    def sliding(self) -> Window:
        return self.window

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        n, c, h, w = ins[0].shape
        oh, ow = self.window.places(h, w, layer)
        kh, kw = self.window.kernel
        return Out((c * kh * kw, n * oh * ow), ins[0].role, COLUMNS, column_blocks=n)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        (x,) = ins
        windows = self.window.view(x)
        blocks = out.reshape(windows.shape)
        ow = windows.shape[-1]
        if not self.window.slides or ow >= SHORT_ROW:
            return windows, blocks, None, windows, windows
        seen = seen_memory(self.window, x.shape, ow, out.dtype, scratch)
        return windows, blocks, seen, self.window.through_columns(x), self.window.runs(seen)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        c, h, w = build.arrays[step.inputs[0]].shape[1:]
        return {0: build.gradient(Col2Im(self.window, (c, h, w)), (d_out,), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (cells(_pixel(self.window, ins[0], index)),)

    def reads_of(self, ins: tuple[Shape, ...], out: Shape, many: Cells) -> tuple[Cells, ...]:
        return (np.stack(_copied_from(self.window, ins[0], many[:, 0], many[:, 1]), axis=1),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return _columns_of(self.window, ins[0], index)

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        return copied(values, index, _pixel(self.window, values[0].shape, index))

    @property
    def micro_unit(self) -> str:
        return "column"

    def micro_count(self, ins: tuple[Shape, ...], out: Shape) -> int:
        return out[1]

    def micro(self, ins: tuple[Shape, ...], out: Shape, number: int) -> MicroStep:
        return MicroStep(number, grid(range(out[0]), [number]), (_receptive_field(self.window, ins[0], number),))

    def micro_of(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> int:
        return index[1]

    def micro_run(self, values: Sequence[Array], result: Array, number: int) -> None:
        field = _receptive_field(self.window, values[0].shape, number)
        result[:, number] = values[0][tuple(field.T)]


def _split_column(window: Window, shape: Shape, column: Places) -> tuple[Places, Places, Places]:
    """Image and window position (n, p, q) of a column."""
    oh, ow = window.places(shape[2], shape[3], "im2col")
    n, place = divmod(column, oh * ow)
    p, q = divmod(place, ow)
    return n, p, q


def _receptive_field(window: Window, shape: Shape, column: int) -> Cells:
    """Cells of the (padded) images that a column contains, top to bottom."""
    n, p, q = _split_column(window, shape, column)
    rows, columns = window.rows_columns(p, q)
    return grid([n], range(shape[1]), rows, columns)


def _pixel(window: Window, shape: Shape, index: Index) -> Index:
    """Image cell at (row, column) of X_col."""
    return _copied_from(window, shape, index[0], index[1])


def _copied_from(window: Window, shape: Shape, row: Places, column: Places) -> tuple[Places, Places, Places, Places]:
    kh, kw = window.kernel
    c, offset = divmod(row, kh * kw)
    i, j = divmod(offset, kw)
    n, p, q = _split_column(window, shape, column)
    (sh, sw), (dh, dw) = window.stride, window.dilation
    return n, c, p * sh + i * dh, q * sw + j * dw


def _columns_of(window: Window, shape: Shape, pixel: Index) -> Cells:
    """All cells of X_col that are copies of an image cell: one for every window that contains it."""
    n, c, y, x = pixel
    kh, kw = window.kernel
    oh, ow = window.places(shape[2], shape[3], "im2col")
    hits = window.covering(y, x, (oh, ow))
    rows = (c * kh + hits[:, 2]) * kw + hits[:, 3]
    columns = (n * oh + hits[:, 0]) * ow + hits[:, 1]
    return np.stack([rows, columns], axis=1).astype(np.intp)


def col2im(cleared: Sequence[Array], moves: Sequence[tuple[Array, Array]]) -> None:
    """Add every column back to the pixels that it was copied from.

    A pixel was copied into up to KH·KW windows, so its gradient is the sum over all of them: += and not =.
    In a move (place, part), no two cells of ``part`` belong to the same pixel, so one addition handles them all. With a
    vertical stride of 1, the rows i of the kernel are summed first, in ``seen`` as in :func:`im2col`, then its columns
    j; otherwise there is one move for each cell (i, j).
    """
    for array in cleared:
        array.fill(0)
    for place, part in moves:
        place += part


@dataclass(frozen=True, slots=True)
class Col2Im(Op):
    """Adjoint of im2col: ``(C·KH·KW, N·OH·OW)`` → ``(N, C, H, W)``, as accumulation."""

    window: Window
    image: tuple[int, int, int]

    name = "col2im"
    title = "col2im adds every column back where it came from"
    formula = r"dX_{pad} = \sum_p \mathrm{fold}(dX_{col}[:, p])"
    kernel = staticmethod(col2im)
    readable = staticmethod(readable_conv.col2im)
    accumulates = True

    @property
    def sliding(self) -> Window:
        return self.window

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out((ins[0].column_blocks, *self.image), ins[0].role, MAPS)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        n, c, h, w = out.shape
        kh, kw = self.window.kernel
        oh, ow = self.window.places(h, w, "col2im")
        blocks = ins[0].reshape(n, c, kh, kw, oh, ow)
        if not self.window.slides:
            places = [(i, j, self.window.shifted(out, i, j, (oh, ow))) for i in range(kh) for j in range(kw)]
            return [out], [(place, blocks[:, :, i, j]) for i, j, place in places]
        seen = seen_memory(self.window, out.shape, ow, out.dtype, scratch)
        runs = self.window.runs(seen)
        down = [(runs[:, :, i], blocks[:, :, i]) for i in range(kh)]
        right = [(self.window.shifted(out, 0, j, (h, ow)), seen[:, :, j]) for j in range(kw)]
        return [seen, out], down + right

    def lines(self, axis: int, before: int) -> Lines:
        return self.window.lines(axis, self.image[1 + axis], NO_MARGINS).T

    @property
    def output(self) -> tuple[int, int]:
        """Output size (OH, OW) of the convolution."""
        return self.window.places(*self.image[1:], "col2im")

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(Im2Col(self.window), (d_out,), step.inputs[0])}

    def reads(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> tuple[Cells, ...]:
        return (_columns_of(self.window, out, index),)

    def feeds(self, ins: tuple[Shape, ...], out: Shape, position: int, index: Index) -> Cells:
        return cells(_pixel(self.window, out, index))

    def equation(self, values: Sequence[Array], out: Shape, index: Index) -> Equation:
        found = _columns_of(self.window, out, index)
        terms = (Term((Factor(0, (int(r), int(c)), float(values[0][r, c])),)) for r, c in found)
        return Equation(index, tuple(terms))

    @property
    def micro_unit(self) -> str:
        return "column"

    def micro_count(self, ins: tuple[Shape, ...], out: Shape) -> int:
        return ins[0][1]

    def micro(self, ins: tuple[Shape, ...], out: Shape, number: int) -> MicroStep:
        reads = grid(range(ins[0][0]), [number])
        return MicroStep(number, _receptive_field(self.window, out, number), (reads,), accumulates=True)

    def micro_of(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> int:
        hits = _columns_of(self.window, out, index)
        return int(hits[:, 1].min()) if len(hits) else 0

    def micro_run(self, values: Sequence[Array], result: Array, number: int) -> None:
        field = _receptive_field(self.window, result.shape, number)
        result[tuple(field.T)] += values[0][:, number]

    def micro_reading(self, ins: tuple[Shape, ...], out: Shape, index: Index) -> int:
        return index[1]

    def micro_block(self, ins: tuple[ArraySpec, ...], out: ArraySpec) -> int:
        return ins[0].places
