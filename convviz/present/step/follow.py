"""Follow a cell through the pass: forwards to a cell computed from it, backwards to one it was computed from."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Index, Shape
from convviz.core.equation import Combine
from convviz.core.ops.cells import Cells
from convviz.core.program import Program, Step
from convviz.present.step.provenance import leading_cells
from convviz.present.step.terms import expand, gathered
from convviz.present.step.values import Values

MANY = 256
"""Related cells are counted up to this number."""

Wish = Mapping[int, int]
"""Axis of an array → preferred index on that axis."""


class Lineage:
    """Which arrays of a program were computed from which.

    Parameters
    ----------
    program : Program
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        # A bit for every array: a set of names for each array of a deep network would take 100 MB.
        self._bits = {name: 1 << number for number, name in enumerate(program.arrays)}
        self._from: dict[str, int] = {}
        self._twins = {step.output: tuple(_twins_of(step.output, program.arrays)) for step in program.steps}
        for step in program.steps:
            earlier = 0
            for given in step.inputs:
                earlier |= self._bits[given] | self._from.get(given, 0)
            self._from[step.output] = earlier

    def leads(self, first: str, last: str) -> bool:
        """Whether one array was used to compute another, directly or through other steps."""
        return bool(self._bits.get(first, 0) & self._from.get(last, 0))

    def twins(self, step: Step) -> tuple[str, ...]:
        """The arrays whose gradient or new value a step makes, as the name of its output says."""
        return self._twins[step.output]

    def between(self, first: str, last: str) -> tuple[Step, ...]:
        """The steps on all paths from one array to another, in the program's order."""
        return tuple(
            step
            for step in self._program.steps
            if (step.output == last or self.leads(step.output, last))
            and (first in step.inputs or self.leads(first, step.output))
        )


def follow_forward(
    program: Program, step: Step, inputs: Mapping[str, Index], wishes: Iterable[Wish] = ()
) -> Index | None:
    """The output cell of a step that is computed from cells of its inputs; None if there is none.

    If there are several (an input pixel feeds many windows), those that match the wishes are kept, and the middle one
    of these is returned.

    Parameters
    ----------
    program : Program
    step : Step
    inputs : mapping of str to tuple of int
        A cell of some or all of the inputs.
    wishes : iterable of mapping
        The most important first.
    """
    ins = program.in_shapes(step)
    if step.op.elementwise:  # most steps of a deep network are, and a jump may follow hundreds of them
        alike = (inputs.get(given) for given, shape in zip(step.inputs, ins, strict=True) if shape == step.shape)
        return next((at for at in alike if at), None)
    found: Cells | None = None
    for position, given in enumerate(step.inputs):
        at = inputs.get(given)
        if not at or len(at) != len(ins[position]):
            continue
        cells = step.op.feeds(ins, step.shape, position, at)
        if not len(cells) or cells.shape[1] != len(step.shape):
            continue
        both = cells if found is None else _common(found, cells)
        found = both if len(both) else found
    if found is None or not len(found):
        return None
    if len(found) > 1:
        for wish in wishes:
            found = _suiting(found, wish)
    return tuple(int(i) for i in found[len(found) // 2])


class WayBack:
    """The cells that a cell was computed from, one in each earlier array; found on request.

    If a number was computed from several cells of an array, the path continues from a known one if it is among them,
    else, for a function, from the one at the same place, else from the one in the term that is furthest from zero.

    Parameters
    ----------
    values : Values
    name, index : str, tuple of int
        The cell.
    known : mapping of str to tuple of int, optional
        Preferred cells, by array.
    """

    def __init__(self, values: Values, name: str, index: Index, known: Mapping[str, Index] | None = None) -> None:
        self._values = values
        self._known = known or {}
        self._found: dict[str, Index | None] = {name: tuple(index)}
        self._sources: dict[int, dict[str, Index]] = {}
        """By step: the cells that its own cell was computed from."""
        self._left: dict[str, list[Step]] = {}
        """By array: the steps that lead from it to the cell, the last of them last, less those found not to read it."""
        maker = values.maker(name)
        self._steps = () if maker is None else values.program.steps[: maker.index + 1]

    def to(self, name: str) -> Index | None:
        """The cell of an array; None if the path ends earlier, for example at a constant.

        If several steps read it, the last one that is on the way back decides. Only the path from there to the cell is
        followed: a pass has hundreds of steps beside it, and a sum over a minibatch takes a millisecond.
        """
        waiting = [name]
        while waiting:
            one = waiting[-1]
            if one in self._found:
                waiting.pop()
                continue
            left = self._readers(one)
            if not left:
                self._found[one] = None
            elif left[-1].output not in self._found:
                waiting.append(left[-1].output)
            else:
                cell = self._read_by(left.pop(), one)
                if cell is not None:
                    self._found[one] = cell
        return self._found[name]

    def _readers(self, name: str) -> list[Step]:
        if not self._left and self._steps:
            leading = {self._steps[-1].output}
            for step in reversed(self._steps):
                if step.output in leading:
                    for given in dict.fromkeys(step.inputs):
                        leading.add(given)
                        self._left.setdefault(given, []).insert(0, step)
        return self._left.get(name, [])

    def _read_by(self, step: Step, name: str) -> Index | None:
        """The cell of an array that the cell of a step's output was computed from."""
        index = self._found[step.output]
        if index is None:
            return None
        if step.index not in self._sources:
            self._sources[step.index] = _sources(self._values, step, index, self._known)
        return self._sources[step.index].get(name)


def count_related(program: Program, steps: Iterable[Step], start: str, index: Index, end: str, wish: Wish) -> int:
    """How many cells of one array are related to a cell of another; counts up to :data:`MANY`.

    Parameters
    ----------
    program : Program
    steps : iterable of Step
        The steps between the two arrays, in the program's order.
    start, index : str, tuple of int
        The cell.
    end : str
        The array whose cells are counted; it may come before or after the other one.
    wish : mapping of int to int
        Only cells that match it are counted, unless there are none.
    """

    def are_many(cells: Cells) -> bool:
        return len(cells) > MANY and int(np.count_nonzero(_matching(cells, wish))) > MANY

    cells = _related(program, tuple(steps), start, index, end, are_many)
    if cells is None:
        return MANY + 1
    return min(len(_suiting(cells, wish)), MANY + 1)


def is_computed_from(
    program: Program, steps: Iterable[Step], start: str, index: Index, end: str, result: Index
) -> bool:
    """Whether a cell of ``end`` was computed from one of ``start``, with the steps between them in their order.

    False, too, if there are too many cells on the way to tell.
    """
    cells = _related(program, tuple(steps), start, index, end)
    return cells is not None and _holds(cells, result)


def _related(
    program: Program,
    way: tuple[Step, ...],
    start: str,
    index: Index,
    end: str,
    is_enough: Callable[[Cells], bool] = lambda _: False,
) -> Cells | None:
    """The cells of an array that are related to a cell of another; None if there are too many on the way.

    No more are looked for once those that were found are enough.
    """
    forwards = bool(way) and way[-1].output == end
    on_the_way = {end, *(step.output for step in way)}
    found = {start: np.asarray([index], dtype=np.intp).reshape(1, -1)}
    for step in way if forwards else way[::-1]:
        for one, other, position in _pairs(step, forwards):
            if one not in found or other not in on_the_way:
                continue
            # A sum over a minibatch has a hundred thousand terms: one cell may tell that they are too many.
            for some in _in_parts(found[one]):
                reached = _reached(program, step, position, some, forwards)
                if len(reached):
                    both = reached if other not in found else np.concatenate([found[other], reached])
                    found[other] = _distinct(both, program.arrays[other].shape)
                    if other != end and len(found[other]) > MANY:
                        return None
                    if other == end and is_enough(found[end]):
                        return found[end]
    return found.get(end, np.empty((0, len(program.arrays[end].shape)), dtype=np.intp))


def _in_parts(cells: Cells) -> Iterator[Cells]:
    """The first of several cells, some more, and the others."""
    for some in (cells[:1], cells[1:16], cells[16:]):
        if len(some):
            yield some


def _twins_of(name: str, known: Container[str]) -> list[str]:
    layer, _, array = name.rpartition(".")
    twins = [twin for twin in (array.removeprefix("d_"), array.removesuffix("_new")) if twin != array]
    return [full for twin in twins if (full := f"{layer}.{twin}" if layer else twin) in known]


def _sources(values: Values, step: Step, index: Index, known: Mapping[str, Index]) -> dict[str, Index]:
    """The most closely related cell of every input."""
    ins = values.program.in_shapes(step)
    reads = step.op.reads(ins, step.shape, index)
    leading, applied = _leading(values, step, index) if any(len(cells) > 1 for cells in reads) else ({}, False)
    found: dict[str, Index] = {}
    for given, cells, shape in zip(step.inputs, reads, ins, strict=False):
        if not len(cells) or given in found:
            continue
        # For a function of many numbers (softmax), the one at the same place; in a sum, the same place means nothing.
        same = index if applied and shape == step.shape else None
        among = [known.get(given), same, leading.get(given)] if len(cells) > 1 else []
        best = next((cell for cell in among if cell is not None and _holds(cells, cell)), None)
        found[given] = tuple(int(i) for i in cells[0]) if best is None else best
    return found


@np.errstate(all="ignore")  # NaN and infinity are shown, not warned of
def _leading(values: Values, step: Step, index: Index) -> tuple[dict[str, Index], bool]:
    """For every input, its cell in the term that is furthest from zero; and whether the step is a function, not a sum.

    A sum is not expanded into terms for that: a way back leads over hundreds of them.
    """
    products = step.op.products(values.program.in_shapes(step), step.shape, index)
    if products is None or not products.count:
        expansion = expand(values, step, index)
        return leading_cells(expansion), expansion.combine is Combine.APPLY
    numbers = np.ones(products.count)
    for position, cells in products.factors:
        numbers *= gathered(values, step.inputs[position], cells)
    at = int(np.nan_to_num(np.abs(numbers), nan=np.inf).argmax())
    found: dict[str, Index] = {}
    for position, cells in products.factors:
        found.setdefault(step.inputs[position], tuple(int(i) for i in cells[at]))
    return found, False


def _pairs(step: Step, forwards: bool) -> list[tuple[str, str, int]]:
    """For every input: the array to start from, the array to go to, and the input's position."""
    if forwards:
        return [(given, step.output, position) for position, given in enumerate(step.inputs)]
    return [(step.output, given, position) for position, given in enumerate(step.inputs)]


def _reached(program: Program, step: Step, position: int, cells: Cells, forwards: bool) -> Cells:
    ins = program.in_shapes(step)
    if step.op.elementwise and ins[position] == step.shape:
        return cells
    if forwards:
        return step.op.feeds_of(ins, step.shape, position, cells)
    return step.op.reads_of(ins, step.shape, cells)[position]


def _holds(cells: Cells, index: Index) -> bool:
    if cells.shape[1] != len(index):
        return False
    for axis, at in enumerate(index):  # a sum over a minibatch reads a hundred thousand cells, few of them in its row
        cells = cells[cells[:, axis] == at]
    return bool(len(cells))


def _suiting(cells: Cells, wish: Wish) -> Cells:
    """The cells that match a wish; all cells if none does."""
    good = _matching(cells, wish)
    return cells[good] if good.any() else cells


def _matching(cells: Cells, wish: Wish) -> npt.NDArray[np.bool_]:
    """Which cells match a wish."""
    good = np.ones(len(cells), dtype=bool)
    for axis, value in wish.items():
        good &= cells[:, axis] == value
    return good


def _distinct(cells: Cells, shape: Shape) -> Cells:
    if not shape:
        return cells[:1]
    _, first = np.unique(np.ravel_multi_index(tuple(cells.T), shape), return_index=True)
    return np.asarray(cells[first])


def _common(first: Cells, second: Cells) -> Cells:
    if first.shape[1] == 0:
        return first
    for one, others in ((first, second), (second, first)):
        if len(one) == 1:
            return one if (others == one).all(axis=1).any() else one[:0]
    # A row and a column of a large matrix have thousands of cells each, and share one: cells outside the range of the
    # other set are dropped first.
    for axis in range(first.shape[1]):
        first, second = _between_ends(first, second, axis), _between_ends(second, first, axis)
        if not len(first) or not len(second):
            return first[:0]
    if len(first) == 1 or len(second) == 1:
        return _common(first, second)
    # One number per cell is fast: a row of the product of a whole minibatch has tens of thousands of cells.
    shape = tuple(int(n) + 1 for n in np.maximum(first.max(axis=0), second.max(axis=0)))
    same = np.isin(np.ravel_multi_index(tuple(first.T), shape), np.ravel_multi_index(tuple(second.T), shape))
    return np.asarray(first[same])


def _between_ends(cells: Cells, others: Cells, axis: int) -> Cells:
    """The cells whose index on an axis lies within the range of the others."""
    along, beside = cells[:, axis], others[:, axis]
    low, high = beside.min(), beside.max()
    return cells if low <= along.min() and along.max() <= high else cells[(along >= low) & (along <= high)]
