"""Where the cursor of another pass begins: where it was in the pass before, or at what Probe points at."""

from __future__ import annotations

from dataclasses import dataclass, replace

from convviz.core.program import Phase, Program
from convviz.gui.workspaces.step.beginning import is_alike
from convviz.gui.workspaces.step.cursor import Cell, Cursor
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.offer import PassChoice
from convviz.training.make_pass import step_like
from convviz.training.pass_source import PassKind, PassSource
from convviz.training.position import StepPosition

AT_ONCE = 0.02
"""If another pass reaches its place within this number of seconds, its beginning is not shown."""


@dataclass(frozen=True, slots=True)
class LeftPass:
    """What was stepped when Probe asked for a pass of its own: the choice, and the place there."""

    choice: PassChoice
    cursor: Cursor

    def is_like(self, source: PassSource, debugger: Debugger) -> bool:
        """Whether its place is one in another pass, which is of the same kind and has the same steps."""
        there, here = debugger.cursor, self.cursor
        return source.kind is self.choice.kind and (there.outputs, there.counts) == (here.outputs, here.counts)


def left_by(
    left: LeftPass | None, debugger: Debugger | None, before: PassChoice, choice: PassChoice
) -> LeftPass | None:
    """What a choice leaves: what was stepped before, where it is Probe's pass; what was left otherwise."""
    if choice.kind is not PassKind.PROBED or before.kind is PassKind.PROBED or debugger is None:
        return left
    return LeftPass(before, debugger.cursor)


def arrive(
    debugger: Debugger,
    source: PassSource,
    before: Debugger | None,
    was: PassSource | None,
    *,
    image: int,
    first: int | None,
    left: LeftPass | None = None,
) -> int | None:
    """Put the cursor of a new pass in its place.

    Parameters
    ----------
    debugger : Debugger
        Of the new pass.
    source : PassSource
    before, was : Debugger, PassSource or None
        The pass before.
    image : int
        Row of the image to show, where the pass has it.
    first : int or None
        Row of another image, which is wanted this once.
    left : LeftPass, optional
        The place to go back to.

    Returns
    -------
    int or None
        The step to walk to, where that takes longer than a moment.
    """
    if left is not None and first is None and left.is_like(source, debugger):
        step = left.cursor.place.step
        if left.cursor.at_start or debugger.run.advance(step, AT_ONCE):
            debugger.take_up(left.cursor)
            return None
        debugger.take_up(replace(left.cursor, place=replace(left.cursor.place, position=StepPosition())))
        return step
    is_asked = source.kind is PassKind.PROBED and source is not was
    if is_asked or before is None or was is None or not is_alike(was, source):
        debugger.in_sample(source.place_of(image if first is None else first))
        step_shown = shown_step(debugger.run.program, source) if is_asked else None
        return None if step_shown is None else reach(debugger, step_shown, source.shows_cell)
    row = was.rows[before.selection.sample] if was.split == source.split else -1
    debugger.continue_from(before, source.place_of(row if first is None else first))
    if not before.progress.done:
        return None
    return reach(debugger, step_like(before.run.program, before.place.step, debugger.run.program))


def reach(debugger: Debugger, step: int, cell: tuple[int, ...] = ()) -> int | None:
    """Go to the end of a step, and to a cell that it makes, if that is done in a moment; otherwise return the step."""
    name, index = debugger.run.program.steps[step].output, (0, *cell)
    if cell and debugger.has(name, index):
        debugger.take_up(debugger.cursor.walk(Cell(name, index)))
    if not debugger.run.advance(step, AT_ONCE):
        return step
    debugger.to(step)
    return None


def shown_step(program: Program, source: PassSource) -> int | None:
    """The step that makes what a pass was made for; None if no step does."""
    name = source.shows
    if source.shows_gradient:
        layer, _, array = name.rpartition(".")
        wanted = {program.gradients.get(name, ""), f"{layer}.d_{array}", f"{layer}.d_{array}_sum"}
        found = [step.index for step in program.steps if step.output in wanted]
    else:
        found = [step.index for step in program.steps if step.output == name] or [
            step.index for step in program.steps if step.phase is Phase.FORWARD and step.output.startswith(f"{name}.")
        ]
    return found[-1] if found else None
