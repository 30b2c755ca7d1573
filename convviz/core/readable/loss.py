"""The loss, and the start of the backward pass."""

from __future__ import annotations

import numpy as np

from convviz.core.arrays import Array


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def cross_entropy(z: Array, labels: Array) -> Array:
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(z)), labels]


def smoothed_cross_entropy(z: Array, labels: Array, *, smoothing: float) -> Array:
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(1 - smoothing) * log_p[np.arange(len(z)), labels] - smoothing * log_p.mean(axis=1)


def mean_loss(losses: Array, *, divisor: int) -> Array:
    return losses.sum() / divisor


def mean_loss_grad(*, count: int, divisor: int) -> Array:
    return np.full(count, 1 / divisor)


def softmax_grad(p: Array, labels: Array, d_losses: Array) -> Array:
    target = np.eye(p.shape[1], dtype=p.dtype)[labels]
    return (p - target) * d_losses[:, None]


def smoothed_softmax_grad(p: Array, labels: Array, d_losses: Array, *, smoothing: float) -> Array:
    classes = p.shape[1]
    target = (1 - smoothing) * np.eye(classes, dtype=p.dtype)[labels] + smoothing / classes
    return (p - target) * d_losses[:, None]
