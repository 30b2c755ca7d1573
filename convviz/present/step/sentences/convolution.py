"""What the steps of a convolution do with one cell."""

# ruff: noqa: ARG001 (all sentences are asked in the same way)

from __future__ import annotations

from convviz.core.arrays import Index
from convviz.core.ops.conv import Col2Im, Crop2D, Im2Col, Pad2D
from convviz.core.ops.filter_product import AddRowBias, ColumnGradient, FilterGradient, FilterProduct, SumRows
from convviz.core.ops.reshape import FoldMaps, Stretch, UnfoldMaps
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.sentences.numbers import Texts, after, apart, plural
from convviz.present.step.stage import im2col_of
from convviz.present.step.values import Values

WROW, XCOL, ZROW = "W<sub>row</sub>", "X<sub>col</sub>", "Z<sub>row</sub>"
D_XCOL, D_ZROW, D_XPAD = "dX<sub>col</sub>", "dZ<sub>row</sub>", "dX<sub>pad</sub>"


def window_of(values: Values, step: Step, column: int) -> tuple[int, int, int]:
    """Image and place (n, p, q) of a column of the layer's ``X_col``."""
    im2col = im2col_of(values.program, step.layer)
    if im2col is None or not isinstance(im2col.op, Im2Col):
        return 0, 0, column
    shape = values.program.arrays[im2col.inputs[0]].shape
    oh, ow = im2col.op.window.places(shape[2], shape[3], step.layer)
    n, place = divmod(column, oh * ow)
    return n, *divmod(place, ow)


def at_window(values: Values, step: Step, column: int) -> str:
    """``the window at row 12, column 12``, with the image where there are several."""
    n, p, q = window_of(values, step, column)
    image = f" of image {n}" if values.program.batch > 1 else ""
    return f"the window at row {p}, column {q}{image}"


def _pad(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, Pad2D)
    h, w = values.program.arrays[step.inputs[0]].shape[2:]
    inside = op.top <= index[2] < op.top + h and op.left <= index[3] < op.left + w
    here = (
        f"Pixel ({index[2] - op.top}, {index[3] - op.left}) of the image is at ({index[2]}, {index[3]}) now."
        if inside
        else f"({index[2]}, {index[3]}) is in the border: it is {op.value:g} and comes from no pixel."
    )
    return (
        f"A border of {op.value:g} goes around the image, so that a window can sit over the edge. {here} {h}×{w} "
        f"becomes {step.shape[2]}×{step.shape[3]}."
    )


def _im2col(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, Im2Col)
    kh, kw = op.window.kernel
    shape = values.program.arrays[step.inputs[0]].shape
    channels = f"{shape[1]} channels of " if shape[1] > 1 else ""
    per = step.shape[1] // values.program.arrays[step.output].column_blocks
    below, right = op.window.uncovered(shape[2], shape[3])
    rest = ""
    if below or right:
        rest = f" The stride does not divide: {below} rows and {right} columns at the edge are in no window."
    return (
        f"Column {index[1]} is {at_window(values, step, index[1])}: its {channels}{kh}×{kw} cells, row by row, "
        f"{step.shape[0]} in all. {per:,} windows make {per:,} columns. Neighbouring windows overlap, so a pixel is "
        f"copied up to {kh * kw} times.{rest}"
    )


def _stretch(values: Values, step: Step, index: Index) -> str:
    shape = values.program.arrays[step.inputs[0]].shape
    return (
        f"Row {index[0]} of {WROW} is filter {index[0]} laid flat: {'×'.join(map(str, shape[1:]))} weights, "
        f"{step.shape[1]} in a row, in the order in which im2col lays out a window. Nothing is computed."
    )


def _filter_product(values: Values, step: Step, index: Index) -> str:
    f, column = index
    op = step.op
    assert isinstance(op, FilterProduct)
    group = ""
    if op.groups > 1:
        rows = step.op.reads(values.program.in_shapes(step), step.shape, index)[1][:, 0]
        group = f" Of the column the filter sees rows {rows[0]}–{rows[-1]}, those of its group."
    return (
        f"Row {f} of {WROW} is filter {f} laid flat. Column {column} of {XCOL} is {at_window(values, step, column)}. "
        f"Their dot product is one output cell.{group} The filter is not flipped: this is cross-correlation, as in "
        "every framework."
    )


def _row_bias(values: Values, step: Step, index: Index) -> str:
    f = index[0]
    bias = values.value(step.inputs[1], (f,))
    product, end = apart(values, step, index, values.value(step.inputs[0], index))
    return (
        f"Filter {f} has one bias, {format_value(bias)}, which is added at all of its map's places. Here: {product} + "
        f"{after(bias)} = {end}."
    )


def _fold(values: Values, step: Step, index: Index) -> str:
    n, f, p, q = index
    column = (n * step.shape[2] + p) * step.shape[3] + q
    return (
        f"Row {f} of {ZROW} is cut into {step.shape[2]} rows of {step.shape[3]} and becomes map {f}: column {column} "
        f"goes to ({p}, {q}). Nothing is computed, the same numbers are only read in another shape."
    )


def _unfold(values: Values, step: Step, index: Index) -> str:
    f, column = index
    _, p, q = window_of(values, step, column)
    return f"Map {f} of the gradient is laid flat as row {f} of {D_ZROW}: ({p}, {q}) goes to column {column}."


def _sum_rows(values: Values, step: Step, index: Index) -> str:
    count = values.program.arrays[step.inputs[0]].shape[1]
    return (
        f"The bias of filter {index[0]} was added at {count:,} places, so its gradient is the sum of row {index[0]} "
        "over all of them."
    )


def _filter_gradient(values: Values, step: Step, index: Index) -> str:
    f, k = index
    count = values.program.arrays[step.inputs[0]].shape[1]
    im2col = im2col_of(values.program, step.layer)
    cell = ""
    if im2col is not None and isinstance(im2col.op, Im2Col):
        kh, kw = im2col.op.window.kernel
        c, rest = divmod(k, kh * kw)
        i, j = divmod(rest, kw)
        channel = f" of channel {c}" if step.shape[1] > kh * kw else ""
        cell = f" (row {i}, column {j}{channel})"
    return (
        f"Weight {k}{cell} of filter {f} met row {k} of {XCOL}: one number a window. Each is multiplied with the "
        f"gradient of what the filter made of that window, and all {count:,} are added up."
    )


def _column_gradient(values: Values, step: Step, index: Index) -> str:
    k, column = index
    filters = len(step.op.reads(values.program.in_shapes(step), step.shape, index)[0])
    return (
        f"Cell {k} of {at_window(values, step, column)} met {filters} filter{plural(filters)}. Going back, each "
        f"filter's gradient there (column {column} of {D_ZROW}) comes through the same weight (column {k} of {WROW}), "
        "and they add up."
    )


def _col2im(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, Col2Im)
    kh, kw = op.window.kernel
    reads = step.op.reads(values.program.in_shapes(step), step.shape, index)[0]
    return (
        f"A pixel was copied into up to {kh * kw} windows, so its gradient is the sum of all of them: that is why it "
        f"is += and not =. On ({index[2]}, {index[3]}) of {D_XPAD} {len(reads)} column{'s' if len(reads) != 1 else ''} "
        f"of {D_XCOL} land."
    )


def _crop(values: Values, step: Step, index: Index) -> str:
    return (
        "The border was never part of the image: its gradient is cut off. Below, the same gradient in another way: dZ "
        "slid under the filters turned by 180° and summed over all of them. That is a true convolution; col2im adds "
        "the same products in another order."
    )


CONVOLUTION: Texts = (
    (Pad2D, _pad),
    (Im2Col, _im2col),
    (Stretch, _stretch),
    (FilterProduct, _filter_product),
    (AddRowBias, _row_bias),
    (FoldMaps, _fold),
    (UnfoldMaps, _unfold),
    (SumRows, _sum_rows),
    (FilterGradient, _filter_gradient),
    (ColumnGradient, _column_gradient),
    (Col2Im, _col2im),
    (Crop2D, _crop),
)
