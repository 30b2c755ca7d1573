"""Which cell of each array is shown: the selected cell, one it was computed from, or one computed from it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from convviz.core.arrays import Index
from convviz.core.lower import LABELS
from convviz.core.program import Step
from convviz.core.score import explained_class
from convviz.gui.workspaces.step.cursor import Cell
from convviz.present.step.follow import Lineage, WayBack, count_related, follow_forward, is_computed_from
from convviz.present.step.stage import Stage
from convviz.present.step.values import Selection
from convviz.training.stepping import Pass


def ways_back(run: Pass, selected: tuple[Cell, ...]) -> tuple[WayBack, ...]:
    """Where each of the selected cells, the newest first, was computed from."""
    older = {cell.name: cell.index for cell in selected[1:]}
    return tuple(WayBack(run, cell.name, cell.index, older) for cell in selected)


class ShownCells:
    """The shown cell of every array of a pass.

    The choice depends only on the selected cells, the selection and the numbers, not on how the user got there. A cell
    found at one step therefore stays the same at every other, once its array has been computed.

    Parameters
    ----------
    run : Pass
    lineage : Lineage
        Lineage of the pass's program.
    selected : tuple of Cell
        The selected cells, newest first.
    selection : Selection
        The selected image, filter, channel, unit and class.
    ways : tuple of WayBack, optional
        Of the selected cells, where they were followed before with another selection.
    """

    def __init__(
        self,
        run: Pass,
        lineage: Lineage,
        selected: tuple[Cell, ...],
        selection: Selection,
        ways: tuple[WayBack, ...] | None = None,
    ) -> None:
        self._run = run
        self._lineage = lineage
        self._selected = selected
        self._selection = selection
        self._known: dict[str, Index | None] = {}
        self._early: list[str] = []
        """Arrays whose cell was asked for before they were computed; their numbers may later point to another cell."""
        self._twins: set[str] = set()
        self._ways = ways_back(run, selected) if ways is None else ways

    def of(self, step: Step) -> Index:
        """Index of the shown cell of a step's output."""
        for name in self._early:
            self._known.pop(name, None)
        self._early = []
        found = self._of(step.output)
        if found is None or not is_inside(found, step.shape):
            return self.strongest(step.output, step)
        return found

    def related(self, step: Step) -> tuple[int, bool]:
        """Count the cells of a step's output that are related to the newest selected cell, and say in which direction.

        The direction is True if the selected cell was computed from them, False if they were computed from it. Without
        a relation the result is (1, False).
        """
        cell = self._selected[0] if self._selected else None
        self.of(step)
        if cell is None or cell.name == step.output or step.output in self._twins:
            return 1, False
        backwards = self._lineage.leads(step.output, cell.name)
        ends = (step.output, cell.name) if backwards else (cell.name, step.output)
        way = self._lineage.between(*ends)
        if not way:
            return 1, False
        wish = {} if backwards else self._wish(step)
        return count_related(self._run.program, way, cell.name, cell.index, step.output, wish), backwards

    def strongest(self, name: str, step: Step) -> Index:
        """The cell nearest to the middle among those with the largest magnitudes (within 10 % of the maximum).

        The middle cell until the array has been computed.
        """
        stage = Stage(self._run.program, step, self._selection)
        view = stage.any(name).view
        if not view.count:
            return ()
        if not self._run.has(name):
            return view.index(0, view.fold[1] // 2, view.fold[2] // 2)
        numbers = np.abs(view.picture(self._run.stored(name), stage.spec(name)))
        numbers = np.where(np.isfinite(numbers), numbers, -1.0)
        high = float(numbers.max())
        tiles, rows, cols = np.nonzero(numbers >= high - 0.1 * abs(high))
        aside = (rows - (view.fold[1] - 1) / 2) ** 2 + (cols - (view.fold[2] - 1) / 2) ** 2
        best = int(aside.argmin())
        at = int(tiles[best]), int(rows[best]), int(cols[best])
        found = list(view.index(*at))
        for axis, meaning in enumerate(stage.meaning(name)):
            if meaning == "sample":
                found[axis] = stage.picked(meaning, stage.spec(name).shape[axis])
            elif meaning == "unit" and name == step.output:
                found[axis] = self._active_unit(step, axis)
        return tuple(found)

    # --- how -------------------------------------------------------------------------------------------------------

    def _of(self, name: str) -> Index | None:
        """Index of an array's cell. Those it depends on are found first, in a loop: deep networks forbid recursion."""
        waiting = [name]
        while waiting:
            one = waiting[-1]
            if one not in self._known:
                maker, found = self._run.maker(one), self._selected_for(one)
                unknown = [] if maker is None or found is not None else self._unknown(maker)
                if unknown:
                    waiting += unknown
                    continue
                self._known[one] = found if found is not None or maker is None else self._forward(maker)
                if not self._run.has(one):
                    self._early.append(one)
            waiting.pop()
        return self._known[name]

    def _unknown(self, step: Step) -> list[str]:
        """The arrays that determine a step's output cell and whose own cells are not known yet."""
        twins = [name for name in self._lineage.twins(step) if name not in self._known]
        if twins or self._twin(step) is not None:
            return twins
        return [name for name in step.inputs if name not in self._known]

    def _selected_for(self, name: str) -> Index | None:
        """The cell of an array that the newest related selected cell determines; None if none does."""
        for number, cell in enumerate(self._selected):
            if cell.name == name:
                return cell.index
            if self._lineage.leads(name, cell.name):
                found = self._ways[number].to(name)
                if found is not None:
                    return found
            if self._lineage.leads(cell.name, name):
                return self._selected_before(name, number)
        return None

    def _selected_before(self, name: str, number: int) -> Index | None:
        """The cell that was selected in an array earlier, if it was computed from selected cell ``number``."""
        now = self._selected[number]
        earlier = next((cell.index for cell in self._selected[number + 1 :] if cell.name == name), None)
        if earlier is None:
            return None
        way = self._lineage.between(now.name, name)
        return earlier if is_computed_from(self._run.program, way, now.name, now.index, name, earlier) else None

    def _forward(self, step: Step) -> Index | None:
        twin = self._twin(step)
        if twin is not None:
            self._twins.add(step.output)
            return twin
        inputs = {}
        for position, given in enumerate(step.inputs):
            at = self._of(given)
            if at is None and position == 0 and self._is_image(given):
                at = self.strongest(given, step)
            if at is not None:
                inputs[given] = at
        found = follow_forward(self._run.program, step, inputs, (self._wish(one) for one in (step,)))
        return self.strongest(step.output, step) if found is None else found

    def _is_image(self, name: str) -> bool:
        spec = self._run.program.arrays[name]
        return self._run.maker(name) is None and spec.batched and len(spec.shape) == 4

    def _twin(self, step: Step) -> Index | None:
        """The shown index of the array whose gradient or updated value this step computes."""
        found = next((found for name in self._lineage.twins(step) if (found := self._of(name)) is not None), None)
        return found if found is not None and is_inside(found, step.shape) else None

    def _wish(self, step: Step) -> dict[int, int]:
        """Index along each axis of a step's output that the selection fixes."""
        stage = Stage(self._run.program, step, self._selection)
        fixed = stage.fixed(step.output, "sample", "filter", "channel", "unit")
        for axis, meaning in enumerate(stage.meaning(step.output)):
            if meaning == "unit":
                fixed[axis] = self._active_unit(step, axis)
        return {axis: at for axis, at in fixed.items() if isinstance(at, int)}

    def _active_unit(self, step: Step, axis: int) -> int:
        """The selected class; in a hidden layer the most active unit, because many units are 0 for a given image."""
        size = step.shape[axis]
        selection = self._selection
        if size == selection.categories or not self._run.has(step.output) or len(step.shape) != 2 or axis != 1:
            return selection.of("unit", size)
        row = self._run.array(step.output)[min(selection.sample, step.shape[0] - 1)]
        return int(np.nan_to_num(row, nan=-np.inf, posinf=-np.inf).argmax())


def is_inside(index: Index, shape: tuple[int, ...]) -> bool:
    """Whether an index lies inside a shape."""
    return len(index) == len(shape) and all(0 <= i < n for i, n in zip(index, shape, strict=True))


def moved(stage: Stage, cell: Cell, axis: str) -> Cell:
    """The cell, moved along an axis to the index that is selected there."""
    spec = stage.spec(cell.name)
    new = list(cell.index)
    for at, meaning in enumerate(stage.meaning(cell.name)):
        if meaning == axis:
            new[at] = stage.picked(axis, spec.shape[at])
        elif meaning == "columns" and axis == "sample":
            per = spec.shape[1] // spec.column_blocks
            new[at] = stage.picked("sample", spec.column_blocks) * per + cell.index[at] % per
    return Cell(cell.name, tuple(new))


def size_of(stage: Stage, shown: Iterable[str], axis: str) -> int:
    """Size of an axis: the largest among the step's arrays and those shown beside them."""
    best = 1
    for name in {*stage.step.inputs, stage.step.output, *shown}:
        spec = stage.spec(name)
        for at, meaning in enumerate(stage.meaning(name)):
            if meaning == axis:
                best = max(best, spec.shape[at])
            elif meaning == "columns" and axis == "sample":
                best = max(best, spec.column_blocks)
    return best


def selecting(stage: Stage, selection: Selection, cell: Cell) -> Selection:
    """The selection, changed to the image, filter, channel and unit of a cell."""
    spec = stage.spec(cell.name)
    if len(cell.index) != len(spec.shape):
        return selection
    units = [n for n, meaning in zip(spec.shape, stage.meaning(cell.name), strict=True) if meaning == "unit"]
    for axis, value in stage.selecting(cell.name, cell.index).items():
        selection = selection.choosing(axis, value, units[0] if units else 0)
    return selection


def label_of(run: Pass, sample: int) -> int:
    """The label of an image of the pass; if the pass ends in a class score, the class that is explained."""
    if LABELS not in run.program.sources:
        return explained_class(run.program) or 0
    labels = run.stored(LABELS)
    return int(labels[min(sample, len(labels) - 1)])
