"""Pooling, by windows and over whole maps, and its backward pass."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convviz.core.arrays import Array, Shape
from convviz.core.ops.window import Margins, Pair

Counts = tuple[Shape, Shape]
"""For every row of windows, and for every column, how many rows (columns) of a window count."""


def max_pool(x: Array, *, margins: Margins, reach: Pair, stride: Pair, dilation: Pair) -> Array:
    top, bottom, left, right = margins
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=-np.inf)
    windows = sliding_window_view(x, reach, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    return windows[..., :: dilation[0], :: dilation[1]].max(axis=(4, 5))


def which_max(x: Array, a: Array, *, margins: Margins, reach: Pair, stride: Pair, dilation: Pair) -> Array:
    top, bottom, left, right = margins
    x = np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=-np.inf)
    windows = sliding_window_view(x, reach, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    windows = windows[..., :: dilation[0], :: dilation[1]]
    is_largest = windows.reshape(*a.shape, -1) == a[..., None]
    return is_largest.argmax(axis=-1)  # the first that is


def max_pool_grad(
    d_a: Array, which: Array, *, image: Shape, margins: Margins, kernel: Pair, stride: Pair, dilation: Pair
) -> Array:
    (c, h, w), (n, _, oh, ow), (top, bottom, left, right) = image, d_a.shape, margins
    d_x = np.zeros((n, c, top + h + bottom, left + w + right), d_a.dtype)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            won, y, x = np.where(which == i * kernel[1] + j, d_a, 0), i * dilation[0], j * dilation[1]
            d_x[:, :, y : y + oh * stride[0] : stride[0], x : x + ow * stride[1] : stride[1]] += won
    return d_x[:, :, top : top + h, left : left + w]


def average_pool(x: Array, *, reach: Pair, stride: Pair, dilation: Pair) -> Array:
    windows = sliding_window_view(x, reach, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
    return windows[..., :: dilation[0], :: dilation[1]].mean(axis=(4, 5))


def average_pool_grad(d_a: Array, *, image: Shape, kernel: Pair, stride: Pair, dilation: Pair) -> Array:
    n, _, oh, ow = d_a.shape
    d_x = np.zeros((n, *image), d_a.dtype)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            share, y, x = d_a / (kernel[0] * kernel[1]), i * dilation[0], j * dilation[1]
            d_x[:, :, y : y + oh * stride[0] : stride[0], x : x + ow * stride[1] : stride[1]] += share
    return d_x


def edge_average(x: Array, *, margins: Margins, counted: Margins, reach: Pair, stride: Pair, dilation: Pair) -> Array:
    one = np.ones((1, 1, *x.shape[2:]))
    sums = []
    for maps, around in ((x, (0, 0, 0, 0)), (one, counted)):  # the cells, and how many of them count
        (a, b, c, d), (top, bottom, left, right) = around, margins
        padded = np.pad(maps, ((0, 0), (0, 0), (a, b), (c, d)), constant_values=1)
        padded = np.pad(padded, ((0, 0), (0, 0), (top - a, bottom - b), (left - c, right - d)))
        windows = sliding_window_view(padded, reach, axis=(2, 3))[:, :, :: stride[0], :: stride[1]]
        sums.append(windows[..., :: dilation[0], :: dilation[1]].sum(axis=(4, 5)))
    return (sums[0] / sums[1]).astype(x.dtype)


def edge_average_grad(
    d_a: Array, *, image: Shape, margins: Margins, counts: Counts, kernel: Pair, stride: Pair, dilation: Pair
) -> Array:
    (c, h, w), (n, _, oh, ow), (top, bottom, left, right) = image, d_a.shape, margins
    share = (d_a / np.outer(*counts)).astype(d_a.dtype)  # rows and columns of every window that count
    d_x = np.zeros((n, c, top + h + bottom, left + w + right), d_a.dtype)
    for i in range(kernel[0]):
        for j in range(kernel[1]):
            y, x = i * dilation[0], j * dilation[1]
            d_x[:, :, y : y + oh * stride[0] : stride[0], x : x + ow * stride[1] : stride[1]] += share
    return d_x[:, :, top : top + h, left : left + w]


def global_average(x: Array) -> Array:
    return x.mean(axis=(2, 3))


def global_average_grad(d_a: Array, *, height: int, width: int) -> Array:
    share = d_a / (height * width)
    return np.tile(share[:, :, None, None], (1, 1, height, width))
