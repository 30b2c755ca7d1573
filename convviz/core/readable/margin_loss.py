"""Losses computed from the scores, and losses in which images count differently."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array


def hinge(z: Array, labels: Array) -> Array:
    rows = np.arange(len(z))
    over = np.maximum(0, z - z[rows, labels][:, None] + 1)
    over[rows, labels] = 0
    return over.sum(axis=1)


def hinge_grad(z: Array, labels: Array, d_losses: Array) -> Array:
    rows = np.arange(len(z))
    close = (z - z[rows, labels][:, None] + 1 > 0).astype(z.dtype)
    close[rows, labels] = 0
    close[rows, labels] = -close.sum(axis=1)
    return close * d_losses[:, None]


def squared_error(z: Array, labels: Array, *, smoothing: float) -> Array:
    target = (1 - smoothing) * np.eye(z.shape[1], dtype=z.dtype)[labels] + smoothing / z.shape[1]
    return ((z - target) ** 2).mean(axis=1)


def squared_error_grad(z: Array, labels: Array, d_losses: Array, *, smoothing: float) -> Array:
    target = (1 - smoothing) * np.eye(z.shape[1], dtype=z.dtype)[labels] + smoothing / z.shape[1]
    return 2 / z.shape[1] * (z - target) * d_losses[:, None]


def image_weight(labels: Array, *, weights: tuple[float, ...]) -> Array:
    return np.asarray(weights)[labels]


def weight_total(weights: Array) -> Array:
    return weights.sum()


def weighted_mean(losses: Array, weights: Array, total: Array) -> Array:
    return (losses * weights).sum() / total if total > 0 else np.zeros_like(total)


def weighted_mean_grad(weights: Array, total: Array) -> Array:
    return weights / total if total > 0 else np.zeros_like(weights)
