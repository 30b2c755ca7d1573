"""How much memory a design needs, before any of it is taken."""

from __future__ import annotations

import math

from convviz.core.arrays import COLUMNS, ArraySpec
from convviz.core.design import Design
from convviz.core.errors import DesignError
from convviz.core.lower import lower
from convviz.core.plan import shard_sizes
from convviz.core.program import Phase, Program
from convviz.machine import free_memory, memory_words

__all__ = ["BYTES", "pass_memory", "prediction_memory", "refuse_without_room", "training_memory"]

BYTES = 4
"""Of one number: training is float32."""


def refuse_without_room(name: str, needed: int, does: str, when: str = "", field: str = "") -> None:
    """Refuse what needs more memory than is free.

    Parameters
    ----------
    name : str
        Of the design.
    needed : int
        Bytes.
    does, when : str
        What needs them: ``trains`` and ``with minibatches of 64``.
    field : str
        Setting that a smaller value of may help.

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


def training_memory(program: Program, design: Design, threads: int) -> int:
    """Bytes that training a design needs, estimated.

    What lies there for good; the results of the forward pass for the whole minibatch, which the backward pass reads
    (columns are made anew); and the busiest moment of every thread, which works on a part of the minibatch. The presets
    were measured at 0.7 to 1.4 times this.
    """
    lasting = sum(nbytes(program.arrays[name]) for name in program.sources)
    lasting += sum(nbytes(program.arrays[name]) for name in program.gradients.values())
    kept = sum(
        nbytes(program.arrays[step.output])
        for step in program.phase(Phase.FORWARD, Phase.LOSS)
        if program.arrays[step.output].batched and not step.op.view and program.arrays[step.output].axes != COLUMNS
    )
    part = max(shard_sizes(program))
    shard = lower(design, part, divisor=program.batch) if part != program.batch else program
    return lasting + kept + threads * busiest(shard)


def prediction_memory(design: Design, batch: int, threads: int) -> int:
    """Bytes that a forward pass over so many images needs beside the weights, estimated as for training."""
    program = lower(design, batch, train=False)
    inputs = sum(nbytes(spec) for name in program.sources if (spec := program.arrays[name]).batched)
    part = max(shard_sizes(program))
    return inputs + threads * busiest(lower(design, part, divisor=batch, train=False))


def pass_memory(program: Program, bytes_each: int = BYTES) -> int:
    """Bytes of a pass that is stepped: every array is kept."""
    views = {step.output for step in program.steps if step.op.view}
    return sum(nbytes(spec) for name, spec in program.arrays.items() if name not in views) // BYTES * bytes_each


def busiest(program: Program) -> int:
    """Most bytes in use at one time in one pass, when each array's memory is free after its last reader."""
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
    for step in steps:
        own = root[step.output]
        if own == step.output and own not in free:
            alive.add(own)
            used += nbytes(program.arrays[own])
        most = max(most, used)
        for name in ending.get(step.index, ()):
            if name in alive:
                used -= nbytes(program.arrays[name])
    return most


def nbytes(spec: ArraySpec) -> int:
    """Bytes of an array in float32; exact whatever the size."""
    return math.prod(spec.shape) * BYTES
