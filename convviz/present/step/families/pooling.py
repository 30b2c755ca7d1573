"""Pooling, forward and back."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.adaptive_max import RegionMax, RegionMaxGrad, WhichRegionMax
from convviz.core.ops.avg_pool import AvgPool2D, AvgPool2DGrad, GlobalAverage, GlobalAverageGrad
from convviz.core.ops.edge_average import EdgeAverage, EdgeAverageGrad
from convviz.core.ops.max_pool import MaxPool2D, MaxPool2DGrad, WhichMax
from convviz.core.ops.pool import PoolOp
from convviz.core.program import Step
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell
from convviz.present.step.slices import ArraySlice
from convviz.present.step.values import Values
from convviz.present.words import all_of, counted, lines


def _max(cell: OutputCell[Any]) -> str:
    numbers = cell.gathered()
    ties = int((numbers == numbers.max()).sum())
    tie = f" {ties} of them are equal: the first counts." if ties > 1 else ""
    return (
        f"Of the {_window(cell)} the largest, {cell.made}, stays.{tie} "
        f"{_sizes(cell.values, cell.step)} The backward pass will send the gradient to that one cell."
    )


def _which(cell: OutputCell[PoolOp | WhichRegionMax]) -> str:
    numbers = cell.gathered()
    top, k = cell.values.value(cell.step.inputs[1], cell.index), int(cell.value)
    found, places = cell.op.field(cell.program.in_shapes(cell.step)[0], cell.index)
    at = np.flatnonzero(places == k)
    where = f", the one at ({found[at[0]][2]}, {found[at[0]][3]})" if len(at) else ""
    ties = int((numbers == top).sum())
    tie = f" {ties} cells of the {_word(cell)} hold it, and only the first gets the gradient." if ties > 1 else ""
    return (
        f"The largest of the {_window(cell)} is {format_value(top)}. Counted row by row from 0, cell "
        f"{k} is the first that holds it{where}.{tie} That is what the backward pass has to know."
    )


def _max_grad(cell: OutputCell[MaxPool2DGrad | RegionMaxGrad]) -> str:
    index, word = cell.index, _word(cell)
    found, places = cell.op.windows(cell.shape, cell.index)
    here = f"Cell ({index[2]}, {index[3]})"
    if not len(found):
        return f"{here} is in no {word}, so it had no part in the loss: its gradient is 0."
    which = [int(cell.values.value(cell.step.inputs[1], tuple(int(i) for i in row))) for row in found]
    won = [row for row, k, number in zip(found, places, which, strict=True) if int(k) == number]
    if len(found) == 1:
        (_, _, p, q), k = found[0], int(places[0])
        window = f"the {word} at ({p}, {q})"
        if won:
            return (
                f"{here} is cell {k} of {window} and was its first maximum: the {word}'s gradient "
                f"{cell.made} goes to it, all of it."
            )
        given = format_value(cell.values.value(cell.step.inputs[0], tuple(int(i) for i in found[0])))
        return (
            f"{here} is cell {k} of {window}, whose first maximum was cell {which[0]}: the gradient {given} goes "
            "there. A small change here would have changed nothing, so this gradient is 0."
        )
    times = "none" if not won else "1" if len(won) == 1 else str(len(won))
    rest = (
        f"their gradients add up to {cell.made}"
        if len(won) > 1
        else (f"its gradient {cell.made} goes to it" if won else "its gradient is 0")
    )
    return f"{here} is in {counted(len(found), word)} and was the first maximum of {times} of them: {rest}."


def _word(cell: OutputCell[Any]) -> str:
    """The word for what is pooled: a window that slides, or a region that the maps are divided into."""
    return "window" if cell.op.sliding is not None else "region"


def _average(cell: OutputCell[PoolOp]) -> str:
    total = float(cell.gathered().sum())
    return (
        f"The sum of the {_window(cell)} is {format_value(total)}; {_part(cell.op.size)} of it, "
        f"{cell.made}, is the mean. {_sizes(cell.values, cell.step)}"
    )


def _average_grad(cell: OutputCell[PoolOp]) -> str:
    op = cell.op
    index = cell.index
    numbers = cell.gathered()
    here = f"cell ({index[2]}, {index[3]})"
    if not len(numbers):
        return f"No window contains {here}, so it had no part in the loss: its gradient is 0."
    if len(numbers) == 1:
        _, _, p, q = op.windows(cell.shape, cell.index)[0][0]
        if op.size == 1:
            return (
                f"{here.capitalize()} is all of the window at ({p}, {q}), so it gets all of its gradient: {cell.made}."
            )
        return (
            f"Every cell of the window at ({p}, {q}), {op.size:,} in all, had an equal part in its mean, so its "
            "gradient "
            f"is shared: {here} gets {_part(op.size)}, {format_value(float(numbers[0]))} / {op.size} = "
            f"{cell.made}."
        )
    return (
        f"{here.capitalize()} is in {counted(len(numbers), 'window')}, each of which shares its gradient among "
        f"{counted(op.size, 'cell')}. "
        f"Their gradients together are {format_value(float(numbers.sum()))}; {_part(op.size)} of that is "
        f"{cell.made}."
    )


def _edge_average(cell: OutputCell[EdgeAverage]) -> str:
    maps, numbers = cell.given(0).shape, cell.gathered()
    count = cell.op.count(maps, cell.index)
    zeros = count - len(numbers)
    with_zeros = f", which with {counted(zeros, 'zero')} of the padding are {count:,}" if zeros else ""
    counting = f"{count:,} that count" if count > 1 else "one that counts"
    fewer = f" instead of {cell.op.size:,}" if count < cell.op.size else ""
    return (
        f"The sum of the {_window(cell)}{with_zeros} is {format_value(float(numbers.sum()))}. Divided by the "
        f"{counting}{fewer} it is {cell.made}. {_sizes(cell.values, cell.step)}"
    )


def _edge_average_grad(cell: OutputCell[EdgeAverageGrad]) -> str:
    op, index, numbers = cell.op, cell.index, cell.gathered()
    here = f"cell ({index[2]}, {index[3]})"
    found = [tuple(int(i) for i in row) for row in op.windows(cell.shape, index)[0]]
    if not found:
        return f"No window contains {here}, so it had no part in the loss: its gradient is 0."
    counts = [op.count(cell.shape, row) for row in found]
    if len(found) == 1:
        if counts[0] == 1:
            return (
                f"{here.capitalize()} was the only one that counted in the window at {found[0][2:]}, so it gets all of "
                f"its gradient: {cell.made}."
            )
        return (
            f"{here.capitalize()} was one of {counts[0]:,} that counted in the window at {found[0][2:]}, so its "
            f"gradient is shared: {format_value(float(numbers[0]))} / {counts[0]:,} = {cell.made}."
        )
    least, most = min(counts), max(counts)
    among = counted(most, "cell") if least == most else f"its {least:,} to {counted(most, 'cell')}"
    return (
        f"{here.capitalize()} is in {counted(len(found), 'window')}, each of which shares its "
        f"gradient among {among} that "
        f"counted. Together that is {cell.made}."
    )


def _global(cell: OutputCell[Any]) -> str:
    index = cell.index
    numbers = cell.gathered()
    h, w = cell.given(0).shape[2:]
    return (
        f"The sum over {all_of(len(numbers), 'cell')} of map {index[1]} ({h}×{w}) is "
        f"{format_value(float(numbers.sum()))}, and divided by {len(numbers):,} that is {cell.made}. One number says "
        "how much the map found; "
        "where it found it is forgotten."
    )


def _global_grad(cell: OutputCell[Any]) -> str:
    index = cell.index
    (given,) = cell.read()
    count = cell.shape[2] * cell.shape[3]
    return (
        f"Every cell of map {index[1]}, {count:,} in all, had an equal part in its mean, so each gets an equal share "
        "of the "
        f"gradient: {format_value(given)} / {count:,} = {cell.made}, the same everywhere in the map."
    )


def _window(cell: OutputCell[Any]) -> str:
    cells = cell.reads()[0]
    rows, columns = lines(cells[:, 2].tolist(), "row"), lines(cells[:, 3].tolist(), "column")
    return f"{'one cell' if len(cells) == 1 else counted(len(cells), 'cell')} in {rows} and {columns}"


def _sizes(values: Values, step: Step) -> str:
    given, now = values.program.arrays[step.inputs[0]].shape[2:], step.shape[2:]
    return f"A map of {given[0]}×{given[1]} becomes one of {now[0]}×{now[1]}."


def _part(count: int) -> str:
    return {1: "all", 2: "half", 3: "a third", 4: "a quarter"}.get(count, f"1/{count}")


def _partial_maps(values: Values, step: Step, view: ArraySlice, done: int) -> Array:
    """Copy the maps that are done, and build the current one again, micro-step by micro-step."""
    ins = values.program.in_shapes(step)
    per = int(np.prod(ins[0][2:], dtype=np.int64))
    stored = values.stored(step.output)
    (n, channel), (images, channels) = view.start[:2], view.count[:2]
    total = np.array(stored[n : n + images, channel : channel + channels])
    for image in range(n, n + images):
        for at in range(channel, channel + channels):
            first = (image * step.shape[1] + at) * per
            if done >= first + per:
                continue
            built = np.zeros(step.shape, dtype=stored.dtype) if done > first else None
            if built is not None:
                inputs = values.inputs(step)
                for number in range(first, done):
                    step.op.micro_run(inputs, built, number)
            total[image - n, at - channel] = 0 if built is None else built[image, at]
    return total.reshape(view.fold)


POOLING: Presentations = MappingProxyType(
    {
        MaxPool2D: Presentation(side_by_side, _max),
        WhichMax: Presentation(side_by_side, _which),
        MaxPool2DGrad: Presentation(side_by_side, _max_grad, partial=_partial_maps),
        AvgPool2D: Presentation(side_by_side, _average),
        AvgPool2DGrad: Presentation(side_by_side, _average_grad, partial=_partial_maps),
        EdgeAverage: Presentation(side_by_side, _edge_average),
        EdgeAverageGrad: Presentation(side_by_side, _edge_average_grad, partial=_partial_maps),
        RegionMax: Presentation(side_by_side, _max),
        WhichRegionMax: Presentation(side_by_side, _which),
        RegionMaxGrad: Presentation(side_by_side, _max_grad),
        GlobalAverage: Presentation(side_by_side, _global),
        GlobalAverageGrad: Presentation(side_by_side, _global_grad),
    }
)
