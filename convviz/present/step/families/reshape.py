"""Steps that only reshape their input."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from convviz.core.arrays import Axis
from convviz.core.ops.reshape import Flatten, Reshape
from convviz.core.program import Program, Step
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.arrangements import side_by_side
from convviz.present.step.presentation import Presentation, Presentations
from convviz.present.step.sentence import OutputCell
from convviz.present.step.stage import Stage, maps_of
from convviz.present.step.values import label
from convviz.present.words import counted


def _flatten(cell: OutputCell[Flatten]) -> str:
    index = cell.index
    _, c, h, w = cell.given(0).shape
    channel, rest = divmod(index[1], h * w)
    y, x = divmod(rest, w)
    return (
        f"Feature {index[1]:,} is cell ({y}, {x}) of map {channel}: {channel}·{h * w} + {y}·{w} + {x}. "
        f"{counted(c, 'map')} of {h}×{w} make{'s' if c == 1 else ''} {counted(cell.shape[1], 'feature')}. Nothing is "
        "computed."
    )


def _reshape(cell: OutputCell[Reshape]) -> str:
    shape = cell.given(0).shape
    given, now = ("×".join(f"{n:,}" for n in one) for one in (shape, cell.shape))
    cells = cell.reads()[0]
    source = label(cell.step.inputs[0], tuple(int(i) for i in cells[0]))
    here = label(cell.step.output, cell.index)
    return f"The same numbers, {given} read as {now}: {source} is {here} now. Nothing is computed."


def _arrange_flatten(stage: Stage) -> Arrangement:
    """Maps, and the row that they become."""
    maps, flat = stage.step.inputs[0], stage.step.output
    n = stage.picked("sample", stage.spec(flat).shape[0])
    _, c, h, w = stage.spec(maps).shape
    features = c * h * w
    from_slice = stage.row(flat).view
    as_rows = replace(from_slice, start=(n, 0), count=(1, features), fold=(1, c, h * w))
    pane = replace(
        stage.row(flat),
        view=as_rows,
        caption=f"{counted(features, 'feature')} · drawn as {counted(c, 'stretch', 'stretches')} of {h * w}",
        free=True,
    )
    return Arrangement(((stage.maps(maps),), (pane,)), (1.0, 0.8))


def _arrange_reshape(stage: Stage) -> Arrangement:
    """The same numbers before and after."""
    given, made = stage.step.inputs[0], stage.step.output
    spec = stage.spec(made)
    if Axis.FILTER in spec.axes:
        shape = stage.spec(given).shape
        return Arrangement(((stage.matrix(given, caption=f"{shape[0]}×{shape[1]}", width=1.6), stage.maps(made)),))
    if spec.is_maps and maps_of(stage.program, stage.spec(given).shape[-1]) is not None:
        return Arrangement(((stage.row(given), stage.maps(made)),))
    return side_by_side(stage)


def _title(program: Program, step: Step) -> str:
    spec = program.arrays[step.output]
    if spec.is_maps:
        return "The features' gradient becomes maps again"
    return "Every row becomes a filter again" if Axis.FILTER in spec.axes else ""


RESHAPE: Presentations = MappingProxyType(
    {
        Flatten: Presentation(_arrange_flatten, _flatten),
        Reshape: Presentation(_arrange_reshape, _reshape, title=_title),
    }
)
