"""Estimates the memory that a design needs, before any of it is allocated."""

from __future__ import annotations

import math

from convviz.core.arrays import COLUMNS, ArraySpec
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.core.program import Phase, Program
from convviz.core.shards import shard_sizes
from convviz.machine import free_memory, memory_words

__all__ = ["BYTES", "nbytes", "pass_memory", "prediction_memory", "refuse_without_room", "training_memory"]

BYTES = 4
"""Bytes of one number: training uses float32."""


def refuse_without_room(name: str, needed: int, does: str, when: str = "", field: str = "") -> None:
    """Refuse an action that needs more memory than is free.

    Parameters
    ----------
    name : str
        Name of the design.
    needed : int
        Bytes.
    does, when : str
        Words for the action that needs them: ``trains`` and ``with minibatches of 64``.
    field : str
        Setting whose smaller value may help.

    Raises
    ------
    DesignError
    """
    free = free_memory()
    if free is not None and needed > free:
        raise DesignError(
            f"{name or 'the network'}: expected one that {does} in the {memory_words(free)} of memory that are free, "
            f"got one that needs about {memory_words(needed)}{when and ' '}{when}",
            field=field,
        )


def training_memory(program: Program, threads: int) -> int:
    """Estimated bytes for training a design.

    The sum of the permanent arrays; the results of the forward pass for the whole minibatch, which the backward pass
    reads (columns are computed again); and the peak of every thread, which works on a part of the minibatch.
    Measurements of the presets were 0.7 to 1.4 times this.
    """
    lasting = sum(nbytes(program.arrays[name]) for name in program.sources)
    lasting += sum(nbytes(program.arrays[name]) for name in program.gradients.values())
    kept = sum(
        nbytes(program.arrays[step.output])
        for step in program.phase(Phase.FORWARD, Phase.LOSS)
        if program.arrays[step.output].batched and not step.op.view and program.arrays[step.output].axes != COLUMNS
    )
    return lasting + kept + threads * busiest(program, max(shard_sizes(program)))


def prediction_memory(design: Design, batch: int, threads: int) -> int:
    """Estimated bytes, besides the weights, for a forward pass over ``batch`` images."""
    program = lower(design, batch, train=False)
    inputs = sum(nbytes(spec) for name in program.sources if (spec := program.arrays[name]).batched)
    return inputs + threads * busiest(program, max(shard_sizes(program)))


def pass_memory(program: Program, bytes_each: int = BYTES) -> int:
    """Bytes of all arrays of a pass, at ``bytes_each`` a number; a view needs none of its own."""
    views = {step.output for step in program.steps if step.op.view}
    return sum(nbytes(spec) for name, spec in program.arrays.items() if name not in views) // BYTES * bytes_each


def busiest(program: Program, part: int) -> int:
    """Peak bytes of a pass over ``part`` images, in which each array's memory is freed after its last reader."""
    root = {name: name for name in program.arrays}
    last: dict[str, int] = {}
    steps = program.phase(Phase.FORWARD, Phase.LOSS, Phase.BACKWARD)
    for step in steps:
        if step.op.view:
            root[step.output] = root[step.inputs[0]]
        for name in (*step.inputs, step.output):
            last[root[name]] = step.index
    used = most = 0
    free = set(program.sources) | set(program.gradients.values())
    ending: dict[int, list[str]] = {}
    for name, index in last.items():
        ending.setdefault(index, []).append(name)
    alive: set[str] = set()

    def size(name: str) -> int:
        spec = program.arrays[name]
        return nbytes(spec) * part // program.batch if spec.batched else nbytes(spec)

    for step in steps:
        own = root[step.output]
        if own == step.output and own not in free:
            alive.add(own)
            used += size(own)
        most = max(most, used)
        for name in ending.get(step.index, ()):
            if name in alive:
                used -= size(name)
    return most


def nbytes(spec: ArraySpec) -> int:
    """Bytes of an array in float32; exact whatever the size."""
    return math.prod(spec.shape) * BYTES
