"""The text about a cell: its equation, and how the next step uses it. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convviz.core.arrays import Index
from convviz.core.equation import Combine
from convviz.gui.workspaces.step.cursor import Cell
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.present.numbers import format_value
from convviz.present.step.accumulation import landed
from convviz.present.step.output_cell import Counterparts, term_of
from convviz.present.step.pane import Scene
from convviz.present.step.terms import Expansion, expand
from convviz.present.step.values import distinct, label
from convviz.present.step.wording import Written, write
from convviz.present.words import counted

Writer = Callable[[int], Written]
"""Writes an equation with at most the given number of terms."""


@dataclass(frozen=True, slots=True)
class CellEquation:
    """An equation, or a note in its place.

    Parameters
    ----------
    writer : callable or None
        Writes the equation; None if there is none.
    note, caption : str
        Shown in place of the equation.
    largest : callable or None
        Writes the same sum with its largest terms first; None if it is no sum of terms that all are there.
    """

    writer: Writer | None
    note: str = ""
    caption: str = ""
    largest: Writer | None = None


def equation_of(debugger: Debugger, output: Index | None, inputs: Counterparts) -> CellEquation:
    """How the explained cell was computed; for a hovered input cell, how it contributes to an output cell.

    Parameters
    ----------
    debugger : Debugger
    output : tuple of int or None
        Index of the output cell that a hovered input cell contributes to.
    inputs : mapping of str to set of tuple of int
        By input of the step, the indices that the hovered cell has there: its own, or those of the cells computed
        from it on the way to this step.
    """
    run, progress, cell = debugger.run, debugger.progress, debugger.cell()
    if output is not None and debugger.hovered is not None and cell.name != debugger.step.output:
        going_in = _going_in(debugger, output, inputs)
        if going_in is not None:
            return going_in
    maker, said = run.maker(cell.name), label(cell.name, cell.index)
    if maker is None:
        value = format_value(run.value(cell.name, cell.index))
        return CellEquation(None, f"{said} = {value}", "given, not computed · press E to change it")
    partial = maker is debugger.step and not progress.whole
    adding = partial and maker.op.accumulates
    late = partial and not adding and debugger.micro_of(cell.index) >= progress.done
    if partial and progress.done == 0 and not progress.inside:
        keys = f"F10 runs this step, F11 runs it one {maker.op.micro_unit} at a time"
        return CellEquation(None, f"{said}: not computed yet", keys)
    if maker.index > debugger.step.index or late or (partial and progress.done == 0):
        return CellEquation(None, f"{said}: not computed yet")
    expansion, coming = expand(run, maker, cell.index), 0
    if adding:
        expansion, coming = _landed(debugger, expansion)
    return written_as(expansion, coming)


def written_as(expansion: Expansion, coming: int = 0, kept: int | None = None) -> CellEquation:
    """The writers of an expansion; the arguments are those of :func:`write`."""
    has_order = expansion.combine is Combine.SUM and not coming and expansion.count > 1
    return CellEquation(
        lambda room: write(expansion, room, coming, kept),
        largest=(lambda room: write(expansion, room, coming, kept, largest_first=True)) if has_order else None,
    )


def use_of(debugger: Debugger, scene: Scene, output: Index | None) -> str:
    """How many output cells use an input cell, and which of them the rest of the text explains."""
    run, cell = debugger.run, debugger.cell()
    name, index, words = cell.name, cell.index, ""
    said = label(name, index)
    for reader in scene.links:
        if name not in reader.inputs:
            continue
        reached = reader.op.feeds(run.program.in_shapes(reader), reader.shape, reader.inputs.index(name), index)
        if not len(reached):
            return f"{said} has no part in {distinct(reader.output, cell.name)}."
        several = counted(len(reached), "cell")
        words = (
            f"{_distinct_cell(cell, reader.output)} has a part in {several} of {distinct(reader.output, cell.name)}."
        )
        if len(reached) != 1:
            break
        name, index = reader.output, tuple(int(i) for i in reached[0])
    if words and output is not None and debugger.place.position.done > 0:
        where = distinct(scene.step.output, cell.name)
        at = f"[{', '.join(map(str, output))}]" if output else ""
        words += f" For {where}{at}:"
    return words


def _going_in(debugger: Debugger, output: Index, inputs: Counterparts) -> CellEquation | None:
    """An output cell's equation that keeps the input cell's term in sight; None if there is no such term."""
    step, progress = debugger.step, debugger.progress
    adding = step.op.accumulates and not progress.whole
    if not progress.whole and not (adding and progress.done) and debugger.micro_of(output) >= progress.done:
        return None
    expansion, coming = expand(debugger.run, step, output), 0
    if adding:
        expansion, coming = _landed(debugger, expansion)
    kept = term_of(expansion, inputs)
    return None if kept is None else written_as(expansion, coming, kept)


def _landed(debugger: Debugger, expansion: Expansion) -> tuple[Expansion, int]:
    """The terms added so far, and how many are still to be added."""
    step = debugger.step
    there = landed(expansion, step, debugger.run.program.in_shapes(step), debugger.progress.done)
    return expansion.kept(there), int((~there).sum())


def _distinct_cell(cell: Cell, other: str) -> str:
    """The cell's name; with its layer if the other array has the same short name."""
    at = f"[{', '.join(map(str, cell.index))}]" if cell.index else ""
    return f"{distinct(cell.name, other)}{at}"
