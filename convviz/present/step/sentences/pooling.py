"""What the pooling steps do with one cell."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.avg_pool import AvgPool2D, AvgPool2DGrad, GlobalAverage, GlobalAverageGrad
from convviz.core.ops.max_pool import MaxPool2D, MaxPool2DGrad, WhichMax
from convviz.core.ops.pool import PoolOp
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.sentences.numbers import Texts, gathered, made, read, span
from convviz.present.step.values import Values


def _max(values: Values, step: Step, index: Index) -> str:
    numbers = gathered(values, step, index)
    ties = int((numbers == numbers.max()).sum())
    tie = f" {ties} of them are equal: the first counts." if ties > 1 else ""
    return (
        f"Of the {_window(values, step, index)} the largest, {made(values, step, index)}, stays.{tie} "
        f"{_sizes(values, step)} The backward pass will send the gradient to that one cell."
    )


def _which(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, PoolOp)
    numbers = gathered(values, step, index)
    top, k = values.value(step.inputs[1], index), int(values.value(step.output, index))
    found, places = op.field(values.program.in_shapes(step)[0], index)
    at = np.flatnonzero(places == k)
    where = f", the one at ({found[at[0]][2]}, {found[at[0]][3]})" if len(at) else ""
    ties = int((numbers == top).sum())
    tie = f" {ties} cells of the window hold it, and only the first gets the gradient." if ties > 1 else ""
    return (
        f"The largest of the {_window(values, step, index)} is {format_value(top)}. Counted row by row from 0, cell "
        f"{k} is the first that holds it{where}.{tie} That is what the backward pass has to know."
    )


def _max_grad(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, MaxPool2DGrad)
    found, places = op.windows(step.shape, index)
    here = f"Cell ({index[2]}, {index[3]})"
    if not len(found):
        return f"{here} is in no window, so it had no part in the loss: its gradient is 0."
    which = [int(values.value(step.inputs[1], tuple(int(i) for i in row))) for row in found]
    won = [row for row, k, number in zip(found, places, which, strict=True) if int(k) == number]
    if len(found) == 1:
        (_, _, p, q), k = found[0], int(places[0])
        window = f"the window at ({p}, {q})"
        if won:
            return (
                f"{here} is cell {k} of {window} and was its first maximum: the window's gradient "
                f"{made(values, step, index)} goes to it, all of it."
            )
        given = format_value(values.value(step.inputs[0], tuple(int(i) for i in found[0])))
        return (
            f"{here} is cell {k} of {window}, whose first maximum was cell {which[0]}: the gradient {given} goes "
            "there. A small change here would have changed nothing, so this gradient is 0."
        )
    times = "none" if not won else "1" if len(won) == 1 else str(len(won))
    rest = (
        f"their gradients add up to {made(values, step, index)}"
        if len(won) > 1
        else (f"its gradient {made(values, step, index)} goes to it" if won else "so its gradient is 0")
    )
    return f"{here} is in {len(found)} windows and was the first maximum of {times} of them: {rest}."


def _average(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, PoolOp)
    total = float(gathered(values, step, index).sum())
    return (
        f"The {_window(values, step, index)} add up to {format_value(total)}; {_part(op.size)} of it, "
        f"{made(values, step, index)}, is their mean. {_sizes(values, step)}"
    )


def _average_grad(values: Values, step: Step, index: Index) -> str:
    op = step.op
    assert isinstance(op, PoolOp)
    numbers = gathered(values, step, index)
    here = f"cell ({index[2]}, {index[3]})"
    if not len(numbers):
        return f"No window has {here}, so it had no part in the loss: its gradient is 0."
    if len(numbers) == 1:
        _, _, p, q = op.windows(step.shape, index)[0][0]
        return (
            f"All {op.size} cells of the window at ({p}, {q}) had an equal part in its mean, so its gradient is "
            f"shared: {here} gets {_part(op.size)}, {format_value(float(numbers[0]))} / {op.size} = "
            f"{made(values, step, index)}."
        )
    return (
        f"{here.capitalize()} is in {len(numbers)} windows, each of which shares its gradient among {op.size} cells. "
        f"Their gradients together are {format_value(float(numbers.sum()))}; {_part(op.size)} of that is "
        f"{made(values, step, index)}."
    )


def _global(values: Values, step: Step, index: Index) -> str:
    numbers = gathered(values, step, index)
    h, w = values.program.arrays[step.inputs[0]].shape[2:]
    return (
        f"All {len(numbers):,} cells of map {index[1]} ({h}×{w}) add up to {format_value(float(numbers.sum()))}, and "
        f"divided by {len(numbers):,} that is {made(values, step, index)}. One number says how much the map found; "
        "where it found it is forgotten."
    )


def _global_grad(values: Values, step: Step, index: Index) -> str:
    (given,) = read(values, step, index)
    count = step.shape[2] * step.shape[3]
    return (
        f"All {count:,} cells of map {index[1]} had an equal part in its mean, so each gets an equal share of the "
        f"gradient: {format_value(given)} / {count:,} = {made(values, step, index)}, the same everywhere in the map."
    )


def _window(values: Values, step: Step, index: Index) -> str:
    cells = step.op.reads(values.program.in_shapes(step), step.shape, index)[0]
    rows, columns = span(cells[:, 2].tolist()), span(cells[:, 3].tolist())
    return f"{len(cells)} cells in rows {rows} and columns {columns}"


def _sizes(values: Values, step: Step) -> str:
    given, now = values.program.arrays[step.inputs[0]].shape[2:], step.shape[2:]
    return f"A map of {given[0]}×{given[1]} becomes one of {now[0]}×{now[1]}."


def _part(count: int) -> str:
    return {1: "all", 2: "half", 3: "a third", 4: "a quarter"}.get(count, f"1/{count}")


POOLING: Texts = (
    (MaxPool2D, _max),
    (WhichMax, _which),
    (MaxPool2DGrad, _max_grad),
    (AvgPool2D, _average),
    (AvgPool2DGrad, _average_grad),
    (GlobalAverage, _global),
    (GlobalAverageGrad, _global_grad),
)
