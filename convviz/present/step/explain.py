"""What a step does: its title and formula, given its place in the pass, and a sentence with a cell's own numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from convviz.core.arrays import Index
from convviz.core.ops.base import Op
from convviz.core.program import Program, Step
from convviz.present.step.families import presentation_of
from convviz.present.step.sentence import OutputCell, plain_sentence
from convviz.present.step.values import Values


def title_of(program: Program, step: Step) -> str:
    """One plain sentence: what the step does here."""
    return presentation_of(step.op).title(program, step) or step.op.title


def formula_of(program: Program, step: Step) -> str:
    """The step's formula, as LaTeX."""
    return presentation_of(step.op).formula(program, step) or step.op.formula


def formulas_of(program: Program) -> Iterator[str]:
    """The formulas of all steps that have one, in order."""
    return (found for step in program.steps if (found := formula_of(program, step)))


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def explain(values: Values, step: Step, index: Index) -> str:
    """Explain cell ``index`` of a step's output in sentences, as simple HTML (``<sub>`` and ``<sup>`` only)."""
    cell: OutputCell[Op] = OutputCell(values, step, index)
    try:
        return presentation_of(step.op).sentence(cell)
    except (OverflowError, ValueError, ZeroDivisionError):  # arithmetic on NaN and infinity
        return plain_sentence(cell)
