"""Everything that presents the steps of one kind of op."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Array, Role
from convviz.core.ops.base import Step
from convviz.core.program import Program
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.pane import Content, Pane
from convviz.present.step.picture import PanePicture
from convviz.present.step.sentence import OutputCell
from convviz.present.step.slices import ArraySlice
from convviz.present.step.stage import Stage
from convviz.present.step.values import StepProgress, Values

Painter = Callable[[Values, Pane, Step, StepProgress], PanePicture]
InPlace = Callable[[Program, Step], str]
"""Returns text about a step that depends on its place in the program; empty to use the op's own text."""


def as_the_op_says(_program: Program, _step: Step) -> str:
    """Use the op's own text."""
    return ""


def of_gradients(text: str) -> InPlace:
    """Use a text where the step makes gradients, and the op's own elsewhere."""

    def chosen(program: Program, step: Step) -> str:
        return text if program.arrays[step.output].role is Role.GRADIENT else ""

    return chosen


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the steps of one kind of op are presented.

    Parameters
    ----------
    arrange : callable
        Returns the panes of a step.
    sentence : callable
        Explains one cell of its output, in simple HTML (``<sub>`` and ``<sup>`` only).
    title, formula : callable
        Replace the op's own title and formula where the step's place in the program requires it.
    partial : callable, optional
        For ops whose micro-steps add up: returns a view of the output after the first few micro-steps.
    pictures : mapping
        Makes the pictures of contents that only these steps have.
    facts : callable
        Further facts about a cell of the output: label and text.
    strongest : callable
        If a cell is a sum over all channels or filters, the one to select first: the one that adds most.
    constant : str
        Describes a cell that was computed from no other.
    """

    arrange: Callable[[Stage], Arrangement]
    sentence: Callable[[OutputCell[Any]], str]
    title: InPlace = as_the_op_says
    formula: InPlace = as_the_op_says
    partial: Callable[[Values, Step, ArraySlice, int], Array] | None = None
    pictures: Mapping[Content, Painter] = field(default_factory=lambda: MappingProxyType({}))
    facts: Callable[[OutputCell[Any]], tuple[tuple[str, str], ...]] = lambda _cell: ()
    strongest: Callable[[OutputCell[Any]], Mapping[str, int]] = lambda _cell: MappingProxyType({})
    constant: str = "a constant here, computed from no other cell"


Presentations = Mapping[type, Presentation]
"""A family: its kinds of ops, or their base classes, and the presentation of each."""
