"""Micro-steps: how many a step has, which belong together, and an array rebuilt one by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.core.ops.base import Op
from convviz.core.program import Program, Step


@dataclass(frozen=True, slots=True)
class MicroBlock:
    """Micro-steps in a row that belong together: the cells of one map, the columns of one image.

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


def micro_block(program: Program, step: Step, micro: int) -> MicroBlock:
    """The block that micro-step ``micro`` is in."""
    ins = tuple(program.arrays[name] for name in step.inputs)
    count = max(1, step.op.micro_block(ins, program.arrays[step.output]))
    number = min(max(micro, 0), micro_count(program, step) - 1) // count
    return MicroBlock(number * count, count)


def rebuild(
    op: Op, values: Sequence[Array], shape: Shape, dtype: np.dtype[Any], numbers: Iterable[int] | None = None
) -> Array:
    """Do some or all micro-steps of an op, in order, on an array of zeros.

    Parameters
    ----------
    op : Op
    values : sequence of ndarray
        The step's inputs in their logical shapes.
    shape : tuple of int
        Logical shape of the output.
    dtype : dtype
        Of the output.
    numbers : iterable of int, optional
        Which micro-steps; all unless given.

    Returns
    -------
    ndarray
        With all micro-steps done: what the kernel makes.
    """
    result = np.zeros(shape, dtype)
    if numbers is None:
        numbers = range(op.micro_count(tuple(v.shape for v in values), shape))
    for number in numbers:
        op.micro_run(values, result, number)
    return result
