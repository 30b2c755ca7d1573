"""The proof of a gradient: change one number by ±ε, run the pass again, compare the slope with the gradient.

Functions with kinks (ReLU, max-pooling) have no one slope where they switch, so ε shrinks until nothing switches
between the two sides. What is left is compared as well as float64 lets it be: the difference of two losses has an error
of their rounding over ε, and a slope below that can't be told from 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from convviz.core.arrays import Array, Index, Kind, Role
from convviz.core.execute import run_step
from convviz.core.lower import LOSS
from convviz.core.memory import pass_memory, refuse_without_room
from convviz.core.program import Phase, Program, Step
from convviz.plurals import counted
from convviz.training.edits import EditError
from convviz.training.stepping import Pass

EPSILONS = (1e-4, 1e-5, 1e-6, 1e-7)
"""Values of ε that are tried in turn until nothing switches."""
ROUNDING = 1e-14
"""Relative rounding error of a loss, which is a sum of many terms."""
CLOSE = 1e-5
"""Relative difference that two slopes may have: of the third derivative, times ε², and of rounding."""


class Verdict(StrEnum):
    """The outcome of a nudge."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Nudge:
    """The effect of nudging one number on the loss.

    Parameters
    ----------
    name, index : str, tuple of int
        The cell.
    epsilon : float
    low, high : float
        Loss with ε less and with ε more, in float64.
    analytic : float
        The gradient that the backward pass gives for it, in float64.
    switched : tuple of (str, int)
        Arrays in which cells are on another piece of a function with kinks on the two sides (a ReLU, another largest
        cell of a pooling window), and how many: the slope is not the same on both sides, and the two need not agree.
    """

    name: str
    index: Index
    epsilon: float
    low: float
    high: float
    analytic: float
    switched: tuple[tuple[str, int], ...] = ()

    @property
    def numeric(self) -> float:
        """(high − low) / 2ε."""
        return (self.high - self.low) / (2 * self.epsilon)

    @property
    def noise(self) -> float:
        """How far the numeric slope may be off because the losses are rounded."""
        return ROUNDING * max(abs(self.low), abs(self.high)) / self.epsilon

    @property
    def error(self) -> float:
        """Relative difference of the numeric and the analytic gradient."""
        scale = max(abs(self.numeric), abs(self.analytic), 1e-300)
        return abs(self.numeric - self.analytic) / scale

    @property
    def is_measurable(self) -> bool:
        """Whether a slope of this size can be told from 0, or both slopes are 0."""
        return max(abs(self.numeric), abs(self.analytic)) > 3 * self.noise or self.is_flat

    @property
    def is_flat(self) -> bool:
        """Whether both slopes are 0, up to the rounding error of a sum that cancels out."""
        rounding = ROUNDING * max(abs(self.low), abs(self.high))
        return abs(self.analytic) <= rounding and abs(self.high - self.low) <= rounding

    @property
    def verdict(self) -> Verdict:
        """Whether the gradient is right."""
        difference = abs(self.numeric - self.analytic)
        if not np.isfinite(difference) or not self.is_measurable:
            return Verdict.OPEN
        if self.is_flat:
            return Verdict.RIGHT
        if difference <= max(CLOSE * max(abs(self.numeric), abs(self.analytic)), self.noise):
            return Verdict.RIGHT
        return Verdict.OPEN if self.switched else Verdict.WRONG


@dataclass(frozen=True, slots=True, eq=False)
class NudgeTask:
    """A nudge with everything that it needs, so that it can run in any thread.

    Parameters
    ----------
    program : Program
    sources : mapping of str to ndarray
        What the pass is given, in stored form; nobody writes into these arrays.
    name, index : str, tuple of int
        The cell.
    gradient : str
        Array with its gradient.
    """

    program: Program
    sources: Mapping[str, Array]
    name: str
    index: Index
    gradient: str

    def run(self) -> Nudge:
        """Make the nudge."""
        program, name = self.program, self.name
        env: dict[str, Array] = {
            source: np.asarray(array, program.arrays[source].dtype(np.float64))
            for source, array in self.sources.items()
        }
        for step in program.steps:
            run_step(program, step, env, np.float64)
            if step.output == self.gradient:
                break
        analytic = float(env[self.gradient][program.arrays[self.gradient].stored_index(self.index)])
        later = affected(program, name)
        made = Nudge(name, self.index, EPSILONS[0], 0.0, 0.0, analytic)
        wrong: Nudge | None = None
        for epsilon in EPSILONS:
            low, below = self._loss(env, later, -epsilon)
            high, above = self._loss(env, later, epsilon)
            switched = tuple((found, count) for found in below if (count := int((below[found] != above[found]).sum())))
            made = Nudge(name, self.index, epsilon, low, high, analytic, switched)
            if made.verdict is Verdict.RIGHT:
                return made
            # Where the loss is strongly curved, a smaller ε may still show that the slopes agree.
            if wrong is not None:
                return wrong
            if not switched and made.verdict is not Verdict.WRONG:
                return made
            wrong = None if switched else made
        return wrong or made

    def _loss(self, env: Mapping[str, Array], later: tuple[Step, ...], move: float) -> tuple[float, dict[str, Array]]:
        """The loss after the move, and for every cell the piece of a function with kinks that it is on."""
        program = self.program
        here = dict(env)
        moved = np.array(env[self.name])
        moved[program.arrays[self.name].stored_index(self.index)] += move
        here[self.name] = moved
        pieces: dict[str, Array] = {}
        for step in later:
            made = run_step(program, step, here, np.float64)
            found = step.op.pieces([here[given] for given in step.inputs], made)
            if found is not None:
                pieces[step.output] = found
        return float(here[LOSS]), pieces


def affected(program: Program, name: str) -> tuple[Step, ...]:
    """Steps from an array to the loss."""
    stale, found = {name}, []
    for step in program.phase(Phase.FORWARD, Phase.LOSS):
        if not stale.isdisjoint(step.inputs):
            stale.add(step.output)
            found.append(step)
    return tuple(found)


def gradient_name(program: Program, name: str) -> str | None:
    """Name of the array with another one's gradient; None if the pass has none."""
    if name in program.gradients:
        return program.gradients[name]
    layer, _, array = name.rpartition(".")
    found = f"{layer}.d_{array}" if layer else f"d_{array}"
    summed = f"{found}_sum"
    return summed if summed in program.arrays else found if found in program.arrays else None


def belongs_to(program: Program, name: str) -> str:
    """The array whose gradient or new value this is; otherwise the array itself."""
    old = next((old for old, new in program.updates.items() if new == name), None)
    if old is not None:
        return old
    maker = program.producer(name)
    while maker is not None and maker.phase is Phase.UPDATE and program.arrays[name].role is Role.GRADIENT:
        name = maker.inputs[0]  # clipped or with weight decay: it is still a gradient
        maker = program.producer(name)
    shape = program.arrays[name].shape
    found = (of for of, spec in program.arrays.items() if spec.shape == shape and gradient_name(program, of) == name)
    return next(found, name)


def why_not(program: Program, name: str) -> str:
    """Why the numbers of an array can't be nudged, as a sentence; empty if they can."""
    gradient, spec = gradient_name(program, name), program.arrays[name]
    if LOSS not in program.arrays:
        return f"{name}: expected a pass that ends in a loss, this one ends in a score"
    if gradient is None or spec.kind is Kind.INT:
        return f"{name}: expected an array whose gradient the pass computes, this one has none"
    if program.arrays[gradient].shape != spec.shape:
        return f"{name}: its gradient {gradient} has another shape"
    return ""


def nudge_task(run: Pass, name: str, index: Index) -> NudgeTask:
    """A nudge of a number that is given (a pixel, a weight, a bias) or computed.

    Everything runs in float64 and leaves the given pass unchanged.

    Raises
    ------
    EditError
        The pass does not compute the cell's gradient, or the cell's number can't be changed a little.
    DesignError
        There is no room for the pass in float64, and for another one beside it.
    """
    program = run.program
    gradient, reason = gradient_name(program, name), why_not(program, name)
    if gradient is None or reason:
        raise EditError(reason)
    images = counted(program.batch, "image")
    refuse_without_room("a nudge", 2 * pass_memory(program, 8), "runs the pass in float64", f"for {images}")
    sources = {source: run.env[source] for source in program.sources}
    return NudgeTask(program, sources, name, tuple(index), gradient)


def nudge(run: Pass, name: str, index: Index) -> Nudge:
    """Make a nudge at once: see :func:`nudge_task`."""
    return nudge_task(run, name, index).run()
