"""Work on single cells, in one pass over the memory."""

from __future__ import annotations

from convviz.core.fast.jit import compiled


@compiled
def relu(z, a):
    """A = max(z, 0); NaN stays."""
    zero = z.dtype.type(0)
    for i in range(z.size):
        v = z[i]
        a[i] = zero if v < zero else v


@compiled
def relu_grad(d_a, a, d_z):
    """Dz = da where a > 0, else 0."""
    zero = a.dtype.type(0)
    for i in range(a.size):
        d_z[i] = d_a[i] if a[i] > zero else zero


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
