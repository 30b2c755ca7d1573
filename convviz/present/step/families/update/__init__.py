"""The steps of the optimisers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from convviz.core.ops.gradient_norm import GradientNorm, SumSquares
from convviz.core.ops.update import (
    AdadeltaMove,
    AdamUpdate,
    AddDecay,
    AddSquare,
    ByRoot,
    Clip,
    LookAhead,
    RunningMean,
    RunningSquare,
    SgdUpdate,
    Shrink,
    Velocity,
)
from convviz.core.program import Step
from convviz.present.colour import ColourRole
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.arrangements import is_wide, side_by_side, stacked
from convviz.present.step.families.update import sentences
from convviz.present.step.families.update.direction import square_formula, square_title, titled, written
from convviz.present.step.families.update.parameter import of_its_parameter
from convviz.present.step.pane import Content, Pane
from convviz.present.step.picture import PanePicture
from convviz.present.step.presentation import Painter, Presentation, Presentations
from convviz.present.step.stage import Stage
from convviz.present.step.values import StepProgress, Values


def arrange(stage: Stage) -> Arrangement:
    """The inputs of an update; below them the change and the result."""
    step = stage.step
    given = list(dict.fromkeys(step.inputs))
    made = stage.any(step.output, wide=True)
    if made.view.size == 1:
        return stacked(stage)
    # A single number fills its card, so that there is room for its digits.
    panes = [replace(pane, free=pane.view.size == 1) for pane in (stage.any(name, wide=True) for name in given)]
    changes = stage.program.updates.get(given[0]) == step.output
    below = (replace(made, title="change", caption="new − old", content="delta"), made) if changes else (made,)
    if not is_wide(made):
        return Arrangement((tuple(panes), below))
    rows: list[tuple[Pane, ...]] = [(pane,) for pane in (*panes, *below) if pane.view.size > 1]
    single = tuple(pane for pane in panes if pane.view.size == 1)
    rows = [*rows, single] if single else rows
    return Arrangement(tuple(rows), tuple(0.9 if row is single else 1.0 for row in rows), low=True)


def change(values: Values, pane: Pane, step: Step, _progress: StepProgress) -> PanePicture:
    """The change that an update makes: new minus old."""
    spec = values.program.arrays[step.inputs[0]]
    old, new = values.stored(step.inputs[0]), values.stored(step.output)
    changed = pane.view.picture(new, spec) - pane.view.picture(old, spec)
    high = float(np.abs(changed[np.isfinite(changed)]).max(initial=0.0))
    return PanePicture(changed, ColourRole.GRADIENT, high)


CHANGE: Mapping[Content, Painter] = MappingProxyType({"delta": change})

OF_A_WEIGHT: Presentations = MappingProxyType(
    {
        Velocity: Presentation(
            arrange, sentences.velocity, titled(1), written(1, r"v \leftarrow \mu \, v + @"), pictures=CHANGE
        ),
        LookAhead: Presentation(
            arrange, sentences.look_ahead, titled(0), written(0, r"g'' = @ + \mu \, v"), pictures=CHANGE
        ),
        RunningMean: Presentation(
            arrange,
            sentences.running_mean,
            titled(1),
            written(1, r"m \leftarrow \beta \, m + (1 - \beta) \, @"),
            pictures=CHANGE,
        ),
        RunningSquare: Presentation(arrange, sentences.running_square, square_title, square_formula, pictures=CHANGE),
        AddSquare: Presentation(
            arrange, sentences.add_square, titled(1), written(1, r"s \leftarrow s + (@)^2"), pictures=CHANGE
        ),
        AddDecay: Presentation(arrange, sentences.decay, formula=written(0, r"g' = @ + \lambda W"), pictures=CHANGE),
        ByRoot: Presentation(
            arrange,
            sentences.by_root,
            titled(0),
            written(0, r"\Delta = \frac{@}{\sqrt{s} + \varepsilon}"),
            pictures=CHANGE,
        ),
        AdadeltaMove: Presentation(arrange, sentences.adadelta, pictures=CHANGE),
        SumSquares: Presentation(side_by_side, sentences.sum_squares),
        GradientNorm: Presentation(side_by_side, sentences.norm),
        Clip: Presentation(arrange, sentences.clip, pictures=CHANGE),
        SgdUpdate: Presentation(
            arrange, sentences.sgd, titled(1), written(1, r"W \leftarrow W - \eta \, @"), pictures=CHANGE
        ),
        Shrink: Presentation(arrange, sentences.shrink, pictures=CHANGE),
        AdamUpdate: Presentation(arrange, sentences.adam, pictures=CHANGE),
    }
)
"""The presentations, written for a weight."""

UPDATE: Presentations = MappingProxyType({kind: of_its_parameter(found) for kind, found in OF_A_WEIGHT.items()})
