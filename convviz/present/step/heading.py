"""The title and the formula of a step, given its place in the pass."""

from __future__ import annotations

from collections.abc import Iterator

from convviz.core.program import Program, Step
from convviz.present.step.families import presentation_of


def title_of(program: Program, step: Step) -> str:
    """One plain sentence: what the step does here."""
    return presentation_of(step.op).title(program, step) or step.op.title


def formula_of(program: Program, step: Step) -> str:
    """The step's formula, as LaTeX."""
    return presentation_of(step.op).formula(program, step) or step.op.formula


def formulas_of(program: Program) -> Iterator[str]:
    """The formulas of all steps that have one, in order."""
    return (found for step in program.steps if (found := formula_of(program, step)))
