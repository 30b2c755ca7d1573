"""Maps resized with fixed weights: upsampling, reflected edges, means of regions; forward and back."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from convviz.core.ops.adaptive import AdaptiveAverage, AdaptiveAverageGrad, regions
from convviz.core.ops.reflect import ReflectPad, ReflectPadGrad
from convviz.core.ops.resample import Resample
from convviz.core.ops.upsample import UpsampleBilinear, UpsampleBilinearGrad, UpsampleNearest, UpsampleNearestGrad
from convviz.present.numbers import format_value
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell, after
from convviz.present.words import all_of, counted, lines


def _sizes(cell: OutputCell[Resample]) -> str:
    given, now = cell.given(0).shape[2:], cell.shape[2:]
    return f"A map of {given[0]}×{given[1]} becomes one of {now[0]}×{now[1]}."


def _here(cell: OutputCell[Resample]) -> str:
    return f"({cell.index[2]}, {cell.index[3]})"


def _source(cell: OutputCell[Resample]) -> str:
    (at,) = (tuple(int(i) for i in cells[0]) for cells in cell.reads())
    return f"({at[2]}, {at[3]})"


def _where(cell: OutputCell[Resample]) -> str:
    cells = cell.reads()[0]
    rows, columns = (sorted(set(cells[:, axis].tolist())) for axis in (2, 3))
    return f"{lines(rows, 'row')} and {lines(columns, 'column')}"


def _nearest(cell: OutputCell[UpsampleNearest]) -> str:
    down, across = cell.op.scale
    return (
        f"{_here(cell)} is a copy of {_source(cell)}, which becomes a block of {down}×{across}. {_sizes(cell)} Nothing "
        "is computed."
    )


def _nearest_grad(cell: OutputCell[UpsampleNearestGrad]) -> str:
    down, across = cell.op.scale
    return (
        f"Cell {_here(cell)} became a block of {down}×{across}, {_where(cell)}. A small change of it changes "
        f"{all_of(down * across, 'cell')} as much, so {_added(down * across)}: {cell.made}."
    )


def _bilinear(cell: OutputCell[UpsampleBilinear]) -> str:
    numbers, weights = cell.gathered(), _weights(cell)
    if len(numbers) == 1:
        return f"{_here(cell)} lies on one cell, {_source(cell)}, and is equal to it. {_sizes(cell)}"
    listed = " + ".join(f"{weight:.3g} · {after(n)}" for n, weight in zip(numbers, weights, strict=True))
    return (
        f"{_here(cell)} lies between {counted(len(numbers), 'cell')}, {_where(cell)}, {_nearness(weights)}: "
        f"{listed} = {cell.made}. The weights add up to 1. {_sizes(cell)}"
    )


def _nearness(weights: np.ndarray) -> str:
    """Say why the cells have these weights."""
    if np.ptp(weights) < 1e-9:
        return "equally near to each, so that they count alike"
    return f"and the nearer {'one' if len(weights) == 2 else 'ones'} count{'s' if len(weights) == 2 else ''} more"


def _added(count: int) -> str:
    return "its gradient is the gradient of that one" if count == 1 else "their gradients add up"


def _bilinear_grad(cell: OutputCell[UpsampleBilinearGrad]) -> str:
    numbers, weights = cell.gathered(), _weights(cell)
    most = float(weights.max(initial=0))
    share = "the whole" if most > 1 - 1e-9 else f"{most:.3g}"
    return (
        f"Cell {_here(cell)} had a part in {counted(len(numbers), 'number')}, {_where(cell)}, at most "
        f"{share} of one. From each it gets the same share of the gradient: {cell.made} in all."
    )


def _reflect(cell: OutputCell[ReflectPad]) -> str:
    op, (_, _, y, x) = cell.op, cell.index
    h, w = cell.given(0).shape[2:]
    if op.top <= y < op.top + h and op.left <= x < op.left + w:
        return f"Cell {_source(cell)} is at {_here(cell)} now. {_sizes(cell)}"
    return (
        f"{_here(cell)} is in the border and mirrors {_source(cell)}, which lies as far inside the edge as it lies "
        f"outside. {_sizes(cell)}"
    )


def _reflect_grad(cell: OutputCell[ReflectPadGrad]) -> str:
    count = len(cell.reads()[0])
    if count == 1:
        return f"Cell {_here(cell)} was mirrored nowhere, so it gets the gradient of its own place: {cell.made}."
    images = counted(count - 1, "mirror image")
    return f"Cell {_here(cell)} had {images}: their gradients and that of its own place add up to {cell.made}."


def _adaptive(cell: OutputCell[AdaptiveAverage]) -> str:
    numbers = cell.gathered()
    return (
        f"Region {_here(cell)} has {counted(len(numbers), 'cell')}, {_where(cell)}. "
        f"{'Their sum' if len(numbers) > 1 else 'Its number'} "
        f"{format_value(float(numbers.sum()))}, divided by {len(numbers):,}, is {cell.made}. {_sizes(cell)}"
    )


def _adaptive_grad(cell: OutputCell[AdaptiveAverageGrad]) -> str:
    found = cell.reads()[0]
    down, across = (regions(cell.op.image[axis], cell.op.output[axis]) for axis in (0, 1))
    sizes = {(down[p][1] - down[p][0]) * (across[q][1] - across[q][0]) for _, _, p, q in found.tolist()}
    *fewer, most = sorted(sizes)
    among = f"{', '.join(f'{size:,}' for size in fewer)} or " if fewer else ""
    shares = "each of which shares its gradient equally" if len(found) > 1 else "which shares its gradient equally"
    return (
        f"Cell {_here(cell)} is in {counted(len(found), 'region')} of {among}{counted(most, 'cell')}, {shares}: "
        f"{cell.made}."
    )


def _weights(cell: OutputCell[Resample]) -> np.ndarray:
    equation = cell.step.op.equation(cell.values.inputs(cell.step), cell.shape, cell.index)
    return np.array([term.constant for term in equation.terms])


RESAMPLE: Presentations = MappingProxyType(
    {
        UpsampleNearest: Presentation(side_by_side, _nearest),
        UpsampleNearestGrad: Presentation(side_by_side, _nearest_grad),
        UpsampleBilinear: Presentation(side_by_side, _bilinear),
        UpsampleBilinearGrad: Presentation(side_by_side, _bilinear_grad),
        ReflectPad: Presentation(side_by_side, _reflect),
        ReflectPadGrad: Presentation(side_by_side, _reflect_grad),
        AdaptiveAverage: Presentation(side_by_side, _adaptive),
        AdaptiveAverageGrad: Presentation(side_by_side, _adaptive_grad),
    }
)
