"""Normalisation of groups of channels or place by place, scale and shift of every cell, and their backward passes."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array


def group_mean(x: Array, *, groups: int) -> Array:
    return x.reshape(len(x), groups, -1).mean(axis=2)


def group_centre(x: Array, mean: Array, *, groups: int) -> Array:
    return (x.reshape(len(x), groups, -1) - mean[:, :, None]).reshape(x.shape)


def group_variance(centred: Array, *, groups: int) -> Array:
    return (centred.reshape(len(centred), groups, -1) ** 2).mean(axis=2)


def group_normalise(centred: Array, variance: Array, *, groups: int, epsilon: float) -> Array:
    deviation = np.sqrt(variance + epsilon)[:, :, None]
    return (centred.reshape(len(centred), groups, -1) / deviation).reshape(centred.shape)


def group_product(d_x_hat: Array, x_hat: Array, *, groups: int) -> Array:
    return (d_x_hat * x_hat).reshape(len(x_hat), groups, -1).mean(axis=2)


def group_normalise_grad(
    d_x_hat: Array, x_hat: Array, variance: Array, mean: Array, along: Array, *, groups: int, epsilon: float
) -> Array:
    given, normal = d_x_hat.reshape(len(x_hat), groups, -1), x_hat.reshape(len(x_hat), groups, -1)
    rest = given - mean[:, :, None] - normal * along[:, :, None]
    return (rest / np.sqrt(variance + epsilon)[:, :, None]).reshape(x_hat.shape)


def place_mean(x: Array) -> Array:
    return x.mean(axis=1, keepdims=True)


def place_centre(x: Array, mean: Array) -> Array:
    return x - mean


def place_variance(centred: Array) -> Array:
    return (centred**2).mean(axis=1, keepdims=True)


def place_normalise(centred: Array, variance: Array, *, epsilon: float) -> Array:
    return centred / np.sqrt(variance + epsilon)


def place_product(d_x_hat: Array, x_hat: Array) -> Array:
    return (d_x_hat * x_hat).mean(axis=1, keepdims=True)


def place_normalise_grad(
    d_x_hat: Array, x_hat: Array, variance: Array, mean: Array, along: Array, *, epsilon: float
) -> Array:
    return (d_x_hat - mean - x_hat * along) / np.sqrt(variance + epsilon)


def cell_affine(x_hat: Array, scale: Array, shift: Array) -> Array:
    return scale * x_hat + shift


def cell_sum(d_z: Array) -> Array:
    return d_z.sum(axis=0)


def cell_sum_product(d_z: Array, x_hat: Array) -> Array:
    return (d_z * x_hat).sum(axis=0)


def cell_scale_grad(d_z: Array, scale: Array) -> Array:
    return scale * d_z
