"""Work on single cells, in one pass over the memory."""

from __future__ import annotations

import numpy as np

from convviz.core.fast.jit import compiled
from convviz.core.fast.runs import rectify, where_active


@compiled
def relu(z, a):
    """a = max(z, 0)."""
    rectify(z, 0, a, 0, z.size)


@compiled
def relu_grad(d_a, a, d_z):
    """dz = da where a > 0, else 0."""
    where_active(d_a, 0, a, 0, d_z, 0, a.size)


@compiled
def sum_rows(d_z, out):
    """Sum of every filter's rows, over all images: ``(N, F, P)`` → ``(F,)``."""
    images, filters, places = d_z.shape
    zero = d_z.dtype.type(0)
    for f in range(filters):
        out[f] = zero
    for n in range(images):
        for f in range(filters):
            total = zero
            row = d_z[n, f]
            for p in range(places):
                total += row[p]
            out[f] += total


@compiled
def add_up(partial_sums, total):
    """Σ over the shards: ``(shards, cells)`` → ``(cells,)``."""
    for i in range(total.size):
        total[i] = partial_sums[0, i]
    for s in range(1, partial_sums.shape[0]):
        row = partial_sums[s]
        for i in range(total.size):
            total[i] += row[i]


@compiled
def sum_squares(cells, total):
    """Σ x²."""
    found = cells.dtype.type(0)
    for i in range(cells.size):
        found += cells[i] * cells[i]
    total[0] = found


@compiled
def refuse(cells):
    """Raise an error if a cell is not finite."""
    for i in range(cells.size):
        if not np.isfinite(cells[i]):
            raise FloatingPointError("not finite")


@compiled
def gather(every, rows, out):
    """Copy the rows with these numbers into ``out``."""
    for i in range(rows.size):
        row, to = every[rows[i]], out[i]
        for j in range(to.size):
            to[j] = row[j]
