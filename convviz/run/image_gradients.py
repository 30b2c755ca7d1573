"""How strongly each image of a minibatch pulls at the parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from convviz.core.execute import run_step
from convviz.core.ops.base import Phase, Step
from convviz.files.cancel import Cancelled, go_on
from convviz.training.layer_measures import norm
from convviz.training.stepping import Pass

__all__ = ["image_gradient_norms"]


def image_gradient_norms(run: Pass, cancelled: Cancelled | None = None) -> npt.NDArray[np.float64]:
    """The norm of the gradient of each image's own loss over all parameters, ``(n,)``.

    The backward pass begins with how much the loss of each image counts: 1/n. It is gone through once an image, which
    then counts alone, so that batch normalisation and dropout are those of the minibatch, and the mean of the gradients
    is that of the minibatch.

    Parameters
    ----------
    run : Pass
        Of the minibatch.
    cancelled : callable, optional

    Raises
    ------
    LoadCancelledError
    """
    program = run.program
    gradients = [program.gradients[name] for name in program.parameters if name in program.gradients]
    first, *others = needed_for(gradients, program.phase(Phase.BACKWARD))
    made = {step.output for step in (first, *others)}
    kept = {name: run.stored(name) for step in others for name in step.inputs if name not in made}
    depends, again = {first.output}, []
    for step in others:
        if depends.isdisjoint(step.inputs):
            kept[step.output] = run.stored(step.output)
        else:
            depends.add(step.output)
            again.append(step)
    counts = run.stored(first.output)
    found = np.empty(len(counts))
    for number in range(len(counts)):
        env = dict(kept)
        env[first.output] = np.zeros_like(counts)
        env[first.output][number] = 1
        for step in again:
            go_on(cancelled)
            run_step(program, step, env, run.precision)
        found[number] = math.hypot(*(norm(env[name]) for name in gradients))
    return found


def needed_for(arrays: Iterable[str], steps: Sequence[Step]) -> list[Step]:
    """Those of some steps, in their order, that lead to some arrays."""
    wanted, found = set(arrays), []
    for step in reversed(steps):
        if step.output in wanted:
            wanted.update(step.inputs)
            found.append(step)
    return found[::-1]
