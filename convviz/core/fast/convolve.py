"""Convolution without columns.

im2col writes every pixel KH·KW times. Here the image is copied only KW times, once for every column j of the filter,
and each copy holds exactly the pixels that column j meets:

    shifted[c, j, y, q] = X_pad[c, y, q · S + j · D]

The rows are contiguous, so tap (c, i, j) of all windows of a map is a single run of P = OH · OW cells, which begins i ·
D rows further down. (With a vertical stride S the rows are sorted by y mod S, and the same holds.) Taps are processed
in the order (c, j, i), because those of one column overlap. So X_col is read without being built: all three products of
a convolution use these runs.

Sums are added in another order than by im2col and BLAS, so results agree up to rounding.
"""

from __future__ import annotations

from convviz.core.fast.jit import compiled
from convviz.core.fast.runs import copy_rows, copy_run, transpose_part, transpose_whole
from convviz.core.fast.tiles import (
    DOT_COLUMNS,
    DOT_ROWS,
    PRODUCT_ROWS,
    PRODUCT_VECTORS,
    TAP_ROWS,
    dot_tile,
    lanes,
    product_tile,
    tap_tile,
)

MR, NV = PRODUCT_ROWS, PRODUCT_VECTORS
DR, DC = DOT_ROWS, DOT_COLUMNS
tile_1, tile_2, tile_3 = (product_tile(MR, v) for v in (1, 2, 3))
dots = dot_tile(DR, DC)
TR, FEW = TAP_ROWS, 4
taps_1, taps_2 = tap_tile(TR, 1), tap_tile(TR, 2)
few_1, few_2 = tap_tile(FEW, 1), tap_tile(FEW, 2)


@compiled
def shift_columns(image, top, left, rows, kw, stride, dilation, ow, to, at):
    """Write shifted copies of one padded image, one per column of the filter: ``(C, H, W)`` → ``(C, KW, rows, OW)``."""
    channels, height, width = image.shape
    flat = image.reshape(-1)
    down, right = stride
    for c in range(channels):
        for j in range(kw):
            # Places q whose pixel q · S + j · D lies in the image.
            shift = j * dilation[1] - left
            low = min(max(0, -(shift // right)), ow)
            high = max(min(ow, (width - 1 - shift) // right + 1), low)
            place = at
            for phase in range(down):
                # Rows phase, phase + S … of the padded image, of which the image has those from first to last.
                count = (rows - phase + down - 1) // down
                first = min(max(0, -((phase - top) // down)), count)
                last = max(min(count, (height - 1 - phase + top) // down + 1), first)
                to[place : place + first * ow] = 0
                source = (c * height + phase - top + first * down) * width + shift
                if right == 1:
                    copy_rows(to, place + first * ow, ow, flat, source, down * width, last - first, low, high)
                else:
                    for t in range(last - first):
                        row = place + (first + t) * ow
                        to[row : row + ow] = 0
                        for q in range(low, high):
                            to[row + q] = flat[source + t * down * width + q * right]
                to[place + last * ow : place + count * ow] = 0
                place += count * ow
            at = place


@compiled
def convolve(x, packed, offsets, bias, start, relu, top, left, rows, kw, stride, dilation, groups, shifted, block, out):
    """Cross-correlation of every image with every filter.

    x        (N, C, H, W)
    packed   (G, B, K, MR)   filters in blocks of MR, the last one padded with zeros
    offsets  (K,)            where the run of tap k begins in the shifted copies of a group
    bias     (F,), or nothing
    start    (G · B · MR,)   zeros; with a bias, memory for it in the order of the packed filters
    rows                     height of the padded image
    shifted  (C · KW · rows · OW + slack,)   memory for the shifted copies of an image
    block    (MR, NV vectors)                memory for a tile
    out      (N, F, OH, OW)
    """
    images, channels = x.shape[:2]
    filters, oh, ow = out.shape[1:]
    per, places = filters // groups, oh * ow
    blocks, taps = packed.shape[1:3]
    weights, tile, flat = packed.reshape(-1), block.reshape(-1), out.reshape(-1)
    vector = lanes(tile)
    wide = NV * vector
    size = channels * kw * rows * ow
    shifted[size:] = 0
    for f in range(bias.size):
        g = f // per
        start[g * blocks * MR + f - g * per] = bias[f]
    for n in range(images):
        shift_columns(x[n], top, left, rows, kw, stride, dilation, ow, shifted, 0)
        for g in range(groups):
            maps = g * (size // groups)
            for p in range(0, places, wide):
                cells = min(wide, places - p)
                for b in range(blocks):
                    a, s = (g * blocks + b) * taps * MR, (g * blocks + b) * MR
                    target = (n * filters + g * per + b * MR) * places + p
                    here = min(MR, per - b * MR)
                    if cells == wide and here == MR:
                        tile_3(weights, a, shifted, maps + p, offsets, start, s, flat, target, places, taps, relu)
                        continue
                    if cells > 2 * vector:
                        tile_3(weights, a, shifted, maps + p, offsets, start, s, tile, 0, wide, taps, relu)
                    elif cells > vector:
                        tile_2(weights, a, shifted, maps + p, offsets, start, s, tile, 0, wide, taps, relu)
                    else:
                        tile_1(weights, a, shifted, maps + p, offsets, start, s, tile, 0, wide, taps, relu)
                    for r in range(here):
                        copy_run(flat, target + r * places, cells, tile, r * wide, 0, cells)


@compiled
def pack(weight, flip, packed):
    """Filters ``(G, F, C, KH, KW)`` in blocks ``(G, B, C · KW · KH, MR)``; with ``flip`` turned by 180°."""
    groups, filters, channels, kh, kw = weight.shape
    for g in range(groups):
        for b in range(packed.shape[1]):
            there, k = min(MR, filters - b * MR), 0
            for c in range(channels):
                for j in range(kw):
                    for i in range(kh):
                        y, x = (kh - 1 - i, kw - 1 - j) if flip else (i, j)
                        to = packed[g, b, k]
                        if there == MR:
                            for r in range(MR):
                                to[r] = weight[g, b * MR + r, c, y, x]
                        else:
                            for r in range(MR):
                                to[r] = weight[g, b * MR + r, c, y, x] if r < there else 0
                        k += 1


@compiled
def filter_gradient(d_z, x, offsets, kh, top, left, rows, kw, stride, dilation, groups, shifted, transposed, tile, out):
    """Gradient of the filters.

    d_z         (N, F, OH, OW)
    x           (N, C, H, W)
    offsets     (K,), followed by padding
    shifted     (M, C · KW · rows · OW + slack)  memory for the shifted copies of M images at a time
    transposed  (M, G, P, F/G)                   memory for d_z, filters side by side, padded to whole vectors
    out         (F, K)
    """
    images, filters, oh, ow = d_z.shape
    per, taps, places = filters // groups, out.shape[1], oh * ow
    chunk, padded = transposed.shape[0], transposed.shape[3]
    maps, gradient, z = shifted.reshape(-1), d_z.reshape(-1), transposed.reshape(-1)
    image, vector, image_step = shifted.shape[1], lanes(z), groups * places * padded
    size = x.shape[1] * kw * rows * ow
    for first in range(0, images, chunk):
        here = min(chunk, images - first)
        for n in range(here):
            shift_columns(x[first + n], top, left, rows, kw, stride, dilation, ow, maps, n * image)
            for g in range(groups):
                for p in range(0, places, vector):
                    for f in range(0, per, vector):
                        source = ((first + n) * filters + g * per + f) * places + p
                        to = ((n * groups + g) * places + p) * padded + f
                        if per - f >= vector and places - p >= vector:
                            transpose_whole(gradient, source, places, z, to, padded)
                        else:
                            transpose_part(gradient, source, places, per - f, places - p, z, to, padded)
        for g in range(groups):
            at, row = g * (size // groups), g * places * padded
            for f in range(0, per, 2 * vector):
                two = per - f > vector
                wide = 2 * vector if two else vector
                k = 0
                while k < taps:
                    many = taps - k > FEW
                    if two and many:
                        taps_2(maps, at, offsets, k, image, z, row + f, padded, image_step, tile, here, places)
                    elif two:
                        few_2(maps, at, offsets, k, image, z, row + f, padded, image_step, tile, here, places)
                    elif many:
                        taps_1(maps, at, offsets, k, image, z, row + f, padded, image_step, tile, here, places)
                    else:
                        few_1(maps, at, offsets, k, image, z, row + f, padded, image_step, tile, here, places)
                    for r in range(min(TR if many else FEW, taps - k)):
                        rest, i = divmod(k + r, kh)
                        c, j = divmod(rest, kw)
                        tap = (c * kh + i) * kw + j
                        for s in range(min(wide, per - f)):
                            if first == 0:
                                out[g * per + f + s, tap] = tile[r * wide + s]
                            else:
                                out[g * per + f + s, tap] += tile[r * wide + s]
                    k += TR if many else FEW


@compiled
def filter_gradient_of_few_taps(
    d_z, x, offsets, kh, top, left, rows, kw, stride, dilation, groups, shifted, padded_d_z, tile, out
):
    """Gradient of filters with few taps: dot products along the places. Transposing d_z would cost as much as they do.

    d_z         (N, F, OH, OW)
    x           (N, C, H, W)
    offsets     (K,), padded to a multiple of DR
    shifted     (M, C · KW · rows · OW + slack)  memory for the shifted copies of M images at a time
    padded_d_z  (M, G, F/G, P)                   memory for d_z; F/G and P padded to whole tiles and vectors
    out         (F, K)
    """
    images, filters, oh, ow = d_z.shape
    per, taps, places = filters // groups, out.shape[1], oh * ow
    chunk, padded, length = padded_d_z.shape[0], padded_d_z.shape[2], padded_d_z.shape[3]
    maps, gradient = shifted.reshape(-1), d_z.reshape(-1)
    image = shifted.shape[1]
    size = x.shape[1] * kw * rows * ow
    is_whole = padded == per and length == places
    z = gradient if is_whole else padded_d_z.reshape(-1)
    for first in range(0, images, chunk):
        here = min(chunk, images - first)
        for n in range(here):
            shift_columns(x[first + n], top, left, rows, kw, stride, dilation, ow, maps, n * image)
            shifted[n, size:] = 0
            if not is_whole:
                for g in range(groups):
                    for f in range(padded):
                        row = ((n * groups + g) * padded + f) * length
                        there = f < per
                        source = ((first + n) * filters + g * per + f) * places if there else 0
                        copy_run(z, row, length, gradient, source, 0, places if there else 0)
        start = first * filters * places if is_whole else 0
        for g in range(groups):
            at = g * (size // groups)
            for f in range(0, per, DC):
                row = start + (g * padded + f) * length
                for k in range(0, taps, DR):
                    dots(maps, at, offsets, k, image, z, row, length, groups * padded * length, tile, here, length)
                    for r in range(min(DR, taps - k)):
                        rest, i = divmod(k + r, kh)
                        c, j = divmod(rest, kw)
                        tap = (c * kh + i) * kw + j
                        for s in range(min(DC, per - f)):
                            if first == 0:
                                out[g * per + f + s, tap] = tile[r * DC + s]
                            else:
                                out[g * per + f + s, tap] += tile[r * DC + s]
