"""Batch normalisation and its backward pass."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array


def channel_mean(x: Array, *, divisor: int) -> Array:
    return x.sum(axis=(0, 2, 3)) / divisor


def centre(x: Array, mean: Array) -> Array:
    return x - mean[:, None, None]


def channel_variance(centred: Array, *, divisor: int) -> Array:
    return (centred**2).sum(axis=(0, 2, 3)) / divisor


def normalise(centred: Array, variance: Array, *, epsilon: float) -> Array:
    return centred / np.sqrt(variance + epsilon)[:, None, None]


def scale_shift(x_hat: Array, scale: Array, shift: Array) -> Array:
    return scale[:, None, None] * x_hat + shift[:, None, None]


def sum_channels(d_z: Array) -> Array:
    return d_z.sum(axis=(0, 2, 3))


def sum_product(d_z: Array, x_hat: Array) -> Array:
    return (d_z * x_hat).sum(axis=(0, 2, 3))


def mean_product(d_x_hat: Array, x_hat: Array, *, divisor: int) -> Array:
    return (d_x_hat * x_hat).sum(axis=(0, 2, 3)) / divisor


def scale_grad(d_z: Array, scale: Array) -> Array:
    return scale[:, None, None] * d_z


def normalise_grad(
    d_x_hat: Array, x_hat: Array, variance: Array, mean: Array, along: Array, *, epsilon: float
) -> Array:
    moved, stretched = mean[:, None, None], x_hat * along[:, None, None]
    return (d_x_hat - moved - stretched) / np.sqrt(variance + epsilon)[:, None, None]


def running_statistic(old: Array, value: Array, *, momentum: float, correction: float) -> Array:
    return (1 - momentum) * old + momentum * correction * value
