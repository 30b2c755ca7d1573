"""A pass to step through: a program, its arrays, a cursor, and edits that can be undone.

The cursor is on a step, of which some or all micro-steps (cells, columns) are done; all steps before it have run.
Arrays are computed when the cursor first reaches them and kept, so that going back only moves the cursor. In a large
pass, those that are quick to make again are let go, and made anew, with the same bits, when they are read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Index
from convviz.core.execute import Env, run_step
from convviz.core.micro import micro_count
from convviz.core.program import Program, Step
from convviz.core.remaking import ROOM, remade
from convviz.training.blas import OneBlasThread
from convviz.training.edits import EditError, ReplacedNumber, check_edit, same_stroke
from convviz.training.pass_arrays import Parts, PassArrays
from convviz.training.position import StepPosition


class Pass:
    """One forward, loss, backward and update pass of a network, under a cursor.

    Parameters
    ----------
    program : Program
    sources : mapping of str to ndarray
        Every source of the program in its stored shape. Copied, except where nobody can write to them.
    precision : dtype
        float32 as in training; float64 for checks.
    class_names : sequence of str
        Names of the classes; classes without one are called by their number.
    parts : callable, optional
        Called with a step and the arrays: returns an iterator that runs the step and stops between two parts. Unless
        given, :func:`~convviz.core.execute.run_step` runs it at once.
    remakes : frozenset of str, optional
        Arrays that are let go and made anew; those of :func:`~convviz.core.remaking.remade` unless given.
    room : int
        Bytes of these that are kept at hand.

    Raises
    ------
    KeyError
        A source is missing.
    """

    def __init__(
        self,
        program: Program,
        sources: Mapping[str, Array],
        precision: npt.DTypeLike = np.float32,
        class_names: Sequence[str] = (),
        *,
        parts: Parts | None = None,
        remakes: frozenset[str] | None = None,
        room: int = ROOM,
    ) -> None:
        missing = [name for name in program.sources if name not in sources]
        if missing:
            raise KeyError(f"the pass needs {', '.join(missing)}")
        self.program = program
        self.precision: np.dtype[np.generic] = np.dtype(precision)
        # These functions don't know the pass: in a ring of references its arrays would wait for the garbage collector.
        logical = dict[str, Array]()
        self._parts = parts or partial(_as_one, program, self.precision)
        self._begun: Iterator[None] | None = None
        """The parts that are left of the step after the computed ones, if it has been begun."""
        self._logical = logical
        remakes = remade(program, self.precision.itemsize) if remakes is None else remakes
        self.env = PassArrays(program, self._parts, remakes, room, lambda name: logical.pop(name, None))
        for name in program.sources:
            spec = program.arrays[name]
            given = sources[name]
            if given.shape != spec.stored:
                raise EditError(f"{name}: expected shape {spec.stored}, got {given.shape}")
            self.env[name] = _own(given, spec.dtype(self.precision))
        self._class_names = tuple(class_names)
        self.cursor = StepPosition()
        self.ran = 0
        """Number of computed steps; the cursor may have moved back before some of them."""
        self.counts: tuple[int, ...] = tuple(micro_count(program, step) for step in program.steps)
        self._makers = {step.output: step for step in program.steps}
        self._largest: dict[str, float] = {}
        self._before: dict[str, Array | None] = {}
        self._undo: list[ReplacedNumber] = []
        self._redo: list[ReplacedNumber] = []

    # --- queries ---------------------------------------------------------------------------------------------------

    @property
    def step(self) -> Step:
        """The step that the cursor is on."""
        return self.program.steps[self.cursor.step]

    def class_name(self, label: int) -> str:
        """Name of a class."""
        return self._class_names[label] if label < len(self._class_names) else str(label)

    @property
    def last(self) -> int:
        """Index of the last step."""
        return len(self.program.steps) - 1

    def count(self, step: int | None = None) -> int:
        """Number of micro-steps of a step; the cursor's step unless given."""
        return self.counts[self.cursor.step if step is None else step]

    @property
    def whole(self) -> bool:
        """Whether the cursor's step is done."""
        return self.cursor.is_whole(self.counts)

    def maker(self, name: str) -> Step | None:
        """The step that computes an array; None for a source."""
        return self._makers.get(name)

    def has(self, name: str) -> bool:
        """Whether an array exists at the cursor: a source, or the output of a finished step."""
        maker = self._makers.get(name)
        if maker is None:
            return name in self.env
        return maker.index < self.cursor.step or (maker.index == self.cursor.step and self.whole)

    def array(self, name: str) -> Array:
        """An array in its logical shape, computed first if necessary; read-only."""
        maker = self._makers.get(name)
        if maker is not None:
            self._ensure(maker.index)
        found = self._logical.get(name)
        if found is None:
            found = _frozen(self.program.arrays[name].logical(self.env[name]))
            self._logical[name] = found
        return found

    def stored(self, name: str) -> Array:
        """An array in its stored shape, computed first if necessary; read-only."""
        maker = self._makers.get(name)
        if maker is not None:
            self._ensure(maker.index)
        return self.env[name]

    def largest(self, name: str) -> float:
        """The largest absolute value of an array, ignoring NaN and infinity."""
        found = self._largest.get(name)
        if found is None:
            stored = self.stored(name)
            found = _largest(stored)
            self._largest[name] = found
        return found

    def value(self, name: str, index: Index) -> float:
        """The number in one cell."""
        return float(self.stored(name)[self.program.arrays[name].stored_index(index)])

    def inputs(self, step: Step) -> tuple[Array, ...]:
        """The logical inputs of a step."""
        return tuple(self.array(name) for name in step.inputs)

    # --- moving ----------------------------------------------------------------------------------------------------

    def move(self, position: StepPosition) -> None:
        """Go to a position, running all steps up to it.

        Raises
        ------
        IndexError
            The program has no such step.
        """
        if not 0 <= position.step <= self.last:
            raise IndexError(f"the pass has steps 0 to {self.last}, not {position.step}")
        self._ensure(position.step if position.done > 0 else position.step - 1)
        self.cursor = position

    def over(self) -> None:
        """Finish the step if it has not run or is being walked; else run the next one."""
        self.move(self.cursor.over(self.counts))

    def into(self, first: int = 0) -> None:
        """Walk the micro-steps of the step: to one of them, then on; after its last one, into the next step."""
        self.move(self.cursor.into(self.counts, first))

    def out(self) -> None:
        """Finish the step and leave its micro-steps."""
        self.move(self.cursor.out(self.counts))

    def back(self) -> None:
        """One micro-step back where they are being walked, else one step."""
        self.move(self.cursor.back(self.counts))

    def back_over(self) -> None:
        """Go to the step before; before the first one nothing has run."""
        self.move(self.cursor.back_over(self.counts))

    def restart(self) -> None:
        """Go before the first step."""
        self.move(StepPosition())

    def run_to_end(self) -> None:
        """Run all steps."""
        self.go_to(self.last)

    def go_to(self, step: int) -> None:
        """Run up to the end of a step.

        Raises
        ------
        IndexError
            The program has no such step.
        """
        self.move(self.cursor.to(step, self.counts))

    def scrub(self, done: int) -> None:
        """Set how many micro-steps of the cursor's step are done (0 … all)."""
        self.move(self.cursor.scrub(done, self.counts))

    def advance(self, step: int, seconds: float) -> bool:
        """Compute towards a step for about ``seconds``; True once it is computed. Doesn't move the cursor.

        This reaches a distant step, and a long one, in slices: call it until it returns True, then call :meth:`go_to`.
        """
        if not 0 <= step <= self.last:
            raise IndexError(f"the pass has steps 0 to {self.last}, not {step}")
        if self.ran <= step:
            ends = time.perf_counter() + seconds
            with OneBlasThread():
                while self.ran <= step:
                    self._run_part()
                    if time.perf_counter() >= ends:
                        break
        return self.ran > step

    # --- changing --------------------------------------------------------------------------------------------------

    def edit(self, name: str, index: Index, value: float, stroke: int = 0) -> ReplacedNumber:
        """Put a number into a cell of a source; everything that depends on it is computed again.

        Edits with the same ``stroke`` (other than 0) are undone and redone together.

        Raises
        ------
        EditError
            The array is computed, the index is outside it, or the value is not allowed.
        """
        check_edit(self.program, name, tuple(index), value)
        kept = ReplacedNumber(name, tuple(index), self.value(name, index), float(value), stroke)
        self._apply([(kept.name, kept.index, kept.after)], same_stroke(self._undo, kept))
        self._undo.append(kept)
        self._redo.clear()
        return kept

    def undo(self) -> ReplacedNumber | None:
        """Undo the last edit, with all of its stroke; None if there is none."""
        if not self._undo:
            return None
        undone = [self._undo.pop()]
        while same_stroke(self._undo, undone[0]):
            undone.append(self._undo.pop())
        self._redo += undone
        self._apply([(edit.name, edit.index, edit.before) for edit in undone])
        return undone[-1]

    def redo(self) -> ReplacedNumber | None:
        """Redo the edit that was undone last; None if there is none."""
        if not self._redo:
            return None
        made = [self._redo.pop()]
        while same_stroke(self._redo, made[0]):
            made.append(self._redo.pop())
        self._undo += made
        self._apply([(edit.name, edit.index, edit.after) for edit in made])
        return made[-1]

    @property
    def edits(self) -> tuple[ReplacedNumber, ...]:
        """The edits in force, oldest first."""
        return tuple(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone edit to redo."""
        return bool(self._redo)

    def before(self, name: str) -> Array | None:
        """An array before the last edit or undo, in its logical shape; None if it is unchanged."""
        if name not in self._before:
            return None
        stored = self._before[name]
        if stored is None:  # it was remade, and is once more
            stored = self.env.remake(name, {one: self._stored_before(one) for one in self._makers[name].inputs})
        return self.program.arrays[name].logical(stored)

    def changed(self, name: str) -> npt.NDArray[np.bool_] | None:
        """Cells that the last edit or undo changed, in the logical shape; None if there are none."""
        old = self.before(name)
        if old is None:
            return None
        new = self.array(name)
        differs = np.asarray((old != new) & ~((old != old) & (new != new)))
        return differs if differs.any() else None

    # --- details----------------------------------------------------------------------------------------------------

    def _ensure(self, step: int) -> None:
        if self.ran <= step:
            with OneBlasThread():  # so that sums have the same bits as in training
                while self.ran <= step:
                    self._run_part()

    def _run_part(self) -> None:
        """Run a part of the next step; the step counts as computed once it has no more."""
        try:
            if self._begun is None:
                self._begun = self._parts(self.program.steps[self.ran], self.env)
            for _ in self._begun:
                return
        except BaseException:
            self._begun = None  # it would go on with the next step
            raise
        self._begun, self.ran = None, self.ran + 1

    def _stored_before(self, name: str) -> Array:
        found = self._before.get(name)
        return self.env[name] if found is None else found

    def _apply(self, cells: Sequence[tuple[str, Index, float]], goes_on: bool = False) -> None:
        """Put numbers into sources; with ``goes_on``, changes are counted from before the stroke."""
        before = self._before if goes_on else {}
        self._begun = None  # the next step may read what is changed here
        stale = set()
        for name in {name for name, _, _ in cells}:
            made = np.array(self.env[name])
            for _, index, value in (cell for cell in cells if cell[0] == name):
                made[self.program.arrays[name].stored_index(index)] = value
            before.setdefault(name, self.env[name])
            self.env[name] = made
            self._forget(name)
            stale.add(name)
        self._before = before
        with OneBlasThread():
            for step in self.program.steps[: self.ran]:
                if stale.isdisjoint(step.inputs):
                    continue
                stale.add(step.output)
                if self.env.is_remade(step.output):
                    self._before.setdefault(step.output, None)
                    self._forget(step.output)
                    self.env.outdate(step.output)
                else:
                    self._before.setdefault(step.output, self.env[step.output])
                    for _ in self._parts(step, self.env):
                        pass
                    self._forget(step.output)

    def _forget(self, name: str) -> None:
        """Forget what is known of an array that is replaced."""
        self._logical.pop(name, None)
        self._largest.pop(name, None)


def _as_one(program: Program, precision: npt.DTypeLike, step: Step, env: Env) -> Iterator[None]:
    """Run a step that has no parts."""
    run_step(program, step, env, precision)
    yield from ()


def _own(given: Array, dtype: np.dtype[np.generic]) -> Array:
    """A copy; the array itself if neither it nor what it is a view of can be written to."""
    below: object = given
    while isinstance(below, np.ndarray) and not below.flags.writeable:
        below = below.base
    return given if below is None and given.dtype == dtype else np.array(given, dtype=dtype)


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def _largest(array: Array) -> float:
    if array.size == 0:
        return 0.0
    high = max(float(array.max()), -float(array.min()))
    if np.isfinite(high):
        return high
    finite = array[np.isfinite(array)]
    return float(np.abs(finite).max()) if finite.size else 0.0
