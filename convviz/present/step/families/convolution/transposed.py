"""Words for a transposed convolution.

Its forward pass is how a convolution's gradient goes back, and its backward pass is a convolution: the same ops in
other places of a program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from convviz.core.ops.conv import Col2Im, Im2Col, Pad2D
from convviz.core.ops.filter_product import ColumnGradient, FilterGradient, FilterProduct
from convviz.core.ops.reshape import FoldMaps, UnfoldMaps
from convviz.core.ops.transposed import Trim2D
from convviz.core.program import Phase, Program, Step
from convviz.present.numbers import format_value
from convviz.present.step.presentation import InPlace
from convviz.present.step.sentence import OutputCell
from convviz.present.step.stage import window_of_layer
from convviz.present.step.values import short
from convviz.present.transposed import is_transposed
from convviz.present.window_words import most_windows
from convviz.present.words import all_of, counted

TITLES: Mapping[type, str] = MappingProxyType(
    {
        UnfoldMaps: "Every map is laid out as one row",
        ColumnGradient: "Every cell multiplies its filters, one for each output map",
        Col2Im: "col2im adds every cell's filters where they lie",
        Im2Col: "Every cell collects the gradient of what its filters were put on",
        FilterProduct: "A cell's gradient: what its filters were put on, times the filters",
        FilterGradient: "A weight's gradient: the cells that it met, times the gradient of what it made",
        FoldMaps: "Every row is folded into the gradient of a map",
    }
)
FORMULAS: Mapping[type, str] = MappingProxyType(
    {
        UnfoldMaps: r"X_{row}[f,\; (n, p, q)] = X[n, f, p, q]",
        ColumnGradient: r"Z_{col} = W_{row}^{T} \cdot X_{row}",
        Col2Im: r"Z = \sum_p \mathrm{fold}(Z_{col}[:, p])",
        Im2Col: r"dZ_{col}[(c, i, j),\; (n, p, q)] = dZ[n, c,\; p S + i D,\; q S + j D]",
        FilterProduct: r"dX_{row} = W_{row} \cdot dZ_{col}",
        FilterGradient: r"dW_{row} = X_{row} \cdot dZ_{col}^{T}",
        FoldMaps: r"dX[n, f, p, q] = dX_{row}[f,\; (n, p, q)]",
    }
)
Sentence = Callable[[OutputCell[Any]], str]


def either(usual: Sentence, transposed: Sentence) -> Sentence:
    """Make a sentence that is one of these two, depending on the kind of layer."""

    def sentence(cell: OutputCell[Any]) -> str:
        return (transposed if is_transposed(cell.program, cell.step.layer) else usual)(cell)

    return sentence


def title(program: Program, step: Step) -> str:
    """The title of a step of a transposed convolution; empty in other layers."""
    return TITLES.get(type(step.op), "") if is_transposed(program, step.layer) else ""


def formula(usual: InPlace | None = None) -> InPlace:
    """Make a formula for a step of a transposed convolution; in other layers it is the usual one."""

    def found(program: Program, step: Step) -> str:
        if is_transposed(program, step.layer):
            return FORMULAS.get(type(step.op), "")
        return "" if usual is None else usual(program, step)

    return found


def place_of(cell: OutputCell[Any], column: int) -> str:
    """``cell (2, 3)``, with the image if there are several."""
    maps = next(s for s in cell.program.steps if s.layer == cell.step.layer and isinstance(s.op, UnfoldMaps))
    h, w = cell.program.arrays[maps.inputs[0]].shape[2:]
    n, place = divmod(column, h * w)
    image = f" of image {n}" if cell.program.batch > 1 else ""
    return f"cell ({place // w}, {place % w}){image}"


def tap(cell: OutputCell[Any], row: int) -> tuple[int, int, int]:
    """What a row of the column matrix stands for: the output map, and the row and column of its filter."""
    window = window_of_layer(cell.program, cell.step.layer)
    kh, kw = window.kernel if window is not None else (1, 1)
    f, rest = divmod(row, kh * kw)
    return f, *divmod(rest, kw)


def unfold(cell: OutputCell[UnfoldMaps]) -> str:
    """A cell of the input in its row."""
    f, column = cell.index
    return (
        f"Map {f} is laid flat as row {f}: {place_of(cell, column)} is column {column}. Nothing is computed: the same "
        "numbers are only read in another shape."
    )


def column_gradient(cell: OutputCell[ColumnGradient]) -> str:
    """What a cell puts down at one place of its filters."""
    row, column = cell.index
    f, i, j = tap(cell, row)
    met = len(cell.reads()[0])
    together = ", added up over its maps" if met > 1 else ""
    return (
        f"Column {column} is what {place_of(cell, column)} puts down. Row {row} is place ({i}, {j}) of the filter for "
        f"output map {f}: {counted(met, 'input map')}, each the cell times its own weight there{together}. A "
        "convolution's gradient goes back to its input in just this way."
    )


def col2im(cell: OutputCell[Col2Im]) -> str:
    """An output cell, on which filters overlap."""
    op, index = cell.op, cell.index
    landing = len(cell.reads()[0])
    (kh, kw), (sh, sw) = op.window.kernel, op.window.stride
    most = most_windows(op.window, cell.shape[2], cell.shape[3])
    apart = f"{sh}" if sh == sw else f"{sh}×{sw}"
    overlap = (
        f"They overlap, up to {most:,} on a cell, and what overlaps adds up: += and not =."
        if most > 1
        else "They don't overlap, so here += is the same as =."
    )
    here = f"({index[2]}, {index[3]}) of map {index[1]}"
    many = f"{counted(landing, 'column')} land{'s' if landing == 1 else ''} on {here}".capitalize()
    lands = many if landing else f"None lands on {here}, which is 0"
    return f"Neighbouring cells put their {kh}×{kw} filters {apart} apart. {overlap} {lands}."


def trim(cell: OutputCell[Trim2D]) -> str:
    """A cell of maps whose edges are cut off."""
    h, w = cell.given(0).shape[2:]
    _, _, y, x = cell.index
    op = cell.op
    return (
        f"Cell ({y + op.top}, {x + op.left}) is at ({y}, {x}) now: {h}×{w} becomes {cell.shape[2]}×{cell.shape[3]}. "
        "What is cut off goes no further."
    )


def pad_back(cell: OutputCell[Pad2D]) -> str:
    """The gradient of maps whose edges were cut off."""
    op, (_, _, y, x) = cell.op, cell.index
    h, w = cell.given(0).shape[2:]
    if op.top <= y < op.top + h and op.left <= x < op.left + w:
        return f"The gradient of ({y - op.top}, {x - op.left}) belongs to ({y}, {x}), from where the cell was taken."
    return f"({y}, {x}) was cut off, so it had no part in the loss: its gradient is 0."


def im2col(cell: OutputCell[Im2Col]) -> str:
    """A column gathers the gradients of the cells on which its filter was put."""
    row, column = cell.index
    f, i, j = tap(cell, row)
    (at,) = (tuple(int(n) for n in cells[0]) for cells in cell.reads())
    return (
        f"Column {column} has the gradients that come back to {place_of(cell, column)}: place ({i}, {j}) of its filter "
        f"for map {f} was put on ({at[2]}, {at[3]}), so this one comes from there. The way back is an ordinary "
        "convolution's way forward."
    )


def filter_product(cell: OutputCell[FilterProduct]) -> str:
    """The gradient of an input cell."""
    f, column = cell.index
    return (
        f"{place_of(cell, column).capitalize()}, map {f}, multiplied {all_of(len(cell.reads()[0]), 'weight')} of its "
        f"filters. Each of them times the gradient of the output cell that it reached, in column {column}, summed, is "
        "its gradient."
    )


def filter_gradient(cell: OutputCell[FilterGradient]) -> str:
    """The gradient of a weight."""
    f, k = cell.index
    row = int(cell.reads()[1][0][0])
    out, i, j = tap(cell, row)
    return (
        f"Weight ({i}, {j}) of the filter from input map {f} to output map {out} (number {k} of row {f}) multiplied "
        f"every cell of that input map. Each cell times the gradient of the output cell that it reached, summed over "
        f"{all_of(len(cell.reads()[0]), 'cell')}, is the gradient."
    )


def map_bias(cell: OutputCell[Any]) -> str:
    """A cell and the bias of its map."""
    f = cell.index[1]
    value = cell.values.value(cell.step.inputs[1], (f,))
    sums = cell.added(cell.values.value(cell.step.inputs[0], cell.index), value)
    return f"Map {f} has one bias, {format_value(value)}, which is added at every place of it. Here: {sums}."


def pad_title(_program: Program, step: Step) -> str:
    """The title of a backward step that puts a trimmed border back; empty for a forward step."""
    return "What was cut off gets no gradient" if step.phase is Phase.BACKWARD else ""


def pad_formula(_program: Program, step: Step) -> str:
    """The formula of a backward step that puts a trimmed border back; empty for a forward step."""
    return r"dX[y, x] = dA[y - P,\; x - P]" if step.phase is Phase.BACKWARD else ""


def fold(cell: OutputCell[FoldMaps]) -> str:
    """The gradient of an input cell, from its row."""
    _, f, p, q = cell.index
    return f"Row {f} of {short(cell.step.inputs[0])} is folded into the gradient of map {f}: here is cell ({p}, {q})."
