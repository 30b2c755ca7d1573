"""An array, rebuilt micro-step by micro-step: what a step has made when it is stopped in the middle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.core.ops.base import Op


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
