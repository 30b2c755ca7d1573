"""How the steps of one kind of op are presented, all in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from convviz.core.arrays import Array
from convviz.core.ops.base import Step
from convviz.core.program import Program
from convviz.present.step.arrangement import Arrangement
from convviz.present.step.pane import Content, Pane
from convviz.present.step.picture import PanePicture
from convviz.present.step.sentence import OutputCell
from convviz.present.step.slices import Slice
from convviz.present.step.stage import Stage
from convviz.present.step.values import Progress, Values

Painter = Callable[[Values, Pane, Step, Progress], PanePicture]
InPlace = Callable[[Program, Step], str]
"""What is said of a step where its place in the program decides it; empty where the op's own words do."""


def as_the_op_says(_program: Program, _step: Step) -> str:
    """No other words than the op's own."""
    return ""


@dataclass(frozen=True, slots=True)
class Presentation:
    """How the steps of one kind of op are presented.

    Parameters
    ----------
    arrange : callable
        Which panes a step has.
    sentence : callable
        What is said about one cell of its output, in simple HTML (``<sub>`` and ``<sup>`` only).
    title, formula : callable
        What stands in the place of the op's own title and formula, where the step's place in the program decides that.
    partial : callable, optional
        For ops whose micro-steps add: a view of the output after the first few micro-steps.
    pictures : mapping
        Contents of panes that are computed for these steps only.
    facts : callable
        More lines about a cell of the output: label and text.
    looked_at : callable
        Which channel or filter is looked at first where a cell is a sum over all of them: the one that adds most.
    constant : str
        What a cell is that was computed from no other.
    """

    arrange: Callable[[Stage], Arrangement]
    sentence: Callable[[OutputCell[Any]], str]
    title: InPlace = as_the_op_says
    formula: InPlace = as_the_op_says
    partial: Callable[[Values, Step, Slice, int], Array] | None = None
    pictures: Mapping[Content, Painter] = field(default_factory=lambda: MappingProxyType({}))
    facts: Callable[[OutputCell[Any]], tuple[tuple[str, str], ...]] = lambda _cell: ()
    looked_at: Callable[[OutputCell[Any]], Mapping[str, int]] = lambda _cell: MappingProxyType({})
    constant: str = "a constant here, computed from no other cell"


Presentations = Mapping[type, Presentation]
"""A family: its kinds of ops, or bases of several, and how each is presented."""
