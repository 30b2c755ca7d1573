"""The proof of a gradient: change one number by ±ε, run the pass again, compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array, Index, Kind
from convviz.core.execute import run_step
from convviz.core.lower import LOSS
from convviz.core.program import Phase
from convviz.training.edits import EditError
from convviz.training.stepping import Pass


@dataclass(frozen=True, slots=True)
class Nudge:
    """What a nudge of one number does to the loss.

    Parameters
    ----------
    name, index : str, tuple of int
        The cell.
    epsilon : float
    low, high : float
        Loss with ε less and with ε more, in float64.
    numeric : float
        (high − low) / 2ε.
    analytic : float
        The gradient that the backward pass gives for it, in float64.
    shown : float
        The same as the pass at hand has it, in its own precision.
    kink : bool
        Whether a unit that is switched on and off lies between the two (a ReLU, another largest cell of a pooling
        window): the slope is not the same on both sides, and the two need not agree.
    """

    name: str
    index: Index
    epsilon: float
    low: float
    high: float
    numeric: float
    analytic: float
    shown: float
    kink: bool

    @property
    def error(self) -> float:
        """Relative difference of the numeric and the analytic gradient."""
        scale = max(abs(self.numeric), abs(self.analytic), 1e-8)
        return abs(self.numeric - self.analytic) / scale

    @property
    def agrees(self) -> bool:
        """Whether both say the same, as far as a difference quotient can tell."""
        return self.error < 1e-5 or abs(self.numeric - self.analytic) < 1e-9


def gradient_name(run: Pass, name: str) -> str | None:
    """Array that holds the gradient of another; None where the pass has none."""
    program = run.program
    if name in program.gradients:
        return program.gradients[name]
    layer, _, array = name.rpartition(".")
    found = f"{layer}.d_{array}" if layer else f"d_{array}"
    summed = f"{found}_sum"
    return summed if summed in program.arrays else found if found in program.arrays else None


def why_not(run: Pass, name: str) -> str:
    """Why the numbers of an array can't be nudged, as a sentence; empty where they can."""
    gradient, spec = gradient_name(run, name), run.program.arrays[name]
    if gradient is None or spec.kind is Kind.INT:
        return f"{name}: expected an array whose gradient the pass computes, this one has none"
    if run.program.arrays[gradient].shape != spec.shape:
        return f"{name}: its gradient {gradient} has another shape"
    return ""


def nudge(run: Pass, name: str, index: Index, epsilon: float = 1e-4) -> Nudge:
    """Nudge a number that is given (a pixel, a weight, a bias) or computed, and compare.

    Everything runs in float64, beside the pass at hand, which stays as it is.

    Raises
    ------
    EditError
        The cell's gradient is not part of the pass, or the cell is no number that can be changed a little.
    """
    program = run.program
    spec = program.arrays[name]
    gradient = gradient_name(run, name)
    reason = why_not(run, name)
    if gradient is None or reason:
        raise EditError(reason)
    wide: dict[str, Array] = {
        source: np.asarray(run.env[source], program.arrays[source].dtype(np.float64)) for source in program.sources
    }
    for step in program.steps:
        run_step(program, step, wide, np.float64)
        if step.output == gradient:
            break
    analytic = float(wide[gradient][program.arrays[gradient].stored_index(index)])
    losses, kinks = [], []
    for sign in (-1.0, 1.0):
        env = dict(wide)
        moved = np.array(wide[name])
        moved[spec.stored_index(index)] += sign * epsilon
        env[name] = moved
        stale = {name}
        found = []
        for step in program.phase(Phase.FORWARD, Phase.LOSS):
            if stale.isdisjoint(step.inputs):
                continue
            made = run_step(program, step, env, np.float64)
            stale.add(step.output)
            pieces = step.op.pieces([env[given] for given in step.inputs], made)
            if pieces is not None:
                found.append(pieces.tobytes())
        losses.append(float(env[LOSS]))
        kinks.append(tuple(found))
    return Nudge(
        name,
        tuple(index),
        epsilon,
        losses[0],
        losses[1],
        (losses[1] - losses[0]) / (2 * epsilon),
        analytic,
        run.value(gradient, index),
        kinks[0] != kinks[1],
    )
