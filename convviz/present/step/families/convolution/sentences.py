"""What the steps of a convolution do with one cell."""

# ruff: noqa: ARG001 (all sentences are asked in the same way)

from __future__ import annotations

from typing import Any

from convviz.core.ops.conv import Col2Im, Im2Col, Pad2D
from convviz.core.ops.filter_product import FilterProduct
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.sentence import OutputCell, after, plural
from convviz.present.step.stage import im2col_of, window_of_layer
from convviz.present.step.values import Values

WROW, XCOL, ZROW = "W<sub>row</sub>", "X<sub>col</sub>", "Z<sub>row</sub>"
D_XCOL, D_ZROW, D_XPAD = "dX<sub>col</sub>", "dZ<sub>row</sub>", "dX<sub>pad</sub>"


def window_of(values: Values, step: Step, column: int) -> tuple[int, int, int]:
    """Image and place (n, p, q) of a column of the layer's ``X_col``."""
    im2col = im2col_of(values.program, step.layer)
    if im2col is None or im2col.op.sliding is None:
        return 0, 0, column
    shape = values.program.arrays[im2col.inputs[0]].shape
    oh, ow = im2col.op.sliding.places(shape[2], shape[3], step.layer)
    n, place = divmod(column, oh * ow)
    return n, *divmod(place, ow)


def at_window(cell: OutputCell[Any], column: int) -> str:
    """``the window at row 12, column 12``, with the image where there are several."""
    n, p, q = window_of(cell.values, cell.step, column)
    image = f" of image {n}" if cell.program.batch > 1 else ""
    return f"the window at row {p}, column {q}{image}"


def pad(cell: OutputCell[Pad2D]) -> str:
    """A pixel, or a cell of the border."""
    op = cell.op
    index = cell.index
    h, w = cell.given(0).shape[2:]
    inside = op.top <= index[2] < op.top + h and op.left <= index[3] < op.left + w
    here = (
        f"Pixel ({index[2] - op.top}, {index[3] - op.left}) of the image is at ({index[2]}, {index[3]}) now."
        if inside
        else f"({index[2]}, {index[3]}) is in the border: it is {op.value:g} and comes from no pixel."
    )
    return (
        f"A border of {op.value:g} goes around the image, so that a window can sit over the edge. {here} {h}×{w} "
        f"becomes {cell.shape[2]}×{cell.shape[3]}."
    )


def im2col(cell: OutputCell[Im2Col]) -> str:
    """A cell of the column of a window."""
    op = cell.op
    index = cell.index
    kh, kw = op.window.kernel
    shape = cell.given(0).shape
    channels = f"{shape[1]} channels of " if shape[1] > 1 else ""
    per = cell.spec.places
    below, right = op.window.uncovered(shape[2], shape[3])
    rest = ""
    if below or right:
        rest = f" The stride does not divide: {below} rows and {right} columns at the edge are in no window."
    return (
        f"Column {index[1]} is {at_window(cell, index[1])}: its {channels}{kh}×{kw} cells, row by row, "
        f"{cell.shape[0]} in all. {per:,} windows make {per:,} columns. Neighbouring windows overlap, so a pixel is "
        f"copied up to {kh * kw} times.{rest}"
    )


def stretch(cell: OutputCell[Any]) -> str:
    """A weight in the row of its filter."""
    index = cell.index
    shape = cell.given(0).shape
    return (
        f"Row {index[0]} of {WROW} is filter {index[0]} laid flat: {'×'.join(map(str, shape[1:]))} weights, "
        f"{cell.shape[1]} in a row, in the order in which im2col lays out a window. Nothing is computed."
    )


def filter_product(cell: OutputCell[FilterProduct]) -> str:
    """The product of a filter and a window."""
    op = cell.op
    f, column = cell.index
    group = ""
    if op.groups > 1:
        rows = cell.reads()[1][:, 0]
        group = f" Of the column the filter sees rows {rows[0]}–{rows[-1]}, those of its group."
    return (
        f"Row {f} of {WROW} is filter {f} laid flat. Column {column} of {XCOL} is {at_window(cell, column)}. "
        f"Their dot product is one output cell.{group} The filter is not flipped: this is cross-correlation, as in "
        "every framework."
    )


def row_bias(cell: OutputCell[Any]) -> str:
    """A product and the bias of its filter."""
    index = cell.index
    f = index[0]
    bias = cell.values.value(cell.step.inputs[1], (f,))
    product, end = cell.apart(cell.values.value(cell.step.inputs[0], cell.index))
    return (
        f"Filter {f} has one bias, {format_value(bias)}, which is added at all of its map's places. Here: {product} + "
        f"{after(bias)} = {end}."
    )


def fold(cell: OutputCell[Any]) -> str:
    """A cell of a map, from its row."""
    n, f, p, q = cell.index
    column = (n * cell.shape[2] + p) * cell.shape[3] + q
    return (
        f"Row {f} of {ZROW} is cut into {cell.shape[2]} rows of {cell.shape[3]} and becomes map {f}: column {column} "
        f"goes to ({p}, {q}). Nothing is computed, the same numbers are only read in another shape."
    )


def unfold(cell: OutputCell[Any]) -> str:
    """A cell of a row, from its map."""
    f, column = cell.index
    _, p, q = window_of(cell.values, cell.step, column)
    return f"Map {f} of the gradient is laid flat as row {f} of {D_ZROW}: ({p}, {q}) goes to column {column}."


def sum_rows(cell: OutputCell[Any]) -> str:
    """The gradient of a filter's bias."""
    index = cell.index
    count = cell.given(0).shape[1]
    return (
        f"The bias of filter {index[0]} was added at {count:,} places, so its gradient is the sum of row {index[0]} "
        "over all of them."
    )


def filter_gradient(cell: OutputCell[Any]) -> str:
    """The gradient of a weight."""
    f, k = cell.index
    count = cell.given(0).shape[1]
    window = window_of_layer(cell.program, cell.step.layer)
    where = ""
    if window is not None:
        kh, kw = window.kernel
        c, rest = divmod(k, kh * kw)
        i, j = divmod(rest, kw)
        channel = f" of channel {c}" if cell.shape[1] > kh * kw else ""
        where = f" (row {i}, column {j}{channel})"
    return (
        f"Weight {k}{where} of filter {f} met row {k} of {XCOL}: one number a window. Each is multiplied with the "
        f"gradient of what the filter made of that window, and all {count:,} are added up."
    )


def column_gradient(cell: OutputCell[Any]) -> str:
    """The gradient of a cell of a window."""
    k, column = cell.index
    filters = len(cell.reads()[0])
    return (
        f"Cell {k} of {at_window(cell, column)} met {filters} filter{plural(filters)}. Going back, each "
        f"filter's gradient there (column {column} of {D_ZROW}) comes through the same weight (column {k} of {WROW}), "
        "and they add up."
    )


def col2im(cell: OutputCell[Col2Im]) -> str:
    """The gradient of a pixel, summed over windows."""
    op = cell.op
    index = cell.index
    kh, kw = op.window.kernel
    reads = cell.reads()[0]
    return (
        f"A pixel was copied into up to {kh * kw} windows, so its gradient is the sum of all of them: that is why it "
        f"is += and not =. On ({index[2]}, {index[3]}) of {D_XPAD} {len(reads)} column{'s' if len(reads) != 1 else ''} "
        f"of {D_XCOL} land."
    )


def crop(cell: OutputCell[Any]) -> str:
    """The gradient of a pixel without the border."""
    return (
        "The border was never part of the image: its gradient is cut off. Below, the same gradient in another way: dZ "
        "slid under the filters turned by 180° and summed over all of them. That is a true convolution; col2im adds "
        "the same products in another order."
    )
