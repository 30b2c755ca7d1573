"""Arrangements that steps of many families share."""

from __future__ import annotations

from convviz.core.arrays import Axis
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.pane import Pane
from convviz.present.step.stage import Stage

FEW = 64
"""Arrays of up to this many numbers are drawn as a short row."""


def stacked(stage: Stage) -> Arrangement:
    """Short rows below each other, inputs first; single numbers side by side."""
    names = [*dict.fromkeys(stage.step.inputs), stage.step.output]
    rows: list[list[Pane]] = []
    heights: list[float] = []
    for name in names:
        pane = stage.any(name, wide=True)
        small = pane.view.size == 1
        if small and rows and heights[-1] < 1.0:
            rows[-1].append(pane)
        else:
            rows.append([pane])
            heights.append(0.9 if small else 1.0)
    return Arrangement(tuple(tuple(row) for row in rows), tuple(heights), low=True)


def side_by_side(stage: Stage) -> Arrangement:
    """Any step: its inputs, then its output; below them all maps, if there are several."""
    step = stage.step
    names = [*dict.fromkeys(step.inputs), step.output]
    large = [name for name in names if stage.any(name).view.size > FEW or _is_map(stage, name)]
    small = [name for name in names if name not in large]
    if not large or all(is_wide(stage.any(name, wide=True)) for name in names):
        return stacked(stage)
    rows: list[tuple[Pane, ...]] = [tuple(stage.any(name) for name in large)]
    heights = [1.0]
    spec = stage.spec(step.output)
    if spec.is_maps and spec.shape[1] > 1:
        rows.append(tuple(stage.maps(name) for name in large if stage.spec(name).is_maps))
        heights.append(1.0)
    if small:
        rows.append(tuple(stage.any(name) for name in small))
        heights.append(0.3)
    return Arrangement(tuple(rows), tuple(heights))


def is_wide(pane: Pane) -> bool:
    """Whether a picture is at least four times as wide as high, so that several are best stacked."""
    tiles, rows, columns = pane.view.fold
    return tiles == 1 and rows * 4 <= columns


def _is_map(stage: Stage, name: str) -> bool:
    return Axis.COLUMN in stage.spec(name).axes
