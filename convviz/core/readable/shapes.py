"""Reshaping, and ops that join arrays."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array, Shape


def reshape(x: Array, *, shape: Shape) -> Array:
    return x.reshape(shape)


def flatten(maps: Array) -> Array:
    return maps.reshape(len(maps), -1)


def add(a: Array, b: Array) -> Array:
    return a + b


def dropout(x: Array, mask: Array) -> Array:
    return x * mask


def multiply(a: Array, b: Array) -> Array:
    return a * b


def scale_maps(maps: Array, factors: Array) -> Array:
    return maps * factors[:, :, None, None]


def scale_maps_grad(d_z: Array, maps: Array) -> Array:
    return (d_z * maps).sum(axis=(2, 3))


def shuffle_channels(x: Array, *, groups: int) -> Array:
    n, c, h, w = x.shape
    return x.reshape(n, groups, c // groups, h, w).swapaxes(1, 2).reshape(n, c, h, w)


def concat(*parts: Array) -> Array:
    return np.concatenate(parts, axis=1)


def take_part(whole: Array, *, start: int, stop: int) -> Array:
    return whole[:, start:stop]


def rescale(x: Array, *, scale: float, shift: float) -> Array:
    return scale * x + shift


def rescale_grad(d_z: Array, *, scale: float) -> Array:
    return scale * d_z


def place_part(part: Array, *, start: int, channels: int) -> Array:
    whole = np.zeros((len(part), channels, *part.shape[2:]), part.dtype)
    whole[:, start : start + part.shape[1]] = part
    return whole
