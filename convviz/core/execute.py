"""Runs a program step by step, keeping every array.

:func:`execute` is what the stepper advances and what tests compare with. Training runs the same steps through
the same kernels by way of :mod:`convviz.core.plan`, which only decides where their arrays lie and in which parts
of the batch they run.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from functools import partial

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.errors import NonFiniteError
from convviz.core.ops.base import fresh_scratch
from convviz.core.program import Program, Step
from convviz.plurals import counted

Env = MutableMapping[str, Array]
"""Stored arrays by name."""


def run_step(program: Program, step: Step, env: Env, precision: npt.DTypeLike) -> Array:
    """Run one step on stored arrays; puts the output into ``env`` and returns it."""
    spec = program.arrays[step.output]
    ins = [env[name] for name in step.inputs]
    if step.op.view:
        out = step.op.as_view(ins[0], spec)
    else:
        out = np.empty(spec.stored, spec.dtype(precision))
        with np.errstate(all="ignore"):  # check_finite reports NaN and infinity
            partial(type(step.op).kernel, *step.op.prepare(ins, out, fresh_scratch))()
    env[step.output] = out
    return out


def execute(program: Program, env: Env, precision: npt.DTypeLike = np.float32) -> Iterator[Step]:
    """Run a program; each ``next()`` runs one step and yields it.

    Parameters
    ----------
    program : Program
    env : mutable mapping of str to ndarray
        Holds the program's sources in their stored shapes; gets every array that is made. Sources are never
        written: updated weights are arrays of their own (``program.updates``).
    precision : dtype
        float32 for training, float64 for gradient checks.

    Raises
    ------
    KeyError
        A source is missing.
    """
    missing = [name for name in program.sources if name not in env]
    if missing:
        raise KeyError(f"the pass needs {', '.join(missing)}")
    for step in program.steps:
        run_step(program, step, env, precision)
        yield step


def check_finite(step: Step, output: Array) -> None:
    """Refuse an output that holds NaN or infinity.

    Raises
    ------
    NonFiniteError
        Naming the step, the array and its first bad cell.
    """
    bad = ~np.isfinite(output)
    if not bad.any():
        return
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    word = "NaN" if np.isnan(output[where]) else "infinity"
    raise NonFiniteError(
        f"{step.where}: {step.output} became {word}"
        + (f" in {int(bad.sum()):,} of {counted(output.size, 'cell')}, first at {list(where)}" if where else ""),
        step=step.where,
        output=step.output,
    )
