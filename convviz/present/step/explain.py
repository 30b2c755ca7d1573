"""What a step does, in plain sentences with its own numbers in them."""

# ruff: noqa: ARG001 (all sentences are asked in the same way)

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.activation import Relu, ReluGrad
from convviz.core.ops.conv import Col2Im, Crop2D, Im2Col, Pad2D
from convviz.core.ops.dense import (
    AddUnitBias,
    DenseInputGradient,
    DenseProduct,
    DenseWeightGradient,
    SumImages,
)
from convviz.core.ops.dropout import Dropout, DropoutGrad
from convviz.core.ops.filter_product import AddRowBias, ColumnGradient, FilterGradient, FilterProduct, SumRows
from convviz.core.ops.loss import CrossEntropy, MeanLoss, MeanLossGrad, Softmax, SoftmaxGrad
from convviz.core.ops.max_pool import MaxPool2D
from convviz.core.ops.reshape import Flatten, FoldMaps, Reshape, Stretch, UnfoldMaps
from convviz.core.ops.update import SgdUpdate
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.listing import label
from convviz.present.step.stage import im2col_of
from convviz.present.step.values import Values, short

WROW, XCOL, ZROW = "W<sub>row</sub>", "X<sub>col</sub>", "Z<sub>row</sub>"
D_WROW, D_XCOL, D_ZROW = "dW<sub>row</sub>", "dX<sub>col</sub>", "dZ<sub>row</sub>"
D_XPAD = "dX<sub>pad</sub>"


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def explain(values: Values, step: Step, index: Index) -> str:
    """Sentences about cell ``index`` of a step's output, as simple HTML (``<sub>`` and ``<sup>`` only)."""
    make = next((make for kind, make in _TEXTS if isinstance(step.op, kind)), None)
    return make(values, step, index) if make is not None else _any(values, step, index)


def _any(values: Values, step: Step, index: Index) -> str:
    """For ops without sentences of their own: what the cell is computed from."""
    reads = step.op.reads(values.program.in_shapes(step), step.shape, index)
    parts = []
    for name, cells in zip(step.inputs, reads, strict=False):
        if len(cells) == 1:
            at = tuple(int(i) for i in cells[0])
            parts.append(f"{label(name, at)} = {format_value(values.value(name, at))}")
        elif len(cells):
            parts.append(f"{len(cells):,} cells of {short(name)}")
    value = format_value(values.value(step.output, index))
    origin = f" from {', '.join(parts)}" if parts else ""
    return f"{step.op.title}. {label(step.output, index)} = {value} is computed{origin}."


def _dropout(values: Values, step: Step, index: Index) -> str:
    given, factor, made = (values.value(name, index) for name in (*step.inputs[:2], step.output))
    share = float((values.stored(step.inputs[1]) == 0).mean())
    what = (
        f"This one falls silent: {format_value(given)} becomes 0."
        if factor == 0
        else f"This one speaks: {format_value(given)} · {format_value(factor)} = {format_value(made)}."
    )
    return f"{what} {share:.0%} of the units are silent in this pass; the others are scaled up to make up for it."


def _dropout_grad(values: Values, step: Step, index: Index) -> str:
    given, factor, made = (values.value(name, index) for name in (*step.inputs[:2], step.output))
    if factor == 0:
        return "The unit was silent in the forward pass and had no part in the loss: its gradient is 0."
    return (
        f"The unit spoke, scaled by {format_value(factor)}, and so is its gradient: {format_value(given)} · "
        f"{format_value(factor)} = {format_value(made)}."
    )


def _max_pool(values: Values, step: Step, index: Index) -> str:
    cells = step.op.reads(values.program.in_shapes(step), step.shape, index)[0]
    (y0, x0), (y1, x1) = cells[:, 2:].min(axis=0), cells[:, 2:].max(axis=0)
    value = format_value(values.value(step.output, index))
    given, made = values.program.arrays[step.inputs[0]].shape[2:], step.shape[2:]
    return (
        f"Of the {len(cells)} cells in rows {y0}–{y1} and columns {x0}–{x1} the largest, {value}, stays. "
        f"A map of {given[0]}×{given[1]} becomes one of {made[0]}×{made[1]}. The backward pass will send its gradient "
        "to that one cell; of equal ones to the first."
    )


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
        f"A border of {op.value:g} goes around the image, so that a window can sit over the edge. {here} "
        f"{h}×{w} becomes {step.shape[2]}×{step.shape[3]}."
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
    return (
        f"Row {f} of {WROW} is filter {f} laid flat. Column {column} of {XCOL} is {at_window(values, step, column)}. "
        "Their dot product is one output cell. The filter is not flipped: this is cross-correlation, as in every "
        "framework."
    )


def _row_bias(values: Values, step: Step, index: Index) -> str:
    f = index[0]
    bias = values.value(step.inputs[1], (f,))
    return f"Filter {f} has one bias, {format_value(bias)}. It is added at all of its map's places."


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


def _relu(values: Values, step: Step, index: Index) -> str:
    z = values.value(step.inputs[0], index)
    share = float((values.stored(step.inputs[0]) > 0).mean())
    what = f"{format_value(z)} is positive and stays" if z > 0 else f"{format_value(z)} becomes 0"
    return f"{what[0].upper()}{what[1:]}. {share:.0%} of this layer's units are active in this pass."


def _relu_grad(values: Values, step: Step, index: Index) -> str:
    a = values.value(step.inputs[1], index)
    share = float((values.stored(step.inputs[1]) > 0).mean())
    what = (
        f"The unit was active ({format_value(a)} &gt; 0), so its gradient passes unchanged."
        if a > 0
        else "The unit was off, so a small change of z would not have changed its output: its gradient is 0."
    )
    return f"{what} The mask of the forward pass lets {share:.0%} of the gradients through."


def _flatten(values: Values, step: Step, index: Index) -> str:
    _, c, h, w = values.program.arrays[step.inputs[0]].shape
    channel, rest = divmod(index[1], h * w)
    y, x = divmod(rest, w)
    return (
        f"Feature {index[1]:,} is cell ({y}, {x}) of map {channel}: {channel}·{h * w} + {y}·{w} + {x}. "
        f"{c} maps of {h}×{w} make {step.shape[1]:,} features. Nothing is computed."
    )


def _reshape(values: Values, step: Step, index: Index) -> str:
    given = "×".join(f"{n:,}" for n in values.program.arrays[step.inputs[0]].shape)
    made = "×".join(f"{n:,}" for n in step.shape)
    return f"The same numbers, {given} read as {made}. Nothing is computed."


def _dense(values: Values, step: Step, index: Index) -> str:
    features = values.program.arrays[step.inputs[1]].shape[0]
    x = values.stored(step.inputs[0])[index[0]]
    return (
        f"Unit {index[1]} has one weight for each of the {features:,} features. The sum of all {features:,} products "
        f"is its score. {int((x == 0).sum()):,} of the features are zero here and add nothing."
    )


def _unit_bias(values: Values, step: Step, index: Index) -> str:
    bias = values.value(step.inputs[1], (index[1],))
    return f"Unit {index[1]} adds its bias, {format_value(bias)}, whatever the image."


def _softmax(values: Values, step: Step, index: Index) -> str:
    row = values.array(step.inputs[0])[index[0]]
    best = int(np.argmax(row))
    p = values.value(step.output, (index[0], best))
    return (
        f"m is the largest score, {format_value(float(row.max()))} of class {best}; taking it away keeps e<sup>z</sup> "
        f"from overflowing and changes nothing else. Class {best} gets {p:.1%}. The {len(row)} probabilities sum to 1."
    )


def _cross_entropy(values: Values, step: Step, index: Index) -> str:
    label = int(values.array(step.inputs[1])[index[0]])
    op = step.op
    assert isinstance(op, CrossEntropy)
    loss = values.value(step.output, index)
    p = values.value(op.probabilities, (index[0], label))
    best = float(np.log(values.program.arrays[step.inputs[0]].shape[1]))
    return (
        f"The true class is {label}; the network gave it {p:.1%}. −log({format_value(p)}) = {format_value(loss)}. "
        f"Guessing blindly would cost {format_value(best)}. It is computed from the scores, since log of a p "
        "rounded to 0 would be −∞."
    )


def _mean(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, MeanLoss)
    images = "one image" if op.divisor == 1 else f"{op.divisor} images"
    return f"The loss of the pass: the mean over {images}. This is the number that training makes smaller."


def _mean_grad(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, MeanLossGrad)
    return f"The backward pass begins: the loss is 1/{op.divisor} of each image's loss, so each gets 1/{op.divisor}."


def _softmax_grad(values: Values, step: Step, index: Index) -> str:
    n, k = index
    label = int(values.array(step.inputs[1])[n])
    p = values.value(step.inputs[0], (n, k))
    if k == label:
        return f"{k} is the true class: said {format_value(p)}, wanted 1. A negative gradient pushes its score up."
    return f"Class {k} is wrong here: said {format_value(p)}, wanted 0. A positive gradient pushes its score down."


def _sum_images(values: Values, step: Step, index: Index) -> str:
    n = values.program.arrays[step.inputs[0]].shape[0]
    images = "the one image" if n == 1 else f"all {n} images"
    return f"The bias of unit {index[0]} was added for every image, so its gradient is the sum over {images}."


def _dense_weight(values: Values, step: Step, index: Index) -> str:
    i, o = index
    n = values.program.arrays[step.inputs[0]].shape[0]
    x = values.value(step.inputs[0], (0, i))
    sums = "" if n == 1 else f", summed over {n} images"
    zero = " The feature is 0, so this weight had no part in the result and gets no gradient." if x == 0 else ""
    return f"The gradient of weight ({i}, {o}): its feature {i:,} times the error of its unit {o}{sums}.{zero}"


def _dense_input(values: Values, step: Step, index: Index) -> str:
    units = values.program.arrays[step.inputs[0]].shape[1]
    return (
        f"Feature {index[1]:,} reached all {units} units, each through its own weight. Going back, each unit's error "
        "comes along the same weight, and they add up."
    )


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
    filters = values.program.arrays[step.inputs[0]].shape[0]
    return (
        f"Cell {k} of {at_window(values, step, column)} met {filters} filters. Going back, each filter's gradient "
        f"there (column {column} of {D_ZROW}) comes through the same weight (column {k} of {WROW}), and they add up."
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
        "The border was never part of the image: its gradient is cut off. Below, the same gradient in another "
        "way: dZ slid under the filters turned by 180° and summed over all of them. That is a true convolution; "
        "col2im adds the same products in another order."
    )


def _sgd(values: Values, step: Step, index: Index) -> str:
    weight, gradient, rate = (values.value(step.inputs[i], index if i < 2 else ()) for i in range(3))
    way = "up" if gradient < 0 else "down"
    if gradient == 0:
        return "This weight's gradient is 0: it stays as it is."
    return (
        f"The gradient is {'negative' if gradient < 0 else 'positive'}, so the weight goes {way}: "
        f"{format_value(weight)} − {format_value(rate)} · {format_value(gradient)} = "
        f"{format_value(values.value(step.output, index))}."
    )


_TEXTS: tuple[tuple[type, Callable[[Values, Step, Index], str]], ...] = (
    (Pad2D, _pad),
    (Im2Col, _im2col),
    (Stretch, _stretch),
    (FilterProduct, _filter_product),
    (AddRowBias, _row_bias),
    (FoldMaps, _fold),
    (UnfoldMaps, _unfold),
    (Relu, _relu),
    (ReluGrad, _relu_grad),
    (MaxPool2D, _max_pool),
    (Dropout, _dropout),
    (DropoutGrad, _dropout_grad),
    (Flatten, _flatten),
    (Reshape, _reshape),
    (DenseProduct, _dense),
    (AddUnitBias, _unit_bias),
    (Softmax, _softmax),
    (CrossEntropy, _cross_entropy),
    (MeanLoss, _mean),
    (MeanLossGrad, _mean_grad),
    (SoftmaxGrad, _softmax_grad),
    (SumImages, _sum_images),
    (DenseWeightGradient, _dense_weight),
    (DenseInputGradient, _dense_input),
    (SumRows, _sum_rows),
    (FilterGradient, _filter_gradient),
    (ColumnGradient, _column_gradient),
    (Col2Im, _col2im),
    (Crop2D, _crop),
    (SgdUpdate, _sgd),
)
