"""Runs one step after the other, keeps every array, and still sums as a plan does: bit for bit what training computes.

Floating-point sums depend on their order, and training adds up a minibatch shard by shard (:mod:`convviz.core.plan`).
Here every step is cut as the plan cuts it and its parts are put together. So with the NumPy kernels, every bit of a
gradient, and so of a new weight, is the same as in training. Compiled kernels round differently.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from convviz.core.arena import flat
from convviz.core.arrays import Array
from convviz.core.engine import add_up
from convviz.core.execute import Env, run_step
from convviz.core.ops.base import fresh_scratch
from convviz.core.plan import parts_of
from convviz.core.program import Program, Step
from convviz.core.shards import shard_sizes
from convviz.core.stages import cut
from convviz.core.work import work

PART = 20_000_000
"""Work of the shards in a part, at least: a millisecond."""


class ShardedSteps:
    """Runs the steps of a training pass in the shards that training uses.

    Parameters
    ----------
    program : Program
        The pass: the trained program, possibly with more steps, such as the gradient of the images.
    trained : Program
        The program that a plan cuts into shards.
    lowered : callable
        Number of images → ``program`` for a part of the minibatch, with the whole minibatch as divisor.
    precision : dtype
    """

    def __init__(
        self, program: Program, trained: Program, lowered: Callable[[int], Program], precision: npt.DTypeLike
    ) -> None:
        self._program = program
        self._precision = np.dtype(precision)
        sizes = shard_sizes(trained)
        ends = np.cumsum(sizes).tolist()
        self._shards = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
        self._programs = {size: lowered(size) for size in set(sizes)} if len(sizes) > 1 else {}
        stages = cut(trained, len(sizes)) if len(sizes) > 1 else []
        self._in_shards = {step.output for stage in stages for step in stage.shards}
        self._in_parts = {step.output for stage in stages for step in (*stage.deferred, *stage.whole)}

    def parts(self, step: Step, env: Env) -> Iterator[None]:
        """Run one step on stored arrays; a long one in parts, with a yield between two.

        The last one puts the output into ``env``. Meanwhile what the step reads must stay as it is.
        """
        whole = len(self._shards) == 1 or step.op.view
        if not whole and step.output in self._in_shards:
            env[step.output] = yield from self._by_shards(step, env)
        elif not whole and step.output in self._in_parts:
            env[step.output] = self._by_parts(step, env)
        else:
            run_step(self._program, step, env, self._precision)

    def _by_shards(self, step: Step, env: Env) -> Generator[None, None, Array]:
        """Run a step shard by shard; partial sums are added in the order of the shards."""
        arrays = self._program.arrays
        spec = arrays[step.output]
        sums = not spec.batched
        out = np.empty((len(self._shards), *spec.stored) if sums else spec.stored, spec.dtype(self._precision))
        share, done = work(self._program, step) / len(self._shards), 0.0
        for number, images in enumerate(self._shards):
            if done >= PART:
                done = 0.0
                yield
            done += share
            own = self._programs[images.stop - images.start].steps[step.index]
            ins = [env[name][images] if arrays[name].batched else env[name] for name in step.inputs]
            call(own, ins, out[number, ...] if sums else out[images])
        if not sums:
            return out
        total = np.empty(spec.stored, out.dtype)
        add_up(out.reshape(len(out), -1), flat(total))
        return total

    def _by_parts(self, step: Step, env: Env) -> Array:
        """Run a step on the whole minibatch, in the parts that a plan gives to its threads."""
        spec = self._program.arrays[step.output]
        ins = [env[name] for name in step.inputs]
        out = np.empty(spec.stored, spec.dtype(self._precision))
        for some, here in step.op.parts(ins, out, parts_of(ins, out)):
            call(step, some, here)
        return out


def call(step: Step, ins: Sequence[Array], out: Array) -> None:
    """Run a step's kernel, without warnings about NaN and infinity: those are checked for afterwards."""
    with np.errstate(all="ignore"):
        partial(type(step.op).kernel, *step.op.prepare(ins, out, fresh_scratch))()
