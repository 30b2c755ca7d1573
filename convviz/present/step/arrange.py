"""The pictures that show a step, arranged so that the arithmetic reads from left to right."""

from __future__ import annotations

from dataclasses import replace

from convviz.core.arrays import Index
from convviz.core.program import Phase, Program, Step
from convviz.present.step.families import presentation_of
from convviz.present.step.pane import Pane, Scene
from convviz.present.step.stage import Stage
from convviz.present.step.values import Selection


def arrange(program: Program, step: Step, selection: Selection, focus: Index, micro: int | None = None) -> Scene:
    """Arrange the panes of a step.

    Parameters
    ----------
    program : Program
    step : Step
    selection : Selection
    focus : tuple of int
        Logical index of the output cell; decides which column or row is drawn folded.
    micro : int, optional
        The micro-step that was done last, if the cursor is inside the step.

    Returns
    -------
    Scene
    """
    stage = Stage(program, step, selection, focus, micro)
    found = presentation_of(step.op).arrange(stage)
    panes = tuple(replace(pane, row=number) for number, row in enumerate(found.rows) for pane in row)
    panes = _distinct(panes, step)
    heights = found.heights or (1.0,) * len(found.rows)
    links = sorted({step, *found.neighbours}, key=lambda one: one.index)
    return Scene(step, panes, tuple(links), heights, _choices(stage, panes), found.low, selection.sample)


def _distinct(panes: tuple[Pane, ...], step: Step) -> tuple[Pane, ...]:
    """Put the layer before titles where arrays share a short name, or where branches meet."""
    others = {name.rpartition(".")[0] for name in step.inputs} - {step.layer}
    meet = step.phase is Phase.FORWARD and len(others) > 1
    layers: dict[str, set[str]] = {}
    for pane in panes:
        layer, _, short_name = pane.array.rpartition(".")
        layers.setdefault(short_name, set()).add(layer)
    found = []
    for pane in panes:
        layer, _, short_name = pane.array.rpartition(".")
        unclear = layer and (meet or len(layers[short_name]) > 1) and pane.title.startswith(short_name)
        found.append(replace(pane, title=f"{layer}.{pane.title}") if unclear else pane)
    return tuple(found)


def _choices(stage: Stage, panes: tuple[Pane, ...]) -> tuple[str, ...]:
    found = []
    for axis in ("sample", "filter", "channel", "unit"):
        for pane in panes:
            spec = stage.spec(pane.array)
            sizes = [
                spec.column_blocks if meaning == "columns" else spec.shape[at]
                for at, meaning in enumerate(stage.meaning(pane.array))
                if meaning == axis or (meaning == "columns" and axis == "sample")
            ]
            if any(size > 1 for size in sizes) and axis not in found:
                found.append(axis)
    return tuple(found)
