"""How the steps of dense layers, losses and changes of shape are laid out, and any other step."""

from __future__ import annotations

from dataclasses import replace

from convviz.present.step.laid import Laid
from convviz.present.step.pane import Pane
from convviz.present.step.stage import Stage, maps_of

FEW = 64
"""Up to so many numbers are drawn as a short row."""


def dense(stage: Stage) -> Laid:
    """Features, the weights that meet them, and the scores."""
    x, weight = stage.step.inputs
    return Laid(
        ((stage.row(x), stage.unit_weights(weight)), (stage.row(stage.step.output, wide=True),)),
        (1.0, 0.3),
    )


def dense_weight_gradient(stage: Stage) -> Laid:
    """A feature times an error, for every image."""
    x, d_z = stage.step.inputs
    many = stage.spec(d_z).shape[0] > 1
    first = (
        stage.row(x),
        stage.unit_weights(stage.step.output, caption=f"gradient of the weights of unit {stage.focus[1]}"),
    )
    return Laid(
        (first, (stage.table(d_z, free=True) if many else stage.row(d_z, wide=True),)), (1.0, 0.6 if many else 0.3)
    )


def dense_input_gradient(stage: Stage) -> Laid:
    """Errors, the weights that they come back through, and what they make."""
    d_z, weight = stage.step.inputs
    return Laid(
        (
            (stage.row(d_z, wide=True),),
            (stage.feature_weights(weight, stage.focus[1]),),
            (stage.row(stage.step.output), stage.unit_weights(weight)),
        ),
        (0.3, 0.3, 1.0),
    )


def stacked(stage: Stage) -> Laid:
    """Short rows under each other, inputs first; single numbers side by side."""
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
    return Laid(tuple(tuple(row) for row in rows), tuple(heights), low=True)


def sum_images(stage: Stage) -> Laid:
    """Errors of all images, and their sum."""
    d_z = stage.step.inputs[0]
    many = stage.spec(d_z).shape[0] > 1
    rows = ((stage.table(d_z, free=True) if many else stage.row(d_z),), (stage.row(stage.step.output),))
    return Laid(rows, (1.0, 0.4) if many else (1.0, 1.0))


def flatten(stage: Stage) -> Laid:
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
        caption=f"{features:,} features · drawn as {c} stretches of {h * w}",
        free=True,
    )
    return Laid(((stage.maps(maps),), (pane,)), (1.0, 0.8))


def reshape(stage: Stage) -> Laid:
    """The same numbers before and after."""
    given, made = stage.step.inputs[0], stage.step.output
    spec = stage.spec(made)
    if len(spec.shape) == 4 and not spec.batched:
        shape = stage.spec(given).shape
        return Laid(((stage.matrix(given, caption=f"{shape[0]}×{shape[1]}", width=1.6), stage.maps(made)),))
    if len(spec.shape) == 4 and maps_of(stage.program, stage.spec(given).shape[-1]) is not None:
        return Laid(((stage.row(given), stage.maps(made)),))
    return side_by_side(stage)


def update(stage: Stage) -> Laid:
    """What an update reads; below it what it changes, and what it comes to."""
    step = stage.step
    given = list(dict.fromkeys(step.inputs))
    made = stage.any(step.output, wide=True)
    if made.view.size == 1:
        return stacked(stage)
    # A single number has all of its card, so that its digits have room.
    panes = [replace(pane, free=pane.view.size == 1) for pane in (stage.any(name, wide=True) for name in given)]
    changes = stage.program.updates.get(given[0]) == step.output
    below = (replace(made, title="change", caption="new − old", content="delta"), made) if changes else (made,)
    if not _is_wide(made):
        return Laid((tuple(panes), below))
    rows: list[tuple[Pane, ...]] = [(pane,) for pane in (*panes, *below) if pane.view.size > 1]
    single = tuple(pane for pane in panes if pane.view.size == 1)
    rows = [*rows, single] if single else rows
    return Laid(tuple(rows), tuple(0.9 if row is single else 1.0 for row in rows), low=True)


def side_by_side(stage: Stage) -> Laid:
    """Any step: its inputs, then its output; below them all maps, where there are several."""
    step = stage.step
    names = [*dict.fromkeys(step.inputs), step.output]
    large = [name for name in names if stage.any(name).view.size > FEW or _is_map(stage, name)]
    small = [name for name in names if name not in large]
    if not large or all(_is_wide(stage.any(name, wide=True)) for name in names):
        return stacked(stage)
    rows: list[tuple[Pane, ...]] = [tuple(stage.any(name) for name in large)]
    heights = [1.0]
    spec = stage.spec(step.output)
    if len(spec.shape) == 4 and spec.shape[1] > 1 and spec.batched:
        rows.append(tuple(stage.maps(name) for name in large if _is_map(stage, name) and stage.spec(name).batched))
        heights.append(1.0)
    if small:
        rows.append(tuple(stage.any(name) for name in small))
        heights.append(0.3)
    return Laid(tuple(rows), tuple(heights))


def _is_wide(pane: Pane) -> bool:
    """Whether a picture is much wider than high, so that several are best read under each other."""
    tiles, rows, columns = pane.view.fold
    return tiles == 1 and rows * 4 <= columns


def _is_map(stage: Stage, name: str) -> bool:
    return len(stage.spec(name).shape) == 4
