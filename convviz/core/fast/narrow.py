"""Dense layers with few units on many features: Z = X · W, dX = dZ · Wᵀ, dW = Xᵀ · dZ.

BLAS is fast only where both sides have long rows. Here a step transposes the weights to Wᵀ (O, I), so that all three
products run along the features, image by image, in the same shard as the convolution before them, whose maps are still
in the cache.
"""

from __future__ import annotations

from convviz.core.fast.jit import compiled
from convviz.core.fast.runs import copy_run, transpose_part, where_active
from convviz.core.fast.tiles import (
    NARROW_ROWS,
    NARROW_VECTORS,
    PRODUCT_ROWS,
    PRODUCT_VECTORS,
    dot_tile,
    lanes,
    product_tile,
)

MR, NV = PRODUCT_ROWS, PRODUCT_VECTORS
DR, DC = 4, 5
"""Images and units of a dot tile: ten classes make two tiles."""
UR, UV = NARROW_ROWS, NARROW_VECTORS
rows_tile = product_tile(MR, NV)
units_tile = product_tile(UR, UV, ahead=2)
dots = dot_tile(DR, DC)


@compiled
def transpose(weight, weight_t):
    """W (I, O) → Wᵀ; rows of ``weight_t`` beyond O become 0. I is a multiple of the vector length."""
    features, units = weight.shape
    source, to = weight.reshape(-1), weight_t.reshape(-1)
    vector = lanes(to)
    for i in range(0, features, vector):
        for o in range(0, units, vector):
            transpose_part(source, i * units + o, units, vector, units - o, to, o * features + i, features)
    to[units * features :] = 0


@compiled
def product(x, weight_t, offsets, tile, z):
    """Z = X · W: dot products of every image's features with every unit's weights.

    x (N, I)   weight_t (O rounded up to DC, I)   offsets (N rounded up to DR,)   tile (DR · DC,)   z (N, O)
    """
    images, features = x.shape
    units = z.shape[1]
    flat, weights = x.reshape(-1), weight_t.reshape(-1)
    for n in range(0, images, DR):
        for o in range(0, units, DC):
            dots(flat, 0, offsets, n, 0, weights, o * features, features, 0, tile, 1, features)
            for r in range(min(DR, images - n)):
                for s in range(min(DC, units - o)):
                    z[n + r, o + s] = tile[r * DC + s]


@compiled
def input_gradient(d_z, weight_t, a, active, packed, offsets, zeros, block, d_x):
    """dX = dZ · Wᵀ; with ``active`` only where a > 0, which includes the gradient of a ReLU.

    d_z (N, O)   a, d_x (N, I)   packed (blocks of MR images, O, MR)   offsets (O,)   block (MR · NV vectors)
    """
    images, units = d_z.shape
    features = d_x.shape[1]
    blocks = packed.shape[0]
    for b in range(blocks):
        for o in range(units):
            for r in range(MR):
                n = b * MR + r
                packed[b, o, r] = d_z[n, o] if n < images else 0
    left, weights = packed.reshape(-1), weight_t.reshape(-1)
    out, passed = d_x.reshape(-1), a.reshape(-1)
    wide = NV * lanes(out)
    for i in range(0, features, wide):
        cells = min(wide, features - i)
        for b in range(blocks):
            here, at = min(MR, images - b * MR), b * MR * features + i
            if not active and here == MR and cells == wide:
                rows_tile(left, b * units * MR, weights, i, offsets, zeros, 0, out, at, features, units, 0)
                continue
            rows_tile(left, b * units * MR, weights, i, offsets, zeros, 0, block, 0, wide, units, 0)
            for r in range(here):
                cell = at + r * features
                if active:
                    where_active(block, r * wide, passed, cell, out, cell, cells)
                else:
                    copy_run(out, cell, cells, block, r * wide, 0, cells)


@compiled
def weight_gradient(x, d_z, packed, offsets, zeros, block, d_weight):
    """dW = Xᵀ · dZ.

    x (N, I), rows ``offsets`` (N,) cells apart   packed (blocks of UR units, N, UR)   block (UR · UV vectors)
    d_weight (I, O)
    """
    images, units = d_z.shape
    features = d_weight.shape[0]
    blocks = packed.shape[0]
    for b in range(blocks):
        for n in range(images):
            for r in range(UR):
                o = b * UR + r
                packed[b, n, r] = d_z[n, o] if o < units else 0
    left = packed.reshape(-1)
    wide = UV * lanes(block)
    for i in range(0, features, wide):
        cells = min(wide, features - i)
        for b in range(blocks):
            units_tile(left, b * images * UR, x, i, offsets, zeros, 0, block, 0, wide, images, 0)
            for q in range(cells):
                for r in range(min(UR, units - b * UR)):
                    d_weight[i + q, b * UR + r] = block[r * wide + q]


@compiled
def outer(x, d_z, d_weight):
    """dW = Xᵀ · dZ for a single image: an outer product."""
    for i in range(x.shape[1]):
        row, value = d_weight[i], x[0, i]
        for o in range(d_z.shape[1]):
            row[o] = value * d_z[0, o]
