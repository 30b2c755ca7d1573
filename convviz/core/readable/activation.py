"""Activations and their slopes."""

from __future__ import annotations

import math

import numpy as np

from convviz.core.arrays import Array


def relu(z: Array) -> Array:
    return np.maximum(z, 0)


def relu_grad(d_a: Array, a: Array) -> Array:
    return d_a * (a > 0)


def guided_relu_grad(d_a: Array, a: Array) -> Array:
    return np.maximum(d_a, 0) * (a > 0)


def leaky_relu(z: Array, *, slope: float) -> Array:
    return np.where(z > 0, z, slope * z)


def leaky_relu_grad(d_a: Array, a: Array, *, slope: float) -> Array:
    return np.where(a > 0, d_a, slope * d_a)


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def sigmoid_grad(d_a: Array, a: Array) -> Array:
    return d_a * a * (1 - a)


def tanh(z: Array) -> Array:
    return np.tanh(z)


def tanh_grad(d_a: Array, a: Array) -> Array:
    return d_a * (1 - a**2)


def elu(z: Array, *, alpha: float) -> Array:
    return np.where(z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1))


def elu_grad(d_a: Array, z: Array, *, alpha: float) -> Array:
    return d_a * np.where(z > 0, 1, alpha * np.exp(np.minimum(z, 0)))


def silu(z: Array) -> Array:
    return z / (1 + np.exp(-z))


def silu_grad(d_a: Array, z: Array) -> Array:
    s = 1 / (1 + np.exp(-z))
    return d_a * s * (1 + z * (1 - s))


def hard_swish(z: Array) -> Array:
    return z * np.clip(z + 3, 0, 6) / 6


def hard_swish_grad(d_a: Array, z: Array) -> Array:
    return d_a * np.where(z > 3, 1, np.where(z > -3, z / 3 + 1 / 2, 0))


def gelu(z: Array) -> Array:
    erfc = np.vectorize(math.erfc, otypes=[z.dtype])
    share = erfc(-z / math.sqrt(2)) / 2  # how much of the normal distribution lies below z
    return z * share


def gelu_grad(d_a: Array, z: Array) -> Array:
    erfc = np.vectorize(math.erfc, otypes=[z.dtype])
    share = erfc(-z / math.sqrt(2)) / 2
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return d_a * (share + z * density)


def gelu_tanh(z: Array) -> Array:
    u = math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)
    return z / 2 * (1 + np.tanh(u))


def gelu_tanh_grad(d_a: Array, z: Array) -> Array:
    t = np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))
    d_u = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * z**2)
    return d_a * ((1 + t) / 2 + z / 2 * (1 - t**2) * d_u)


def clip(z: Array, *, low: float, high: float) -> Array:
    return np.minimum(np.maximum(z, low), high)


def clip_grad(d_a: Array, z: Array, *, low: float, high: float) -> Array:
    return d_a * ((z > low) & (z < high))


def hard_sigmoid(z: Array) -> Array:
    return np.clip(z + 3, 0, 6) / 6


def hard_sigmoid_grad(d_a: Array, z: Array) -> Array:
    return d_a * ((z > -3) & (z < 3)) / 6


def prelu(z: Array, slope: Array) -> Array:
    return np.maximum(z, 0) + slope.reshape(-1, *[1] * (z.ndim - 2)) * np.minimum(z, 0)


def prelu_grad(d_a: Array, z: Array, slope: Array) -> Array:
    return d_a * np.where(z > 0, 1, slope.reshape(-1, *[1] * (z.ndim - 2)))


def negative_part(z: Array) -> Array:
    return np.minimum(z, 0)


def repeat(number: Array, *, count: int) -> Array:
    return np.repeat(number, count)


def sum_all(d_slopes: Array) -> Array:
    return d_slopes.sum(keepdims=True)


def channel_softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def channel_softmax_grad(d_p: Array, p: Array) -> Array:
    return p * (d_p - (d_p * p).sum(axis=1, keepdims=True))
