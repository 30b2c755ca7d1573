"""Facts about one cell, each with a label and a text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.base import Op
from convviz.core.program import Step
from convviz.present.numbers import format_full, format_value
from convviz.present.step.accumulation import landed
from convviz.present.step.families import presentation_of
from convviz.present.step.families.convolution.zero_column import why_zero
from convviz.present.step.sentence import OutputCell
from convviz.present.step.terms import expand
from convviz.present.step.values import StepProgress, Values, label


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about a cell.

    Parameters
    ----------
    label, text : str
    full : str
        All digits, for a tooltip.
    """

    label: str
    text: str
    full: str = ""


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def facts(values: Values, step: Step, name: str, index: Index, progress: StepProgress) -> tuple[Fact, ...]:
    """Facts about a cell of an array that the step reads or makes."""
    program = values.program
    found: list[Fact] = []
    running = name == step.output and step.op.accumulates and not progress.whole
    if running:
        found += _sum_so_far(values, step, index, progress)
    elif name == step.output and not values.has(name) and not _done(step, index, values, progress):
        found.append(Fact("value", "not computed yet"))
    else:
        found.append(_number(values, "value", name, index))
    old = values.before(name)
    if old is not None and not running:
        was = old[tuple(index)] if index else old[()]
        if float(was) != values.value(name, index):
            found.append(Fact("before the edit", format_value(float(was)), format_full(was)))
            found.append(Fact("change", _signed(values.value(name, index) - float(was))))
    if name == step.output:
        cell: OutputCell[Op] = OutputCell(values, step, index)
        found += [Fact(*one) for one in presentation_of(step.op).facts(cell)]
    if len(index) == 2 and (ground := why_zero(values, name, index[1])):
        found.append(Fact("column is 0", f"on {ground}", f"all 0: its window lies wholly on {ground}"))
    found += _later_values(values, name, index)
    largest = values.largest(name)
    if largest and not running:
        found.append(Fact(f"largest |{name.rpartition('.')[2]}|", format_value(largest)))
    maker = values.maker(name)
    found.append(Fact("made by", f"{maker.layer}.{maker.op.name}" if maker is not None else "given"))
    gradient = program.gradients.get(name)
    if gradient is not None and values.has(gradient):
        found.append(_number(values, "its gradient", gradient, index))
    return tuple(found)


def _number(values: Values, text: str, name: str, index: Index) -> Fact:
    spec = values.program.arrays[name]
    held = values.stored(name)[spec.stored_index(index)]
    if spec.kind == "int":
        return Fact(text, str(int(held)))
    return Fact(text, format_value(float(held)), format_full(np.asarray(held)[()]))


def _done(step: Step, index: Index, values: Values, progress: StepProgress) -> bool:
    ins = values.program.in_shapes(step)
    return step.op.micro_of(ins, step.shape, index) < progress.done


def _sum_so_far(values: Values, step: Step, index: Index, progress: StepProgress) -> list[Fact]:
    expansion = expand(values, step, index)
    there = landed(expansion, step, values.program.in_shapes(step), progress.done)
    so_far = expansion.kept(there).exact
    return [
        Fact("so far", format_value(so_far), format_full(so_far)),
        Fact("landed", f"{int(there.sum())} of {expansion.count}"),
        _number(values, "when all have landed", step.output, index),
        Fact(f"largest |{step.output.rpartition('.')[2]}|", format_value(values.largest(step.output))),
    ]


def _later_values(values: Values, name: str, index: Index) -> list[Fact]:
    """What the next steps, up to three, make of the number, as far as they have run."""
    found: list[Fact] = []
    at: tuple[str, Index] = name, index
    for _ in range(3):
        readers = [s for s in values.program.consumers(at[0]) if values.has(s.output)]
        one = next((s for s in readers if s.op.cellwise or s.op.view), None)
        if one is None or not at[1]:
            break
        position = one.inputs.index(at[0])
        reached = one.op.feeds(values.program.in_shapes(one), one.shape, position, at[1])
        if len(reached) != 1:
            break
        at = one.output, tuple(int(i) for i in reached[0])
        if not one.op.view:
            found.append(_number(values, f"after {one.op.name}", *at))
    return found


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{format_value(value)}"


def status(name: str, index: Index, sample: str, where: str, scale: str = "") -> str:
    """The status line: ``conv1.x_col[12, 300] · sample 17 (label 4) · epoch 3, step 2,871 · scale: this layer``."""
    layer, _, _ = name.rpartition(".")
    cell = label(name, index)
    return " · ".join(part for part in (f"{layer}.{cell}" if layer else cell, sample, where, scale) if part)
