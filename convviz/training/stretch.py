"""Micro-steps, and the stretches of them that belong together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.program import Program, Step


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive micro-steps that belong together: the cells of one map, the columns of one image.

    Parameters
    ----------
    start : int
        Number of the first.
    count : int
    """

    start: int
    count: int


def micro_count(program: Program, step: Step) -> int:
    """Micro-steps of a step."""
    return max(1, step.op.micro_count(program.in_shapes(step), step.shape))


def stretch_of(program: Program, step: Step, micro: int) -> Stretch:
    """The stretch that micro-step ``micro`` is in.

    Cells of a map, of a row, or the columns of one image; what has one axis only is one stretch.
    """
    total = micro_count(program, step)
    ins = program.in_shapes(step)
    spec = program.arrays[step.output]
    size = int(np.prod(step.shape, dtype=np.int64)) if step.shape else 1
    if total == size and spec.column_blocks:
        count = step.shape[1] // spec.column_blocks
    elif total == size and len(step.shape) >= 2:
        count = int(np.prod(step.shape[2 if len(step.shape) == 4 else 1 :], dtype=np.int64))
    elif len(ins) and len(ins[0]) == 4 and total == int(np.prod(ins[0], dtype=np.int64)):
        count = ins[0][2] * ins[0][3]
    elif total != size:
        images = spec.column_blocks or (step.shape[0] if spec.batched and len(step.shape) == 4 else 1)
        count = total // images if total % images == 0 else total
    else:
        count = total
    number = min(max(micro, 0), total - 1) // count
    return Stretch(number * count, count)
