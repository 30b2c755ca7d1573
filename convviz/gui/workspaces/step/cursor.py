"""The cursor of Step: the place in a pass, and the places that were left by jumps. Values only, no Qt.

It alone holds the place. The pass, the panes and the listing follow it and keep no place of their own.
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
    position : StepPosition
        The step, and how much of it is done.
    cells : tuple of Cell
        The selected cells, newest first, at most one in each array. They determine the shown cell of every other array.
    chosen : bool
        Whether the user selected the newest of them; False if it is the one that the pass started with.
    pinned : bool
        Whether the newest of them is explained, and not the shown cell of the step's output.
    selection : Selection
        The selected image, filter, channel, unit and class.
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
        """The pinned cell; None if none is."""
        return self.cell if self.pinned else None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a pass, and the places that jumps left. Every move returns a new cursor.

    Parameters
    ----------
    counts : tuple of int
        Number of micro-steps, by step.
    outputs : tuple of str
        Name of the array that each step makes.
    place : PassPlace
    past, future : tuple of PassPlace
        Where jumps began, and where undone jumps led; the latest last.
    """

    counts: tuple[int, ...]
    outputs: tuple[str, ...]
    place: PassPlace = field(default_factory=PassPlace)
    past: tuple[PassPlace, ...] = ()
    future: tuple[PassPlace, ...] = ()

    @property
    def output(self) -> str:
        """Name of the array that the step makes."""
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
        """Finish the step if it has not run or is inside its micro-steps; otherwise run the next step."""
        return self._at(self.place.position.over(self.counts))

    def into(self, first: int = 0) -> Cursor:
        """Go on to the next micro-step; when entering a step, to micro-step ``first``."""
        return self._at(self.place.position.into(self.counts, first)).unpin()

    def out(self) -> Cursor:
        """Finish the step and leave its micro-steps."""
        return self._at(self.place.position.out(self.counts))

    def back(self) -> Cursor:
        """Go back one micro-step inside a step, otherwise one step."""
        return self._at(self.place.position.back(self.counts))

    def back_over(self) -> Cursor:
        """One step back."""
        return self._at(self.place.position.back_over(self.counts))

    def to(self, step: int) -> Cursor:
        """Go to the end of a step.

        Raises
        ------
        IndexError
            There is no such step.
        """
        return self._at(self.place.position.to(step, self.counts))

    def scrub(self, done: int) -> Cursor:
        """Go inside the step, to where this number of its micro-steps are done."""
        return self._at(self.place.position.scrub(done, self.counts))

    # --- cells -----------------------------------------------------------------------------------------------------

    def select(self, cell: Cell) -> Cursor:
        """Pin a cell at this place."""
        return self._with(cells=_newest(cell, self.place.cells), chosen=True, pinned=True)

    def walk(self, cell: Cell) -> Cursor:
        """Select the cell that a micro-step makes, without pinning it."""
        return self._with(cells=_newest(cell, self.place.cells), chosen=True)

    def unpin(self) -> Cursor:
        """Explain the shown cell of the step's output again."""
        return self._with(pinned=False)

    def choose(self, selection: Selection, cells: tuple[Cell, ...]) -> Cursor:
        """Choose another image, filter, channel or unit, and select the cells that belong to it."""
        return self._with(selection=selection, cells=cells, pinned=self.place.pinned and bool(cells))

    def fit(self, selection: Selection) -> Cursor:
        """Replace the selection, and leave the selected cells alone."""
        return self if selection == self.place.selection else self._with(selection=selection)

    # --- history ---------------------------------------------------------------------------------------------------

    def jump(self, step: int, cell: Cell, shown: Cell | None = None) -> Cursor:
        """Go to the end of a step and pin a cell there; :meth:`back_from_jump` returns.

        Parameters
        ----------
        step : int
        cell : Cell
        shown : Cell, optional
            The cell that is explained here. It is selected on return, whatever has run or was edited meanwhile.
        """
        left = self.place if shown is None or self.place.pinned else self.walk(shown).place
        return replace(self.to(step).select(cell), past=(*self.past, left)[-PLACES:], future=())

    def back_from_jump(self) -> Cursor:
        """Return to where the last jump began."""
        if not self.past:
            return self
        return replace(self, place=self.past[-1], past=self.past[:-1], future=(*self.future, self.place))

    def jump_again(self) -> Cursor:
        """Go again to where the last undone jump led."""
        if not self.future:
            return self
        return replace(self, place=self.future[-1], past=(*self.past, self.place), future=self.future[:-1])

    # --- how -------------------------------------------------------------------------------------------------------

    def _at(self, position: StepPosition) -> Cursor:
        moved = position.step != self.place.step
        pin = self.place.pin
        pinned = pin is not None and pin.name == self.outputs[position.step]
        past = self.past
        while past and _is_passed(past[-1].step, self.place.step, position.step):
            past = past[:-1]  # the cursor is back where that jump began, or past it
        place = replace(self.place, position=position, pinned=pinned)
        return replace(self, place=place, past=past, future=() if moved else self.future)

    def _with(self, **changes: object) -> Cursor:
        return replace(self, place=replace(self.place, **changes))  # type: ignore[arg-type]


def _is_passed(step: int, before: int, after: int) -> bool:
    """Whether a move from one step to another one reaches a step, or passes it: forwards or backwards."""
    return before != after and (step == after or min(before, after) < step < max(before, after))


def _newest(cell: Cell, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return (cell, *(one for one in cells if one.name != cell.name))[:REMEMBERED]
