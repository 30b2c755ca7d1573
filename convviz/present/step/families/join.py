"""Where branches meet, forward and back; and sums of gradients that arrive by two paths."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from convviz.core.ops.arithmetic import Add, Multiply, MultiplyGrad
from convviz.core.ops.join import Concat, ScaleMaps, ScaleMapsGrad, TakePart
from convviz.core.program import Phase, Program, Step
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell, after
from convviz.present.step.values import label
from convviz.present.words import counted


def _add(cell: OutputCell[Add]) -> str:
    total = cell.added(*cell.read())
    if cell.step.phase is Phase.BACKWARD:
        return f"The number reached the loss by two paths, and each brought back a gradient: {total}."
    return (
        f"Cell by cell: {total}. Each of the two moves the sum by as much as itself, so on the way back both get the "
        "sum's gradient unchanged."
    )


def _add_title(_program: Program, step: Step) -> str:
    return "Gradients that arrive by two paths are added" if step.phase is Phase.BACKWARD else ""


def _multiply(cell: OutputCell[Multiply]) -> str:
    a, b = cell.read()
    return (
        f"{format_value(a)} · {after(b)} = {cell.made}. On the way back each factor's gradient is multiplied by the "
        "other factor."
    )


def _multiply_grad(cell: OutputCell[MultiplyGrad]) -> str:
    given, other = cell.read()
    return (
        f"A small change of this factor changes the product {format_value(other)} times as much, the other factor: "
        f"{format_value(given)} · {after(other)} = {cell.made}."
    )


def _concat(cell: OutputCell[Concat]) -> str:
    position = next(position for position, cells in enumerate(cell.reads()) if len(cells))
    at = tuple(int(i) for i in cell.reads()[position][0])
    name = cell.step.inputs[position]
    counts = " + ".join(str(cell.given(number).shape[1]) for number in range(len(cell.step.inputs)))
    return (
        f"A copy of {name}[{', '.join(map(str, at))}]: {_channel(cell)} {cell.index[1]} here is "
        f"{_channel(cell)} {at[1]} of {name}. {counts} = {counted(cell.shape[1], _channel(cell))}. "
        "Nothing is computed."
    )


def _take_part(cell: OutputCell[TakePart]) -> str:
    (at,) = (tuple(int(i) for i in cells[0]) for cells in cell.reads())
    came = "came from this branch" if cell.step.phase is Phase.BACKWARD else "go on"
    return (
        f"A copy of {label(cell.step.inputs[0], at)}, one of the {counted(cell.shape[1], _channel(cell))} from "
        f"{cell.op.start} to {cell.op.stop - 1} that {came}. Nothing is computed."
    )


def _channel(cell: OutputCell[Any]) -> str:
    return "channel" if len(cell.shape) == 4 else "feature"


def _scale(cell: OutputCell[ScaleMaps]) -> str:
    x, factor = cell.read()
    product = f"{format_value(x)} · {after(factor)} = {cell.made}"
    if cell.step.phase is Phase.BACKWARD:
        return f"Map {cell.index[1]} was multiplied by {format_value(factor)}, and so is its gradient: {product}."
    return f"Every cell of map {cell.index[1]} is multiplied by {format_value(factor)}: {product}."


def _scale_title(_program: Program, step: Step) -> str:
    return "A map's gradient is multiplied by the map's factor" if step.phase is Phase.BACKWARD else ""


def _scale_grad(cell: OutputCell[ScaleMapsGrad]) -> str:
    return (
        f"The factor of map {cell.index[1]} multiplied {counted(len(cell.gathered()), 'cell')}. Each of them times the "
        f"gradient of its product, summed, is {cell.made}."
    )


JOIN: Presentations = MappingProxyType(
    {
        Add: Presentation(side_by_side, _add, title=_add_title),
        Multiply: Presentation(side_by_side, _multiply),
        MultiplyGrad: Presentation(side_by_side, _multiply_grad),
        Concat: Presentation(side_by_side, _concat),
        TakePart: Presentation(side_by_side, _take_part),
        ScaleMaps: Presentation(side_by_side, _scale, title=_scale_title),
        ScaleMapsGrad: Presentation(side_by_side, _scale_grad),
    }
)
