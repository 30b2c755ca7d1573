"""The update rules of the optimisers."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array


def velocity(v: Array, gradient: Array, *, momentum: float) -> Array:
    return momentum * v + gradient


def running_mean(mean: Array, gradient: Array, *, keep: float) -> Array:
    return keep * mean + (1 - keep) * gradient


def running_square(square: Array, value: Array, *, keep: float) -> Array:
    return keep * square + (1 - keep) * value**2


def add_square(total: Array, gradient: Array) -> Array:
    return total + gradient**2


def add_decay(gradient: Array, weight: Array, *, decay: float) -> Array:
    return gradient + decay * weight


def look_ahead(gradient: Array, v: Array, *, momentum: float) -> Array:
    return gradient + momentum * v


def by_root(gradient: Array, square: Array, *, epsilon: float) -> Array:
    return gradient / (np.sqrt(square) + epsilon)


def adadelta_move(gradient: Array, square: Array, moved: Array, *, epsilon: float) -> Array:
    return np.sqrt(moved + epsilon) / np.sqrt(square + epsilon) * gradient


def sum_squares(gradient: Array) -> Array:
    return (gradient**2).sum()


def gradient_norm(*squares: Array) -> Array:
    return np.sqrt(sum(squares))


def clip(gradient: Array, norm: Array, *, limit: float) -> Array:
    return gradient * min(1, limit / (norm + 1e-6))


def sgd_update(weight: Array, d_weight: Array, lr: Array) -> Array:
    return weight - lr * d_weight


def shrink(weight: Array, lr: Array, *, decay: float) -> Array:
    return weight * (1 - lr * decay)


def adam_update(
    weight: Array, mean: Array, square: Array, lr: Array, t: Array, *, beta1: float, beta2: float, epsilon: float
) -> Array:
    mean = mean / (1 - beta1**t)
    square = square / (1 - beta2**t)
    return weight - lr * mean / (np.sqrt(square) + epsilon)
