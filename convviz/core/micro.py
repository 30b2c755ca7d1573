"""Micro-steps of a step: how many there are, and which belong together."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.core.program import Program, Step


@dataclass(frozen=True, slots=True)
class MicroBlock:
    """Consecutive micro-steps that belong together: the cells of one map, the columns of one image.

    Parameters
    ----------
    start : int
        Number of the first micro-step.
    count : int
    """

    start: int
    count: int


def micro_count(program: Program, step: Step) -> int:
    """Number of micro-steps of a step, at least 1."""
    return max(1, step.op.micro_count(program.in_shapes(step), step.shape))


def micro_block(program: Program, step: Step, micro: int) -> MicroBlock:
    """The block that contains micro-step ``micro``."""
    ins = tuple(program.arrays[name] for name in step.inputs)
    count = max(1, step.op.micro_block(ins, program.arrays[step.output]))
    number = min(max(micro, 0), micro_count(program, step) - 1) // count
    return MicroBlock(number * count, count)
