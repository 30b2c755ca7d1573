"""A convolution and its backward pass: windows become columns, filters rows, and their product maps."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from convviz.core.arrays import Array, Shape
from convviz.core.ops.window import Pair


def pad2d(x: Array, *, top: int, bottom: int, left: int, right: int, value: float) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=value)


def crop2d(d_x_pad: Array, *, top: int, left: int, height: int, width: int) -> Array:
    return d_x_pad[:, :, top : top + height, left : left + width]


def im2col(x: Array, *, reach: Pair, stride: Pair, dilation: Pair) -> Array:
    windows = sliding_window_view(x, reach, axis=(2, 3))
    windows = windows[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]
    n, c, oh, ow, kh, kw = windows.shape
    return windows.transpose(1, 4, 5, 0, 2, 3).reshape(c * kh * kw, n * oh * ow)


def col2im(d_x_col: Array, *, image: Shape, output: Pair, kernel: Pair, stride: Pair, dilation: Pair) -> Array:
    (c, h, w), (oh, ow), (kh, kw) = image, output, kernel
    columns = d_x_col.reshape(c, kh, kw, -1, oh, ow)
    d_x = np.zeros((c, columns.shape[3], h, w), d_x_col.dtype)
    for i in range(kh):
        for j in range(kw):
            y, x = i * dilation[0], j * dilation[1]
            d_x[:, :, y : y + oh * stride[0] : stride[0], x : x + ow * stride[1] : stride[1]] += columns[:, i, j]
    return d_x.swapaxes(0, 1)


def stretch(weight: Array) -> Array:
    return weight.reshape(len(weight), -1)


def filter_product(w_row: Array, x_col: Array) -> Array:
    return w_row @ x_col


def grouped_filter_product(w_row: Array, x_col: Array, *, groups: int) -> Array:
    filters, windows = np.split(w_row, groups), np.split(x_col, groups)
    return np.concatenate([filters[g] @ windows[g] for g in range(groups)])


def filter_gradient(d_z_row: Array, x_col: Array) -> Array:
    return d_z_row @ x_col.T


def grouped_filter_gradient(d_z_row: Array, x_col: Array, *, groups: int) -> Array:
    gradients, windows = np.split(d_z_row, groups), np.split(x_col, groups)
    return np.concatenate([gradients[g] @ windows[g].T for g in range(groups)])


def column_gradient(w_row: Array, d_z_row: Array) -> Array:
    return w_row.T @ d_z_row


def grouped_column_gradient(w_row: Array, d_z_row: Array, *, groups: int) -> Array:
    filters, gradients = np.split(w_row, groups), np.split(d_z_row, groups)
    return np.concatenate([filters[g].T @ gradients[g] for g in range(groups)])


def add_row_bias(product: Array, bias: Array) -> Array:
    return product + bias[:, None]


def add_map_bias(maps: Array, bias: Array) -> Array:
    return maps + bias[:, None, None]


def sum_rows(d_z_row: Array) -> Array:
    return d_z_row.sum(axis=1)


def fold_maps(z_row: Array, *, height: int, width: int) -> Array:
    return z_row.reshape(len(z_row), -1, height, width).swapaxes(0, 1)


def unfold_maps(d_z: Array) -> Array:
    return d_z.swapaxes(0, 1).reshape(d_z.shape[1], -1)
