"""The pass as a listing: phases, layers, steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convviz.core.arrays import Axis
from convviz.core.program import Phase, Program, Step
from convviz.present.numbers import format_value
from convviz.present.step.explain import title_of
from convviz.present.step.stage import shape_text
from convviz.present.step.values import Values, short

PHASES = {Phase.FORWARD: "Forward", Phase.LOSS: "Loss", Phase.BACKWARD: "Backward", Phase.UPDATE: "Update"}

RowKind = Literal["phase", "layer", "step"]


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A row of the listing.

    Parameters
    ----------
    kind : str
        ``phase``, ``layer`` or ``step``.
    text : str
        Text on the left.
    detail : str
        Text on the right: a shape, or the value of a single number.
    step : int
        Index of the step; −1 for headings.
    output : str
        Name of the array that the step makes.
    """

    kind: RowKind
    text: str
    detail: str = ""
    step: int = -1
    output: str = ""

    @property
    def makes(self) -> str:
        """Short name of the step's output; an updated array has the name of the old one. Empty for headings."""
        return short(self.output).removesuffix("_new")


def listing(program: Program, *, hypothetical: bool = False) -> tuple[ListingRow, ...]:
    """Rows of a program, grouped by phase and layer.

    Parameters
    ----------
    program : Program
    hypothetical : bool
        Whether training never makes the update of this pass.
    """
    rows: list[ListingRow] = []
    phase: Phase | None = None
    layer = ""
    for step in program.steps:
        if step.phase is not phase:
            phase, layer = step.phase, ""
            said = ", hypothetical" if hypothetical and phase is Phase.UPDATE else ""
            rows.append(ListingRow("phase", f"{PHASES[phase]}{said}"))
        if step.layer != layer:
            layer = step.layer
            # "softmax" under "Loss" would say the same thing twice.
            if phase is not Phase.LOSS:
                rows.append(ListingRow("layer", layer))
        rows.append(ListingRow("step", step.op.name, shape_of(step, program), step.index, step.output))
    return tuple(rows)


def shape_of(step: Step, program: Program) -> str:
    """Shape of a step's output as listed: without the batch axis if the pass has only one image."""
    shape = step.shape
    spec = program.arrays[step.output]
    if program.batch == 1 and spec.axes[:1] == (Axis.SAMPLE,) and len(shape) > 1:
        shape = shape[1:]
    return shape_text(shape)


def detail(values: Values, step: Step) -> str:
    """The value if the output is a single known number, else the shape."""
    if not step.shape and values.has(step.output):
        return format_value(values.array(step.output)[()])
    if step.shape == (1,) and values.has(step.output):
        return format_value(values.array(step.output)[0])
    return shape_of(step, values.program)


def hint(program: Program, step: Step) -> str:
    """Tooltip of a step: its title, its inputs and its output."""
    ins = ", ".join(f"{name} {shape_text(program.arrays[name].shape)}" for name in step.inputs) or "nothing"
    return f"{step.op.name}: {title_of(program, step)}\n{step.output} {shape_text(step.shape)} from {ins}"
