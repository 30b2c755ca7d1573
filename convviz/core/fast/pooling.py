"""Max pooling with a horizontal stride of 1 or 2, a row of windows at a time.

The cells (i, j) of a row of windows lie S apart in a row of the maps, so the loops over them vectorise.
"""

from __future__ import annotations

from convviz.core.fast.jit import compiled
from convviz.core.fast.runs import copy_run, largest_of, pass_to_maxima, where_active

largest_1, largest_2 = largest_of(1), largest_of(2)
pass_1, pass_2 = pass_to_maxima(1), pass_to_maxima(2)


@compiled
def bounds(offset, stride, size, places):
    """Range (from, to) of the places whose cell ``place · stride + offset`` is in 0 … size − 1."""
    low = min(max(0, -(offset // stride)), places)
    return low, max(min(places, (size - 1 - offset) // stride + 1), low)


@compiled
def max_pool(x, kernel, stride, dilation, top, left, a):
    """``a[n, c, p, q]`` = largest cell of the window; cells outside the maps are left out."""
    height, width = x.shape[2:]
    oh, ow = a.shape[2:]
    columns, dilation_x = kernel[1], dilation[1]
    maps, best = x.reshape(-1), a.reshape(-1)
    for m in range(x.shape[0] * x.shape[1]):
        for p in range(oh):
            # Only the window's rows from low to high lie in the maps.
            low, high = bounds(p * stride[0] - top, dilation[0], height, kernel[0])
            rows, row = high - low, dilation[0] * width
            at = (m * oh + p) * ow
            source = (m * height + p * stride[0] + low * dilation[0] - top) * width
            if stride[1] == 1:
                largest_1(best, at, ow, maps, source, row, rows, columns, dilation_x, -left, width)
            else:
                largest_2(best, at, ow, maps, source, row, rows, columns, dilation_x, -left, width)


@compiled
def max_pool_grad(d_a, x, a, kernel, stride, dilation, top, left, active, remaining, d_x):
    """Every window's gradient goes to its first cell that equals the maximum.

    active             only where the maximum is positive, which includes the gradient of a ReLU before the pooling
    remaining  (OW,)   memory for the gradients that are still to be passed on
    """
    height, width = x.shape[2:]
    oh, ow = d_a.shape[2:]
    maps, maxima, given, to = x.reshape(-1), a.reshape(-1), d_a.reshape(-1), d_x.reshape(-1)
    zero = d_a.dtype.type(0)
    to[:] = zero
    for m in range(x.shape[0] * x.shape[1]):
        for p in range(oh):
            at = (m * oh + p) * ow
            if active:
                where_active(given, at, maxima, at, remaining, 0, ow)
            else:
                copy_run(remaining, 0, ow, given, at, 0, ow)
            for i in range(kernel[0]):
                y = p * stride[0] + i * dilation[0] - top
                if y < 0 or y >= height:
                    continue
                for j in range(kernel[1]):
                    shift = j * dilation[1] - left
                    low, high = bounds(shift, stride[1], width, ow)
                    source = (m * height + y) * width + low * stride[1] + shift
                    if stride[1] == 1:
                        pass_1(maps, source, maxima, at + low, remaining, low, to, high - low)
                    else:
                        pass_2(maps, source, maxima, at + low, remaining, low, to, high - low)
