"""Partial sums: the values of an array that is summed piece by piece, after some of the pieces."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Shape
from convviz.core.program import Step
from convviz.present.step.families import presentation_of
from convviz.present.step.slices import ArraySlice
from convviz.present.step.terms import Expansion
from convviz.present.step.values import Values


def partial(values: Values, step: Step, view: ArraySlice, done: int) -> Array:
    """The part of a step's output that a view shows, after the first ``done`` micro-steps.

    Returns
    -------
    ndarray
        In the shape ``view.fold``.

    Raises
    ------
    TypeError
        The step does not accumulate.
    """
    make = presentation_of(step.op).partial
    if make is None:
        raise TypeError(f"{step.where} sets its cells, it does not add to them")
    return make(values, step, view, done)


def landed(expansion: Expansion, step: Step, ins: tuple[Shape, ...], done: int) -> npt.NDArray[np.bool_]:
    """Which terms of a sum the first ``done`` micro-steps have added: one bool a term."""
    numbers = [step.op.micro_reading(ins, step.shape, expansion.parts(i)[0].index) for i in range(expansion.count)]
    return np.asarray(numbers, dtype=np.intp) < done
