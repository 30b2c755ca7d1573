"""Micro-steps of a step: how many there are, which belong together, and how they rebuild its output."""

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
    """Micro-steps of a step."""
    return max(1, step.op.micro_count(program.in_shapes(step), step.shape))


def micro_block(program: Program, step: Step, micro: int) -> MicroBlock:
    """The block that contains micro-step ``micro``."""
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
        The output so far; after all micro-steps it equals the kernel's.
    """
    result = np.zeros(shape, dtype)
    if numbers is None:
        numbers = range(op.micro_count(tuple(v.shape for v in values), shape))
    for number in numbers:
        op.micro_run(values, result, number)
    return result
