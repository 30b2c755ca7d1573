"""Maps of another size: upsampling, reflected edges, means and maxima of regions."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.window import Pair


def upsample_nearest(x: Array, *, scale: Pair) -> Array:
    return x.repeat(scale[0], axis=2).repeat(scale[1], axis=3)


def upsample_nearest_grad(d_a: Array, *, scale: Pair) -> Array:
    n, c, h, w = d_a.shape
    return d_a.reshape(n, c, h // scale[0], scale[0], w // scale[1], scale[1]).sum(axis=(3, 5))


def upsample_bilinear(x: Array, *, scale: Pair, align: bool) -> Array:
    for axis, times in ((2, scale[0]), (3, scale[1])):
        size, places = x.shape[axis], np.arange(x.shape[axis] * times)
        at = np.clip((places + 0.5) / times - 0.5, 0, size - 1)
        if align:
            at = places * (size - 1) / max(len(places) - 1, 1)
        share = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(size))).astype(x.dtype)  # the weight of every cell
        x = np.moveaxis(np.moveaxis(x, axis, -1) @ share.T, -1, axis)
    return x


def upsample_bilinear_grad(d_a: Array, *, scale: Pair, align: bool) -> Array:
    for axis, times in ((2, scale[0]), (3, scale[1])):
        size, places = d_a.shape[axis] // times, np.arange(d_a.shape[axis])
        at = np.clip((places + 0.5) / times - 0.5, 0, size - 1)
        if align:
            at = places * (size - 1) / max(len(places) - 1, 1)
        share = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(size))).astype(d_a.dtype)
        d_a = np.moveaxis(np.moveaxis(d_a, axis, -1) @ share, -1, axis)
    return d_a


def reflect_pad(x: Array, *, top: int, bottom: int, left: int, right: int) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), mode="reflect")


def reflect_pad_grad(d_x_pad: Array, *, top: int, bottom: int, left: int, right: int) -> Array:
    (n, c, h, w), before = d_x_pad.shape, (top, left)
    rows = np.pad(np.arange(h - top - bottom), (top, bottom), mode="reflect")
    columns = np.pad(np.arange(w - left - right), (left, right), mode="reflect")
    d_x = np.zeros((n, c, h - before[0] - bottom, w - before[1] - right), d_x_pad.dtype)
    for y in range(h):
        for x in range(w):
            d_x[:, :, rows[y], columns[x]] += d_x_pad[:, :, y, x]
    return d_x


def adaptive_average(x: Array, *, output: Pair) -> Array:
    for axis, places in ((2, output[0]), (3, output[1])):
        size = x.shape[axis]
        regions = [slice(p * size // places, -(-(p + 1) * size // places)) for p in range(places)]
        means = [np.moveaxis(x, axis, 0)[region].mean(axis=0) for region in regions]
        x = np.stack(means, axis=axis)
    return x


def adaptive_average_grad(d_a: Array, *, output: Pair, image: Pair) -> Array:
    for axis, places, size in ((2, output[0], image[0]), (3, output[1], image[1])):
        share = np.zeros((places, size), d_a.dtype)
        for p in range(places):
            region = slice(p * size // places, -(-(p + 1) * size // places))
            share[p, region] = 1 / (region.stop - region.start)
        d_a = np.moveaxis(np.moveaxis(d_a, axis, -1) @ share, -1, axis)
    return d_a


def adaptive_max(x: Array, *, output: Pair) -> Array:
    (h, w), (oh, ow) = x.shape[2:], output
    rows = [slice(p * h // oh, -(-(p + 1) * h // oh)) for p in range(oh)]
    columns = [slice(q * w // ow, -(-(q + 1) * w // ow)) for q in range(ow)]
    return np.stack([np.stack([x[:, :, y, k].max(axis=(2, 3)) for k in columns], 2) for y in rows], 2)


def which_region_max(x: Array, a: Array, *, output: Pair) -> Array:
    (n, c, h, w), (oh, ow) = x.shape, output
    which = np.empty(a.shape, int)
    for p in range(oh):
        for q in range(ow):
            rows, columns = slice(p * h // oh, -(-(p + 1) * h // oh)), slice(q * w // ow, -(-(q + 1) * w // ow))
            region = x[:, :, rows, columns].reshape(n, c, -1)
            which[:, :, p, q] = (region == a[:, :, p, q, None]).argmax(axis=2)  # the first that is
    return which


def adaptive_max_grad(d_a: Array, which: Array, *, output: Pair, image: Pair) -> Array:
    (h, w), (oh, ow) = image, output
    d_x = np.zeros((*d_a.shape[:2], h, w), d_a.dtype)
    for p in range(oh):
        for q in range(ow):
            rows, columns = slice(p * h // oh, -(-(p + 1) * h // oh)), slice(q * w // ow, -(-(q + 1) * w // ow))
            k = np.arange(d_x[0, 0, rows, columns].size).reshape(d_x[0, 0, rows, columns].shape)
            won = which[:, :, p, q, None, None] == k
            d_x[:, :, rows, columns] += won * d_a[:, :, p, q, None, None]
    return d_x
