"""Work on single cells, in one pass over the memory."""

from __future__ import annotations

from convviz.core.fast.jit import compiled
from convviz.core.fast.runs import rectify, where_active


@compiled
def relu(z, a):
    """A = max(z, 0)."""
    rectify(z, 0, a, 0, z.size)


@compiled
def relu_grad(d_a, a, d_z):
    """Dz = da where a > 0, else 0."""
    where_active(d_a, 0, a, 0, d_z, 0, a.size)


@compiled
def sum_rows(d_z, out):
    """Sums of the rows of every image, added: ``(N, F, P)`` → ``(F,)``."""
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
