"""Sentences about one cell in the steps of a convolution."""

from __future__ import annotations

from typing import Any

from convviz.core.ops.conv import Col2Im, Im2Col, Pad2D
from convviz.core.ops.filter_product import FilterProduct
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.families.convolution.pictures import flipped_parts
from convviz.present.step.families.convolution.strongest import channel_sums, strongest_channel
from convviz.present.step.families.convolution.zero_column import why_zero
from convviz.present.step.sentence import OutputCell, all_images
from convviz.present.step.stage import window_of_layer, windows_of
from convviz.present.step.values import Values, short
from convviz.present.window_words import missed_words, most_windows
from convviz.present.words import all_of, counted, lines


def window_of(values: Values, step: Step, column: int) -> tuple[int, int, int]:
    """The window that a column of the layer's ``X_col`` holds: image ``n``, output row ``p``, output column ``q``."""
    found = windows_of(values.program, step.layer)
    if found is None:
        return 0, 0, column
    window, shape = found
    oh, ow = window.places(shape[2], shape[3], step.layer)
    n, place = divmod(column, oh * ow)
    return n, *divmod(place, ow)


def at_window(cell: OutputCell[Any], column: int) -> str:
    """``the window at row 12, column 12``, with the image if there are several."""
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
        f"Cell ({index[2] - op.top}, {index[3] - op.left}) is at ({index[2]}, {index[3]}) now."
        if inside
        else f"({index[2]}, {index[3]}) is in the border: it is {op.value:g} and comes from no cell."
    )
    return (
        f"A border of {op.value:g} lets a window sit over the edge: {border_words(op)}. {here} {h}×{w} becomes "
        f"{cell.shape[2]}×{cell.shape[3]}."
    )


def border_words(op: Pad2D) -> str:
    """``1 cell at every side``; ``1 cell at the bottom and 2 cells at the right``."""
    sides = dict(zip(("top", "bottom", "left", "right"), op.border, strict=True))
    if len(set(sides.values())) == 1:
        return f"{counted(op.top, 'cell')} at every side"
    *first, last = [f"{counted(width, 'cell')} at the {side}" for side, width in sides.items() if width]
    return f"{', '.join(first)} and {last}" if first else last


def im2col(cell: OutputCell[Im2Col]) -> str:
    """A cell of the column of a window."""
    op = cell.op
    index = cell.index
    kh, kw = op.window.kernel
    shape = cell.given(0).shape
    channels = f"{shape[1]} channels of " if shape[1] > 1 else ""
    name = short(cell.step.inputs[0])
    windows = counted(cell.spec.places, "window")
    columns = counted(cell.shape[1], "column")
    made = f"{windows} an image, and {columns}" if cell.program.batch > 1 else f"{windows}, {columns}"
    most = most_windows(op.window, shape[2], shape[3])
    copies = (
        f"Windows overlap, so a cell of {name} is copied up to {most:,} times."
        if most > 1
        else f"No two windows overlap, so no cell of {name} is copied twice."
    )
    ground = why_zero(cell.values, cell.step.output, index[1])
    zeros = f" All of them are 0: this window lies wholly on {ground}." if ground else ""
    missed = missed_words(op.window, shape[2], shape[3])
    rest = f" No window covers {missed}." if missed else ""
    return (
        f"Column {index[1]} is {at_window(cell, index[1])}: its {channels}{counted_cells(kh, kw)}, row by row, "
        f"{cell.shape[0]} in all.{zeros} There are {made}. {copies}{rest}"
    )


def counted_cells(rows: int, columns: int) -> str:
    """``3×3 cells``, ``1×1 cell``."""
    return f"{rows}×{columns} cell{'' if rows * columns == 1 else 's'}"


def stretch(cell: OutputCell[Any]) -> str:
    """A weight in the row of its filter."""
    index = cell.index
    shape = cell.given(0).shape
    return (
        f"Row {index[0]} of {short(cell.step.output)} is filter {index[0]} laid flat: {'×'.join(map(str, shape[1:]))}, "
        f"{counted(cell.shape[1], 'weight')} in a row, in the order in which im2col lays out a window. Nothing is "
        "computed."
    )


def filter_product(cell: OutputCell[FilterProduct]) -> str:
    """The product of a filter and a window."""
    op = cell.op
    f, column = cell.index
    group = most = ""
    channels, sums = channel_sums(cell)
    ground = why_zero(cell.values, cell.step.inputs[1], column)
    if ground:
        most = f" The window lies wholly on {ground}: all of the column is 0, and so is every filter's product with it."
    elif len(channels) > 1:
        strongest = strongest_channel(cell)["channel"]
        added = format_value(float(sums[channels == strongest][0]))
        most = f" Of its {len(channels)} channels number {strongest} adds most, {added}."
        if not sums.any():
            most = f" Each of its {len(channels)} channels adds 0."
    if op.groups > 1:
        rows = cell.reads()[1][:, 0]
        group = f" Of the column, the filter sees {lines(rows.tolist(), 'row')}, of its group."
    return (
        f"Row {f} of {short(cell.step.inputs[0])} is filter {f} laid flat. Column {column} of "
        f"{short(cell.step.inputs[1])} is {at_window(cell, column)}. "
        f"Their dot product is one output cell.{group}{most} The filter is not flipped: this is cross-correlation, as "
        "in "
        "every framework."
    )


def row_bias(cell: OutputCell[Any]) -> str:
    """A product and the bias of its filter."""
    index = cell.index
    f = index[0]
    bias = cell.values.value(cell.step.inputs[1], (f,))
    sums = cell.added(cell.values.value(cell.step.inputs[0], cell.index), bias)
    return f"Filter {f} has one bias, {format_value(bias)}, which is added at every place of its map. Here: {sums}."


def fold(cell: OutputCell[Any]) -> str:
    """A cell of a map, from its row."""
    n, f, p, q = cell.index
    column = (n * cell.shape[2] + p) * cell.shape[3] + q
    image, goes = (f" of every image, {n} here", f"({p}, {q}) of image {n}") if cell.program.batch > 1 else ("", "")
    return (
        f"Row {f} of {short(cell.step.inputs[0])} is cut into {counted(cell.shape[2], 'row')} of {cell.shape[3]:,} "
        f"and becomes map {f}"
        f"{image}: column {column} goes to {goes or f'({p}, {q})'}. Nothing is computed: the same numbers are only "
        "read in another shape."
    )


def unfold(cell: OutputCell[Any]) -> str:
    """A cell of a row, from its map."""
    f, column = cell.index
    n, p, q = window_of(cell.values, cell.step, column)
    image = f" of image {n}" if cell.program.batch > 1 else ""
    name = short(cell.step.output)
    return f"Map {f} of the gradient is laid flat as row {f} of {name}: ({p}, {q}){image} goes to column {column}."


def sum_rows(cell: OutputCell[Any]) -> str:
    """The gradient of a filter's bias."""
    index = cell.index
    count = cell.given(0).shape[1]
    return (
        f"The bias of filter {index[0]} was added at {counted(count, 'place')}{all_images(cell)}, so its gradient is "
        f"the sum of row {index[0]} of {short(cell.step.inputs[0])}."
    )


def filter_gradient(cell: OutputCell[Any]) -> str:
    """The gradient of a weight."""
    f, k = cell.index
    count = cell.given(0).shape[1]
    seen = int(cell.reads()[1][0][0])
    window = window_of_layer(cell.program, cell.step.layer)
    where = ""
    if window is not None:
        kh, kw = window.kernel
        c, rest = divmod(k, kh * kw)
        i, j = divmod(rest, kw)
        c += (seen - k) // (kh * kw)  # with several groups, a filter sees its own channels only
        channel = f" of channel {c}" if cell.given(1).shape[0] > kh * kw else ""
        where = f" (row {i}, column {j}{channel})"
    return (
        f"Weight {k}{where} of filter {f} was multiplied by row {seen} of {short(cell.step.inputs[1])}, which has one "
        "number per window. Each number times the gradient of the filter's output for that window, summed over "
        f"{all_of(count, 'window')}, is the gradient."
    )


def column_gradient(cell: OutputCell[Any]) -> str:
    """The gradient of a cell of a window."""
    k, column = cell.index
    met = cell.reads()[0]
    weight = int(met[0][1])
    return (
        f"Cell {k} of {at_window(cell, column)} met {counted(len(met), 'filter')}. Going back, each "
        f"filter's gradient there (column {column} of {short(cell.step.inputs[1])}) comes through the same weight "
        f"(column {weight} of "
        f"{short(cell.step.inputs[0])}){', and they add up' if len(met) > 1 else ''}."
    )


def col2im(cell: OutputCell[Col2Im]) -> str:
    """The gradient of a pixel, summed over windows."""
    op = cell.op
    index = cell.index
    landing = len(cell.reads()[0])
    most = most_windows(op.window, cell.shape[2], cell.shape[3])
    copies = (
        f"A cell of {short(_laid_out(cell))} was copied into up to {most:,} windows, so its gradient is the sum over "
        "all that it is in: that is why it is += and not =."
        if most > 1
        else "No two windows overlap, so no cell gets more than one gradient: here += is the same as =."
    )
    lands = (
        f"{counted(landing, 'column')} of {short(cell.step.inputs[0])} land{'s' if landing == 1 else ''}"
        if landing
        else ("no column lands: no window covers it, and its gradient is 0")
    )
    return f"{copies} On ({index[2]}, {index[3]}) of {short(cell.step.output)} {lands}."


def _laid_out(cell: OutputCell[Col2Im]) -> str:
    """The array whose windows im2col laid out, and whose gradient this is."""
    steps = cell.program.steps
    found = (one.inputs[0] for one in steps if one.layer == cell.step.layer and isinstance(one.op, Im2Col))
    return next(found, cell.step.output)


def crop(cell: OutputCell[Any]) -> str:
    """The gradient of a pixel without the border."""
    cut = "The border was never part of the maps that came in: its gradient is cut off."
    if flipped_parts(cell.program, cell.step) is None:
        return cut
    return (
        f"{cut} Below, the same gradient in another way: d_z "
        "slid under the filters turned by 180° and summed over all of them. That is a true convolution; col2im adds "
        "the same products in another order."
    )
