"""Local response normalisation."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array


def response_scale(x: Array, *, size: int, alpha: float, k: float) -> Array:
    half, channels = size // 2, x.shape[1]
    squares = np.pad(x**2, ((0, 0), (half, half), (0, 0), (0, 0)))
    return k + alpha / size * np.sum([squares[:, i : i + channels] for i in range(size)], axis=0)


def response_scale_grad(d_s: Array, x: Array, *, size: int, alpha: float) -> Array:
    half, channels = size // 2, x.shape[1]
    around = np.pad(d_s, ((0, 0), (half, half), (0, 0), (0, 0)))
    return 2 * alpha / size * x * np.sum([around[:, i : i + channels] for i in range(size)], axis=0)


def response_divide(x: Array, s: Array, *, beta: float) -> Array:
    return x * s**-beta


def response_divide_grad(d_z: Array, x: Array, s: Array, *, beta: float) -> Array:
    return -beta * d_z * x * s ** (-beta - 1)
