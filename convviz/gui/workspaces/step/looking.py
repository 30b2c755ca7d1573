"""What of a pass is looked at: the selection, the cell in question, what is pinned and what is hovered."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from convviz.core.arrays import Index
from convviz.core.lower import LABELS
from convviz.core.ops.conv import Im2Col
from convviz.core.ops.filter_product import FilterProduct
from convviz.core.program import Step
from convviz.present.step.arrange import arrange
from convviz.present.step.links import follow
from convviz.present.step.pane import Scene
from convviz.present.step.stage import Stage
from convviz.present.step.values import Progress, Selection
from convviz.training.stepping import Pass

AXES = ("sample", "filter", "channel", "unit")


@dataclass(frozen=True, slots=True)
class Subject:
    """A cell that is explained."""

    name: str
    index: Index


class Looking:
    """Selection and focus over one pass. Where the focus goes, the selection follows.

    Parameters
    ----------
    run : Pass
    """

    def __init__(self, run: Pass) -> None:
        self.run = run
        self.selection = _telling_selection(run)
        self.pinned: Subject | None = None
        self.hovered: Subject | None = None
        self._focuses: dict[str, Index] = {}
        self._begin_at_an_answer()

    @property
    def progress(self) -> Progress:
        """How far the cursor's step is."""
        return Progress(self.run.cursor.done, self.run.count(), self.run.cursor.inside)

    @property
    def micro(self) -> int | None:
        """The micro-step that was done last, while they are walked."""
        cursor = self.run.cursor
        return cursor.done - 1 if cursor.inside and cursor.done else None

    def scene(self) -> Scene:
        """The panes of the cursor's step, for the focus and selection in force."""
        focus = self.focus()
        return arrange(self.run.program, self.run.step, self.selection, focus, self.micro)

    def subject(self) -> Subject:
        """The cell to explain: hovered, else pinned, else the focus of the step's output."""
        return self.hovered or self.pinned or Subject(self.run.step.output, self.focus())

    def focus(self) -> Index:
        """The output cell of the cursor's step that is looked at; the selection is made to fit it."""
        step = self.run.step
        micro = self.micro
        if micro is not None:
            found = self._micro_focus(step, micro)
        elif self.pinned is not None and self.pinned.name == step.output:
            found = self.pinned.index
        else:
            found = self._looked(step)
        if not self._inside(step, found):
            found = self._telling(step.output, step)
        self._focuses[step.output] = found
        self._select(step.output, found)
        return found

    def look_at(self, name: str, index: Index) -> None:
        """Remember a cell of an array as the one that is looked at, and select what it belongs to."""
        self._focuses[name] = tuple(index)
        self._select(name, tuple(index))

    def pick(self, name: str, index: Index) -> None:
        """Pin a cell; what follows from an earlier one is forgotten."""
        self.pinned = Subject(name, tuple(index))
        self._focuses = {name: tuple(index)}
        self._select(name, tuple(index))
        step = self.run.step
        if name != step.output and name in step.inputs:
            found = follow(self.run.program, step, self._focuses, self._wishes(step))
            if found is not None:
                self._focuses[step.output] = found

    def choose(self, axis: str, value: int) -> None:
        """Select another image, filter, channel or unit; cells that are looked at move there."""
        was = self.selection
        self.selection = was.choosing(axis, value, self.size(axis))
        if axis == "sample":
            self._follow_label(was)
        step = self.run.step
        stage = Stage(self.run.program, step, self.selection)
        if self.pinned is not None:
            self.pinned = Subject(self.pinned.name, self._moved(stage, self.pinned.name, self.pinned.index, axis))
        here = self._focuses.get(step.output)
        self._focuses = {} if here is None else {step.output: self._moved(stage, step.output, here, axis)}
        cursor = self.run.cursor
        if cursor.inside and cursor.done:
            to = self._moved(stage, step.output, self._micro_focus(step, cursor.done - 1), axis)
            number = step.op.micro_of(self.run.program.in_shapes(step), step.shape, to)
            self.run.scrub(number + 1)

    def label(self, sample: int) -> int:
        """The class that an image of the pass should get."""
        labels = self.run.stored(LABELS)
        return int(labels[min(sample, len(labels) - 1)])

    def continue_from(self, before: Looking, sample: int) -> None:
        """Keep the selection of another pass; where the class was the label, go on to this image's label."""
        was = before.selection
        self.selection = replace(was, sample=sample)
        if was.category == before.label(was.sample):
            self._choose_label()

    def size(self, axis: str) -> int:
        """How many there are to choose from, in the arrays of the cursor's step."""
        step = self.run.step
        stage = Stage(self.run.program, step, self.selection)
        best = 1
        for name in (*step.inputs, step.output):
            spec = stage.spec(name)
            for at, meaning in enumerate(stage.meaning(name)):
                if meaning == axis:
                    best = max(best, spec.shape[at])
                elif meaning == "columns" and axis == "sample":
                    best = max(best, spec.column_blocks)
        return best

    def forget(self) -> None:
        """Look at nothing in particular."""
        self.pinned = self.hovered = None
        self._focuses.clear()

    # --- how -------------------------------------------------------------------------------------------------------

    def _follow_label(self, was: Selection) -> None:
        """Of another image look at the label, if that of the image before was looked at."""
        if was.category == self.label(was.sample):
            self._choose_label()

    def _choose_label(self) -> None:
        label = self.label(self.selection.sample)
        self.selection = replace(self.selection, category=label)
        for name, index in self._focuses.items():
            shape = self.run.program.arrays[name].shape
            if len(shape) == 2 and len(index) == 2 and shape[1] == self.selection.categories:
                self._focuses[name] = (index[0], label)

    def _inside(self, step: Step, index: Index) -> bool:
        return len(index) == len(step.shape) and all(0 <= i < n for i, n in zip(index, step.shape, strict=True))

    def _micro_focus(self, step: Step, micro: int) -> Index:
        writes = step.op.micro(self.run.program.in_shapes(step), step.shape, micro).writes
        return tuple(int(i) for i in writes[len(writes) // 2])

    def _looked(self, step: Step) -> Index:
        """The cell of a step's output that goes on from what is looked at in the steps before it.

        Steps that were jumped over are looked at as if they had been walked, so that a cell has the same history
        whichever way one came.
        """
        known = self._focuses.get(step.output)
        if known is not None and self._inside(step, known):
            return known
        for given in step.inputs:
            maker = self.run.maker(given)
            if maker is not None and given not in self._focuses:
                self._focuses[given] = self._looked(maker)
        self._begin_in_image(step)
        twin = self._twin(step)
        if twin is not None and self._inside(step, twin):
            return twin
        found = follow(self.run.program, step, self._focuses, self._wishes(step))
        return found if found is not None else self._telling(step.output, step)

    def _begin_at_an_answer(self) -> None:
        """Begin at the window that some filter of the first convolution answers to most, and at that filter.

        Elsewhere the answer may be negative, and then all that follows of it is 0.
        """
        program = self.run.program
        product = next((step for step in program.steps if isinstance(step.op, FilterProduct)), None)
        windows = None if product is None else self.run.maker(product.inputs[1])
        if product is None or windows is None or not isinstance(windows.op, Im2Col) or program.batch != 1:
            return
        answers, columns = self.run.stored(product.output)[0], self.run.stored(windows.output)[0]
        seen = np.where((columns != 0).any(axis=0), np.nan_to_num(answers, nan=-np.inf, posinf=-np.inf), -np.inf)
        chosen, column = (int(i) for i in np.unravel_index(int(seen.argmax()), seen.shape))
        rows = product.op.reads(program.in_shapes(product), product.shape, (chosen, column))[1][:, 0]
        row = int(rows[np.nan_to_num(np.abs(columns[rows, column])).argmax()])
        self.selection = self.selection.choosing("filter", chosen, 0)
        step: Step | None = windows
        index: Index = (row, column)
        while step is not None:
            self._focuses[step.output] = index
            cells = step.op.reads(program.in_shapes(step), step.shape, index)[0]
            if len(cells) != 1:
                break
            index = tuple(int(i) for i in cells[0])
            self._focuses[step.inputs[0]] = index
            step = self.run.maker(step.inputs[0])

    def _begin_in_image(self, step: Step) -> None:
        """Where a step reads the images and none of their pixels is looked at, look at one that is not background."""
        for given in step.inputs[:1]:
            spec = self.run.program.arrays[given]
            if given not in self._focuses and self.run.maker(given) is None and spec.batched and len(spec.shape) == 4:
                self._focuses[given] = self._telling(given, step)

    def _twin(self, step: Step) -> Index | None:
        """The cell of the array that this one is the gradient or the renewal of, if that was looked at."""
        layer, _, array = step.output.rpartition(".")
        for twin in (array.removeprefix("d_"), array.removesuffix("_new")):
            name = f"{layer}.{twin}" if layer else twin
            if twin != array and name in self._focuses:
                return self._focuses[name]
        return None

    def _wishes(self, step: Step) -> list[dict[int, int]]:
        stage = Stage(self.run.program, step, self.selection)
        fixed = stage.fixed(step.output, "sample", "filter", "channel", "unit")
        for axis, meaning in enumerate(stage.meaning(step.output)):
            if meaning == "unit":
                fixed[axis] = self._telling_unit(step, axis)
        return [{axis: at for axis, at in fixed.items() if isinstance(at, int)}]

    def _telling_unit(self, step: Step, axis: int) -> int:
        """The class that is looked at; of hidden units the most active one of the image, for many are silent."""
        size = step.shape[axis]
        if size == self.selection.categories or not self.run.has(step.output) or len(step.shape) != 2 or axis != 1:
            return self.selection.of("unit", size)
        row = self.run.array(step.output)[min(self.selection.sample, step.shape[0] - 1)]
        return int(np.nan_to_num(row, nan=-np.inf, posinf=-np.inf).argmax())

    def _telling(self, name: str, step: Step) -> Index:
        """Of the cells furthest from zero the one nearest the middle; the middle one while nothing is computed."""
        stage = Stage(self.run.program, step, self.selection)
        view = stage.any(name).view
        if not view.count:
            return ()
        if not self.run.has(name):
            return view.index(0, view.fold[1] // 2, view.fold[2] // 2)
        numbers = np.abs(view.picture(self.run.stored(name), stage.spec(name)))
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
                found[axis] = self._telling_unit(step, axis)
        return tuple(found)

    def _select(self, name: str, index: Index) -> None:
        if len(index) == len(self.run.program.arrays[name].shape):
            stage = Stage(self.run.program, self.run.step, self.selection)
            units = [
                n for n, meaning in zip(stage.spec(name).shape, stage.meaning(name), strict=True) if meaning == "unit"
            ]
            for axis, value in stage.selecting(name, index).items():
                self.selection = self.selection.choosing(axis, value, units[0] if units else 0)

    def _moved(self, stage: Stage, name: str, index: Index, axis: str) -> Index:
        spec = stage.spec(name)
        new = list(index)
        for at, meaning in enumerate(stage.meaning(name)):
            if meaning == axis:
                new[at] = stage.picked(axis, spec.shape[at])
            elif meaning == "columns" and axis == "sample":
                per = spec.shape[1] // spec.column_blocks
                new[at] = stage.picked("sample", spec.column_blocks) * per + index[at] % per
        return tuple(new)


def _classes(run: Pass) -> int:
    """How many classes there are."""
    reader = next((step for step in run.program.steps if LABELS in step.inputs), None)
    return 0 if reader is None else run.program.arrays[reader.inputs[0]].shape[1]


def _telling_selection(run: Pass) -> Selection:
    """What to begin with: the filter with the largest weights, and the unit of the true class."""
    program = run.program
    filters = next((name for name in program.parameters if len(program.arrays[name].shape) == 4), None)
    strongest = 0
    if filters is not None:
        weights = np.nan_to_num(run.stored(filters).astype(np.float64), posinf=0.0, neginf=0.0)
        size = np.abs(weights).sum(axis=(1, 2, 3))
        strongest = int(size.argmax())
    label = int(run.stored(LABELS)[0])
    return Selection(filter=strongest, unit=label, category=label, categories=_classes(run))
