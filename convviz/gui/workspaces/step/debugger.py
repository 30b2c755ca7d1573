"""A pass and the cursor over it: every move of the user ends here. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from convviz.core.arrays import Index
from convviz.core.micro import MicroBlock, micro_block
from convviz.core.program import Step
from convviz.gui.workspaces.step.beginning import beginning
from convviz.gui.workspaces.step.cells import (
    ShownCells,
    is_inside,
    label_of,
    moved,
    selecting,
    size_of,
    ways_back,
)
from convviz.gui.workspaces.step.cursor import Cell, Cursor, PassPlace
from convviz.present.step.arrange import arrange
from convviz.present.step.families import presentation_of
from convviz.present.step.follow import MANY, Lineage, WayBack
from convviz.present.step.pane import Scene
from convviz.present.step.sentence import OutputCell
from convviz.present.step.stage import Stage
from convviz.present.step.values import Selection, StepProgress, label
from convviz.training.position import StepPosition
from convviz.training.stepping import Pass

Kept = TypeVar("Kept")
KEPT = 4
"""Places whose cells are kept: a move asks for those of the place that it leads to and of the one that it began at."""

AXES = ("sample", "filter", "channel", "unit")
MOVES = ("start", "back", "back_over", "into", "over", "out", "end")


class Debugger:
    """Moves through a pass. The selected cell and the selection follow the cursor.

    Parameters
    ----------
    run : Pass

    Attributes
    ----------
    hovered : Cell or None
        The cell under the pointer. It is explained while the pointer is there, but isn't part of the place.
    """

    def __init__(self, run: Pass) -> None:
        self.run = run
        self.hovered: Cell | None = None
        self._lineage = Lineage(run.program)
        self._found: dict[object, ShownCells] = {}
        self._ways: dict[object, tuple[WayBack, ...]] = {}
        self._cursor = beginning(run)
        self._shown: tuple[PassPlace, int, Index] | None = None
        self._scene: tuple[object, Scene] | None = None
        self._looked: tuple[tuple[int, Index, int], Mapping[str, int]] | None = None
        self._chosen: tuple[int, Index] | None = None
        self._awaited: Cursor | None = None  # where to go once the pass has run that far
        self._go(self._cursor)

    def has(self, name: str, index: Index) -> bool:
        """Whether the pass has this cell: a view may still show the previous pass, whose arrays had other shapes."""
        spec = self.run.program.arrays.get(name)
        return spec is not None and len(index) == len(spec.shape) and all(map(in_range, index, spec.shape))

    # --- where one is ----------------------------------------------------------------------------------------------

    @property
    def cursor(self) -> Cursor:
        """The place, and the history of jumps."""
        return self._cursor

    @property
    def place(self) -> PassPlace:
        """The place in the pass."""
        return self._cursor.place

    @property
    def step(self) -> Step:
        """The step that the cursor is on."""
        return self.run.program.steps[self.place.step]

    @property
    def selection(self) -> Selection:
        """The shown image, filter, channel and unit."""
        return replace(self.place.selection, **self._looking_at())

    @property
    def pinned(self) -> Cell | None:
        """The cell that the user pinned."""
        return self.place.pin

    @property
    def progress(self) -> StepProgress:
        """How much of the cursor's step is done."""
        at = self.place.position
        return StepProgress(at.done, self.run.count(), at.inside)

    @property
    def micro(self) -> int | None:
        """Number of the micro-step done last; None outside of them."""
        at = self.place.position
        return at.done - 1 if at.inside and at.done else None

    def focus(self) -> Index:
        """The shown cell of the step's output: the last micro-step's, or the one that the selection implies."""
        place, ran = self.place, self.run.ran
        if self._shown is None or self._shown[:2] != (place, ran):
            self._shown = place, ran, self._focus_at(place)
        return self._shown[2]

    def cell(self) -> Cell:
        """The cell to explain: the hovered one, else the pinned one, else the shown one of the step's output."""
        return self.hovered or self.cell_at(self.place)

    def cell_at(self, place: PassPlace) -> Cell:
        """The cell that is explained at a place."""
        focus = self.focus() if place is self.place else self._focus_at(place)
        return place.pin or Cell(self.run.program.steps[place.step].output, focus)

    def scene(self) -> Scene:
        """The panes of the step."""
        by = self.step, self.selection, self.focus(), self.micro
        if self._scene is None or self._scene[0] != by:
            self._scene = by, arrange(self.run.program, *by)
        return self._scene[1]

    def size(self, axis: str) -> int:
        """Number of indices to choose from along an axis, in the arrays of the step."""
        return size_of(self._stage(), self.scene().arrays, axis)

    def block(self) -> MicroBlock:
        """The micro-steps of the slider: those that make the shown map, row or image."""
        micro = self.micro
        if micro is None:
            micro = 0 if self.place.position.inside else self.micro_of(self.focus())
        return micro_block(self.run.program, self.step, micro)

    def micro_of(self, index: Index) -> int:
        """Number of the micro-step that makes a cell of the step's output."""
        return self.step.op.micro_of(self.run.program.in_shapes(self.step), self.step.shape, index)

    def relation(self) -> str:
        """A sentence if the shown cell is one of several related to the selected cell; otherwise empty."""
        selected = self.place.cell
        if selected is None or not self.place.chosen or self.place.pinned or self.place.position.inside:
            return ""
        count, backwards = self._cells(self.place).related(self.step)
        if count < 2:
            return ""
        shown, cell = label(self.step.output, self.focus()), label(selected.name, selected.index)
        several = f"one of {count:,} cells" if count <= MANY else f"one of more than {MANY:,} cells"
        return f"{shown} is {several} " + (f"that {cell} comes from." if backwards else f"that come from {cell}.")

    # --- moves -----------------------------------------------------------------------------------------------------

    def move(self, word: str) -> None:
        """Obey one of :data:`MOVES`."""
        if word == "into":
            self._into()
        else:
            moves = {name: getattr(self._cursor, name) for name in MOVES}
            self._go(moves[word]())

    def needed(self, word: str) -> int:
        """The last step that must have run for a move; −1 if it needs none that has not."""
        moves = {"over": self._cursor.over, "into": self._cursor.into}
        return moves[word]().place.step if word in moves else -1

    def to(self, step: int) -> None:
        """Go to the end of a step, or to the place at this step that :meth:`approach` has been told."""
        awaited = self._awaited
        self._go(awaited if awaited is not None and awaited.place.step == step else self._cursor.to(step))

    def scrub(self, done: int) -> None:
        """Go inside the step, to where this number of the micro-steps of :meth:`block` are done."""
        self._go(self._cursor.scrub(self.block().start + done))

    def play_on(self, at_once: int) -> bool:
        """Make one move of Play; False at the end of the pass, or of the map that is being walked."""
        at = self.place.position
        if at.inside:
            block = self.block()
            end = block.start + block.count
            self._go(self._cursor.scrub(min(at.done + at_once, end)))
            return self.place.position.done < end
        if self._cursor.at_end:
            return False
        self.move("over")
        return True

    def select(self, name: str, index: Index) -> bool:
        """Pin a cell; jump to the step that made it if the current one doesn't show it. Returns whether it jumped."""
        cell, cursor = Cell(name, tuple(index)), self._cursor
        if name in self.scene().arrays:
            if self.place.position.inside and name == self.step.output:
                cursor = cursor.scrub(self.micro_of(cell.index) + 1)
            self._go(cursor.select(cell))
            return False
        maker, readers = self.run.maker(name), self.run.program.consumers(name)
        step = maker.index if maker is not None else readers[0].index if readers else self.place.step
        self._go(cursor.jump(step, cell, self.cell_at(self.place)))
        return True

    def unpin(self) -> None:
        """Explain the shown cell of the step's output again."""
        self._go(self._cursor.unpin())

    def back_from_jump(self) -> None:
        """Go where the last jump began."""
        self._go(self._cursor.back_from_jump())

    def jump_again(self) -> None:
        """Go where the last undone jump led."""
        self._go(self._cursor.jump_again())

    def choose(self, axis: str, value: int) -> None:
        """Select another image, filter, channel or unit; the selected cell moves to it."""
        before, focus = self.place, self.focus()
        selection = before.selection.choosing(axis, value, self.size(axis))
        self._chosen = (before.step, focus) if axis in self._looking_at() else self._chosen
        stage = Stage(self.run.program, self.step, selection)
        cells = [moved(stage, Cell(self.step.output, focus), axis)]
        if before.pin is not None and before.pin.name != self.step.output:
            cells.insert(0, moved(stage, before.pin, axis))
        cursor = self._cursor.choose(selection, tuple(cells))
        if axis == "sample":
            cursor = self._following_label(cursor, before.selection)
        if self.micro is not None:
            cursor = cursor.scrub(self.micro_of(cells[-1].index) + 1)
        self._go(cursor)

    def take_up(self, cursor: Cursor) -> None:
        """Take over a cursor, with its history of jumps, from a pass with the same steps."""
        self._go(cursor)

    def approach(self, cursor: Cursor) -> int | None:
        """Take over a cursor as soon as the pass has run that far; until then, begin with its cells.

        Parameters
        ----------
        cursor : Cursor
            Of a pass with the same steps.

        Returns
        -------
        int or None
            The step still to be run to; :meth:`to` then goes to the cursor's place.
        """
        if cursor.at_start or self.run.ran > cursor.place.step:
            self._go(cursor)
            return None
        self._go(replace(cursor, place=replace(cursor.place, position=StepPosition())))
        self._awaited = cursor
        return cursor.place.step

    def continued(self, before: Debugger, sample: int) -> Cursor:
        """The cursor at the start of this pass, with the selection of another one and the cells that were chosen there.

        What belonged to the image that was looked at there belongs to image ``sample`` here: its cells, and its label
        if that was the selected class. Cells of arrays that this pass does not have are left out.
        """
        was = before.place.selection
        selection = replace(was, sample=sample)
        if was.category == label_of(before.run, was.sample):
            selection = replace(selection, category=label_of(self.run, sample))
        if not before.place.chosen:
            return self._cursor.fit(selection)
        stage, arrays = Stage(self.run.program, self.step, selection), self.run.program.arrays
        there = (moved(stage, cell, "sample") for cell in before.place.cells if cell.name in arrays)
        cells = tuple(self._labelled(cell, was, selection) for cell in there if self.has(cell.name, cell.index))
        pinned = before.pinned is not None and bool(cells) and cells[0].name == before.pinned.name
        place = PassPlace(cells=cells, chosen=bool(cells), pinned=pinned, selection=selection)
        return replace(self._cursor, place=place) if cells else self._cursor.fit(selection)

    def in_sample(self, sample: int) -> None:
        """Select an image and keep the rest of the selection."""
        self._go(self._cursor.fit(replace(self.place.selection, sample=sample)))

    def selection_of(self, output: Index) -> Selection:
        """The selection that another output cell of the step belongs to, with what contributes most to it."""
        step, selection = self.step, self.selection
        found = selecting(Stage(self.run.program, step, selection), selection, Cell(step.output, output))
        if self.micro is not None or not all(self.run.has(name) for name in step.inputs):
            return found
        return replace(found, **presentation_of(step.op).strongest(OutputCell(self.run, step, output)))

    # --- how -------------------------------------------------------------------------------------------------------

    def _stage(self) -> Stage:
        return Stage(self.run.program, self.step, self.selection)

    def _cells(self, place: PassPlace) -> ShownCells:
        by = place.cells, place.selection, self.run.edits
        if by not in self._found:
            ways = self._ways_of(place.cells)
            kept(self._found, by, ShownCells(self.run, self._lineage, place.cells, place.selection, ways))
        return self._found[by]

    def _ways_of(self, cells: tuple[Cell, ...]) -> tuple[WayBack, ...]:
        """Where the selected cells were computed from: the same for every image and filter that is looked at."""
        makers = [maker.index for cell in cells if (maker := self.run.maker(cell.name)) is not None]
        by = cells, self.run.edits, min(self.run.ran, max(makers, default=-1) + 1)
        if by not in self._ways:
            kept(self._ways, by, ways_back(self.run, cells))
        return self._ways[by]

    def _focus_at(self, place: PassPlace) -> Index:
        step = self.run.program.steps[place.step]
        if place.position.inside and place.position.done:
            found = self._micro_cell(step, place.position.done - 1)
            if is_inside(found, step.shape):
                return found
        return self._cells(place).of(step)

    def _micro_cell(self, step: Step, micro: int) -> Index:
        writes = step.op.micro(self.run.program.in_shapes(step), step.shape, micro).writes
        return tuple(int(i) for i in writes[len(writes) // 2])

    def _into(self) -> None:
        """Enter the micro-steps of the shown map, row or image at the first one."""
        cursor = self._cursor
        at = cursor.place.position
        if at.inside and at.is_whole(cursor.counts) and not cursor.at_end:
            self._go(cursor.over())
        first = 0 if self.place.position.inside else self.block().start
        self._go(self._cursor.into(first))

    def _go(self, cursor: Cursor) -> None:
        """Move the pass to a cursor, and set the selection to match the shown cell."""
        self.hovered = self._awaited = None
        self.run.move(cursor.place.position)
        self._cursor = self._belonging(cursor, cursor.place.pin)
        shown = Cell(cursor.output, self.focus())
        if self.micro is not None and not cursor.place.pinned:
            self._cursor = self._cursor.walk(shown)
        self._cursor = self._belonging(self._cursor, shown)

    def _looking_at(self) -> Mapping[str, int]:
        """The channel or filter to show: of those that the shown cell sums over, the one that contributes most.

        It stays the same inside the micro-steps. It is empty if the user chose one for this cell.
        """
        step, pin = self.step, self.place.pin
        if self._chosen == (step.index, self.focus()) or not all(self.run.has(name) for name in step.inputs):
            return {}
        if self.micro is None:
            at = step.index, self.focus(), self.run.ran
            if self._looked is None or self._looked[0] != at:
                self._looked = at, presentation_of(step.op).strongest(OutputCell(self.run, step, self.focus()))
        elif self._looked is None or self._looked[0][0] != step.index:
            return {}
        pinned = () if pin is None else Stage(self.run.program, step, self.place.selection).meaning(pin.name)
        return {axis: value for axis, value in self._looked[1].items() if axis not in pinned}

    def _belonging(self, cursor: Cursor, cell: Cell | None) -> Cursor:
        """The cursor, with the image, filter, channel and unit of a cell selected."""
        if cell is None:
            return cursor
        step, selection = self.run.program.steps[cursor.place.step], cursor.place.selection
        return cursor.fit(selecting(Stage(self.run.program, step, selection), selection, cell))

    def _following_label(self, cursor: Cursor, was: Selection) -> Cursor:
        """Select the label of the new image if the label of the previous image was selected."""
        if was.category != label_of(self.run, was.sample):
            return cursor
        selection = cursor.place.selection
        label_there = label_of(self.run, selection.sample)
        selection = replace(selection, category=label_there)
        return cursor.choose(selection, tuple(self._labelled(one, was, selection) for one in cursor.place.cells))

    def _labelled(self, cell: Cell, was: Selection, now: Selection) -> Cell:
        """The cell or, if it is of the class that was selected and another one is selected now, that one's."""
        moves = was.category != now.category and self._has_classes(cell)
        return Cell(cell.name, (cell.index[0], now.category)) if moves else cell

    def _has_classes(self, cell: Cell) -> bool:
        spec = self.run.program.arrays[cell.name]  # weights belong to no image, and so to no label
        return spec.batched and len(cell.index) == 2 and spec.shape[1:] == (self.selection.categories,)


def in_range(place: int, length: int) -> bool:
    """Whether an index lies on an axis of this length."""
    return 0 <= place < length


def kept(found: dict[object, Kept], by: object, one: Kept) -> None:
    """Keep what was found, and forget what was kept longest of more than :data:`KEPT`."""
    found[by] = one
    while len(found) > KEPT:
        del found[next(iter(found))]
