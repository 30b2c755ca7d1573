"""Arrays that are summed up piece by piece: their values when only some of the pieces have been added."""

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
    """A view of the step's output after the first ``done`` micro-steps.

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
    """Terms of a sum that the first ``done`` micro-steps have added."""
    numbers = [step.op.micro_reading(ins, step.shape, expansion.parts(i)[0].index) for i in range(expansion.count)]
    return np.asarray(numbers, dtype=np.intp) < done
