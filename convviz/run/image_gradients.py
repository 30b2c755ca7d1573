"""How strongly each image of a minibatch pulls at the parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.execute import run_step
from convviz.core.ops.base import Phase, Step
from convviz.files.cancel import Cancelled, go_on
from convviz.training.layer_measures import norm
from convviz.training.stepping import Pass

__all__ = ["ImageGradients", "image_gradient_norms"]


@dataclass(frozen=True, slots=True, eq=False)
class ImageGradients:
    """Norms over all parameters.

    Parameters
    ----------
    own : ndarray of float64, ``(n,)``
        Of the gradient of each image's own loss.
    without : ndarray of float64, ``(n,)``
        Of the gradient of the mean loss of all other images; NaN where there are none.
    whole : float
        Of the gradient of the minibatch.
    """

    own: npt.NDArray[np.float64]
    without: npt.NDArray[np.float64]
    whole: float


def image_gradient_norms(run: Pass, cancelled: Cancelled | None = None) -> ImageGradients:
    """The norm of the gradient of each image's own loss over all parameters, and of that without the image.

    A backward pass begins with the weight of each image's loss, 1/n. One is made for each image with that weight alone,
    so that batch normalisation and dropout are those of the minibatch, and the mean of the gradients is that of the
    minibatch.

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
    n = len(counts)
    own, without = np.empty(n), np.full(n, math.nan)
    whole = {name: run.stored(name) for name in gradients}
    for number in range(n):
        env = dict(kept)
        env[first.output] = np.zeros_like(counts)
        env[first.output][number] = 1
        for step in again:
            go_on(cancelled)
            run_step(program, step, env, run.precision)
        own[number] = math.hypot(*(norm(env[name]) for name in gradients))
        if n > 1:
            without[number] = math.hypot(*(norm(n * whole[name] - env[name]) for name in gradients)) / (n - 1)
    return ImageGradients(own, without, math.hypot(*(norm(one) for one in whole.values())))


def needed_for(arrays: Iterable[str], steps: Sequence[Step]) -> list[Step]:
    """The steps, out of the given ones and in their order, that lead to some arrays."""
    wanted, found = set(arrays), []
    for step in reversed(steps):
        if step.output in wanted:
            wanted.update(step.inputs)
            found.append(step)
    return found[::-1]
