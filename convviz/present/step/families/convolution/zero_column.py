"""Why a whole column is 0: the background or padding under its window."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Role
from convviz.core.ops.cells import grid
from convviz.core.program import Program
from convviz.present.step.values import Values


def why_zero(values: Values, name: str, column: int) -> str:
    """Name what lies under the window of a column that is 0 throughout; empty for other columns and arrays.

    ``background``, ``padding``, ``background and padding``; deeper in the network, ``zeros`` replaces ``background``.
    """
    program = values.program
    step = program.producer(name)
    if step is None or step.op.sliding is None or len(step.shape) != 2 or not values.has(name):
        return ""
    # Not of the logical array: for a minibatch that is a copy of a hundred megabytes.
    if np.any(program.arrays[name].gathered(values.stored(name), grid(range(step.shape[0]), [column]))):
        return ""
    window, source = step.op.sliding, program.arrays[step.inputs[0]]
    height, width = source.shape[2:]
    places = window.places(height, width, step.layer)
    p, q = divmod(column % (places[0] * places[1]), places[1])
    rows, columns = window.rows_columns(p, q)
    top, bottom, left, right = _border(program, step.inputs[0])
    inside_rows = (rows >= top) & (rows < height - bottom)
    inside_columns = (columns >= left) & (columns < width - right)
    ground = "background" if source.role is Role.INPUT else "zeros"
    if not (inside_rows.any() and inside_columns.any()):
        return "padding"
    return ground if inside_rows.all() and inside_columns.all() else f"{ground} and padding"


def _border(program: Program, name: str) -> tuple[int, int, int, int]:
    """The padding of an array: top, bottom, left, right."""
    maker = program.producer(name)
    return (0, 0, 0, 0) if maker is None or maker.op.sliding is not None else maker.op.border
