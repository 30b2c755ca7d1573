"""The cursor of Step: the place in a pass, and the places that jumps began at. Values only, no Qt.

It is the only owner of the place. The pass, the panes and the listing follow it and keep no place of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from convviz.core.arrays import Index
from convviz.present.step.values import Selection
from convviz.training.position import StepPosition

REMEMBERED = 3
"""Number of selected cells that a place keeps."""
PLACES = 100
"""Number of places that the history keeps."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of an array."""

    name: str
    index: Index


@dataclass(frozen=True, slots=True)
class PassPlace:
    """A place in a pass.

    Parameters
    ----------
    position : Position
        The step, and how much of it is done.
    cells : tuple of Cell
        Cells that were selected, the newest first, each of another array. What is shown of every other array follows
        from them.
    chosen : bool
        Whether the newest of them was selected by the user, and not by how the pass begins.
    pinned : bool
        Whether the newest of them is explained, instead of the cell of the step's output that follows from it.
    selection : Selection
        Image, filter, channel, unit.
    """

    position: StepPosition = field(default_factory=StepPosition)
    cells: tuple[Cell, ...] = ()
    chosen: bool = False
    pinned: bool = False
    selection: Selection = field(default_factory=Selection)

    @property
    def step(self) -> int:
        """Index of the step."""
        return self.position.step

    @property
    def cell(self) -> Cell | None:
        """The newest of the selected cells."""
        return self.cells[0] if self.cells else None

    @property
    def pin(self) -> Cell | None:
        """The cell that is pinned."""
        return self.cell if self.pinned else None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a pass, and the places that were left by a jump. Every move returns another cursor.

    Parameters
    ----------
    counts : tuple of int
        Micro-steps of every step of the pass.
    outputs : tuple of str
        The array that every step makes.
    place : Place
    past, future : tuple of Place
        Where jumps began, the latest last; and where they led, after going back.
    """

    counts: tuple[int, ...]
    outputs: tuple[str, ...]
    place: PassPlace = field(default_factory=PassPlace)
    past: tuple[PassPlace, ...] = ()
    future: tuple[PassPlace, ...] = ()

    @property
    def output(self) -> str:
        """The array that the step makes."""
        return self.outputs[self.place.step]

    @property
    def at_start(self) -> bool:
        """Whether nothing has run."""
        return self.place.step == 0 and self.place.position.done == 0

    @property
    def at_end(self) -> bool:
        """Whether everything has run."""
        return self.place.step == len(self.counts) - 1 and self.place.position.is_whole(self.counts)

    # --- moves of a debugger ---------------------------------------------------------------------------------------

    def start(self) -> Cursor:
        """Before the first step."""
        return self._at(StepPosition())

    def end(self) -> Cursor:
        """After the last step."""
        return self.to(len(self.counts) - 1)

    def over(self) -> Cursor:
        """Finish the step if it has not run or its micro-steps are being walked; otherwise run the next one."""
        return self._at(self.place.position.over(self.counts))

    def into(self, first: int = 0) -> Cursor:
        """The next micro-step; ``first`` is the one to begin with where none is being walked."""
        return self._at(self.place.position.into(self.counts, first)).unpin()

    def out(self) -> Cursor:
        """Finish the step and leave its micro-steps."""
        return self._at(self.place.position.out(self.counts))

    def back(self) -> Cursor:
        """Go back one micro-step if they are being walked, otherwise one step."""
        return self._at(self.place.position.back(self.counts))

    def back_over(self) -> Cursor:
        """One step back."""
        return self._at(self.place.position.back_over(self.counts))

    def to(self, step: int) -> Cursor:
        """A step, all of it done.

        Raises
        ------
        IndexError
            There is no such step.
        """
        return self._at(self.place.position.to(step, self.counts))

    def scrub(self, done: int) -> Cursor:
        """Inside the step, with this number of micro-steps done."""
        return self._at(self.place.position.scrub(done, self.counts))

    # --- cells -----------------------------------------------------------------------------------------------------

    def select(self, cell: Cell) -> Cursor:
        """Pin a cell at this place."""
        return self._with(cells=_newest(cell, self.place.cells), chosen=True, pinned=True)

    def walk(self, cell: Cell) -> Cursor:
        """Select the cell that a micro-step makes, without pinning it."""
        return self._with(cells=_newest(cell, self.place.cells), chosen=True)

    def unpin(self) -> Cursor:
        """Explain the step's own cell again."""
        return self._with(pinned=False)

    def choose(self, selection: Selection, cells: tuple[Cell, ...]) -> Cursor:
        """Another image, filter, channel or unit, and the selected cells there."""
        return self._with(selection=selection, cells=cells, pinned=self.place.pinned and bool(cells))

    def fit(self, selection: Selection) -> Cursor:
        """Let the selection be that of the cell that is shown."""
        return self if selection == self.place.selection else self._with(selection=selection)

    # --- history ---------------------------------------------------------------------------------------------------

    def jump(self, step: int, cell: Cell) -> Cursor:
        """Pin a cell at another step; :meth:`back_from_jump` leads back."""
        past = (*self.past, self.place)[-PLACES:]
        return replace(self.to(step).select(cell), past=past, future=())

    def back_from_jump(self) -> Cursor:
        """Where the last jump began."""
        if not self.past:
            return self
        return replace(self, place=self.past[-1], past=self.past[:-1], future=(*self.future, self.place))

    def jump_again(self) -> Cursor:
        """Where the last undone jump led."""
        if not self.future:
            return self
        return replace(self, place=self.future[-1], past=(*self.past, self.place), future=self.future[:-1])

    # --- how -------------------------------------------------------------------------------------------------------

    def _at(self, position: StepPosition) -> Cursor:
        moved = position.step != self.place.step
        pin = self.place.pin
        pinned = pin is not None and pin.name == self.outputs[position.step]
        past = self.past
        while past and past[-1].step <= position.step:
            past = past[:-1]  # back there, or past it
        place = replace(self.place, position=position, pinned=pinned)
        return replace(self, place=place, past=past, future=() if moved else self.future)

    def _with(self, **changes: object) -> Cursor:
        return replace(self, place=replace(self.place, **changes))  # type: ignore[arg-type]


def _newest(cell: Cell, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return (cell, *(one for one in cells if one.name != cell.name))[:REMEMBERED]
