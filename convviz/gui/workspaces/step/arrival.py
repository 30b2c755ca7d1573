"""Where the cursor starts in a new pass: where it was in the previous one, or at the array that Probe points to."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

from convviz.core.program import Phase, Program
from convviz.gui.workspaces.step.beginning import is_alike, run_on
from convviz.gui.workspaces.step.cursor import Cell, Cursor
from convviz.gui.workspaces.step.debugger import Debugger
from convviz.gui.workspaces.step.offer import PassChoice
from convviz.training.make_pass import step_like
from convviz.training.pass_source import PassKind, PassSource

AT_ONCE = 0.04
"""Seconds of computing in which a new pass must reach its place for its first step not to be shown on the way."""


@dataclass(frozen=True, slots=True)
class LeftPass:
    """The pass that was being stepped when Probe opened its own, and where the cursor was in it."""

    choice: PassChoice
    cursor: Cursor

    def is_like(self, source: PassSource, debugger: Debugger) -> bool:
        """Whether its place exists in another pass: one of the same kind, with the same steps."""
        there, here = debugger.cursor, self.cursor
        return source.kind is self.choice.kind and (there.outputs, there.counts) == (here.outputs, here.counts)


def left_by(
    left: LeftPass | None, debugger: Debugger | None, before: PassChoice, choice: PassChoice
) -> LeftPass | None:
    """The pass to return to from Probe's: the current one if ``choice`` opens Probe's pass, otherwise ``left``."""
    if choice.kind is not PassKind.PROBED or before.kind is PassKind.PROBED or debugger is None:
        return left
    return LeftPass(before, debugger.cursor)


def arrive(
    debugger: Debugger,
    source: PassSource,
    before: Debugger | None,
    was: PassSource | None,
    *,
    image: int | None,
    first: int | None,
    left: LeftPass | None = None,
) -> Generator[None, None, int | None]:
    """Put the cursor of a new pass where the user expects it, with a pause after every piece of computing.

    Parameters
    ----------
    debugger : Debugger
        Debugger of the new pass.
    source : PassSource
        Source of the new pass.
    before, was : Debugger, PassSource or None
        Debugger and source of the previous pass.
    image : int or None
        Row of the image to show, if the pass contains it; None for the first one.
    first : int or None
        Row of the image to show this time only; takes precedence over ``image``.
    left : LeftPass, optional
        The place to return to.

    Returns
    -------
    int or None
        The step still to be run to, if running there takes longer than :data:`AT_ONCE`.
    """
    if left is not None and first is None and left.is_like(source, debugger):
        return (yield from approach(debugger, left.cursor))
    is_asked = source.kind is PassKind.PROBED and source is not was
    if is_asked or before is None or was is None or not is_alike(was, source):
        row = image if first is None else first
        debugger.in_sample(0 if row is None else source.place_of(row))
        step_shown = shown_step(debugger.run.program, source) if is_asked else None
        return None if step_shown is None else (yield from reach(debugger, step_shown, source.shows_cell))
    if first is not None:
        sample = source.place_of(first)
    else:
        # An image that was chosen in another minibatch is none of this one, unless it is the same training image.
        sample = source.place_of(was.rows[before.selection.sample]) if was.split == source.split else 0
    cursor = debugger.continued(before, sample)
    if not before.progress.done:
        yield from compute_cells(debugger, cursor)
        debugger.take_up(cursor)
        return None
    pin, step = cursor.place.pin, step_like(before.run.program, before.place.step, debugger.run.program)
    at = cursor.to(step)
    at = at if pin is None or at.output != before.cursor.output else at.select(pin)
    return (yield from approach(debugger, at))


def approach(debugger: Debugger, cursor: Cursor) -> Generator[None, None, int | None]:
    """Take over a cursor; return its step if running there takes too long."""
    yield from compute_cells(debugger, cursor)
    if not cursor.at_start:
        yield from run_on(debugger.run, cursor.place.step, AT_ONCE)
    return debugger.approach(cursor)


def compute_cells(debugger: Debugger, cursor: Cursor) -> Iterator[None]:
    """Compute what the cells that are chosen at a cursor are followed through, however long it takes."""
    makers = [debugger.run.maker(cell.name) for cell in cursor.place.cells]
    yield from run_on(debugger.run, max((maker.index for maker in makers if maker is not None), default=-1))


def reach(debugger: Debugger, step: int, cell: tuple[int, ...] = ()) -> Generator[None, None, int | None]:
    """Select a cell that a step makes, and go to the step's end; return the step if running there takes too long."""
    name, index = debugger.run.program.steps[step].output, (0, *cell)
    if cell and debugger.has(name, index):
        cursor = debugger.cursor.walk(Cell(name, index))
        yield from compute_cells(debugger, cursor)
        debugger.take_up(cursor)
    if not (yield from run_on(debugger.run, step, AT_ONCE)):
        return step
    debugger.to(step)
    return None


def shown_step(program: Program, source: PassSource) -> int | None:
    """Index of the step that makes the array a pass was opened to show; None if no step does."""
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
