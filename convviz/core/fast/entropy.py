"""The end of the forward pass and the beginning of the backward pass, compiled.

These steps are tiny. They are compiled so that no Python call comes between the kernels around them
(:mod:`convviz.core.fast.chain`). The formulas are those of :mod:`convviz.core.ops.loss` and ``dense``.
"""

from __future__ import annotations

import numpy as np

from convviz.core.fast.jit import compiled


@compiled
def add_bias(z, bias, out):
    """``z[n] + b`` for every image."""
    for n in range(z.shape[0]):
        for k in range(z.shape[1]):
            out[n, k] = z[n, k] + bias[k]


@compiled
def sum_images(d_z, d_bias):
    """Σₙ dz[n]."""
    for k in range(d_z.shape[1]):
        d_bias[k] = 0
    for n in range(d_z.shape[0]):
        for k in range(d_z.shape[1]):
            d_bias[k] += d_z[n, k]


@compiled
def largest(row):
    """The largest number; NaN if there is a NaN."""
    top = row[0]
    for k in range(1, row.size):
        if row[k] > top or row[k] != row[k]:
            top = row[k]
    return top


@compiled
def softmax(z, p):
    """exp(z − m) / Σ exp(z − m) for every image; m is its largest score."""
    zero = z.dtype.type(0)
    for n in range(z.shape[0]):
        top, total = largest(z[n]), zero
        for k in range(z.shape[1]):
            p[n, k] = np.exp(z[n, k] - top)
            total += p[n, k]
        for k in range(z.shape[1]):
            p[n, k] /= total


@compiled
def cross_entropy(z, labels, smoothing, losses):
    """log Σ exp(z − m) − Σ t (z − m) for every image; t are the targets, 1 for the label unless smoothed."""
    zero, one = z.dtype.type(0), z.dtype.type(1)
    classes = z.shape[1]
    for n in range(z.shape[0]):
        top, total, shifted = largest(z[n]), zero, zero
        for k in range(classes):
            total += np.exp(z[n, k] - top)
            shifted += z[n, k] - top
        # A label outside the classes (labels are checked when data is loaded) must not read foreign memory.
        true = z[n, labels[n]] - top if 0 <= labels[n] < classes else zero * np.nan
        if smoothing != zero:
            true = (one - smoothing) * true + smoothing * (shifted / z.dtype.type(classes))
        losses[n] = np.log(total) - true


@compiled
def mean_loss(losses, divisor, loss):
    """Σ l[n] / N."""
    total = losses.dtype.type(0)
    for n in range(losses.size):
        total += losses[n]
    loss[()] = total / divisor


@compiled
def mean_loss_grad(share, d_losses):
    """1/N for every image."""
    for n in range(d_losses.size):
        d_losses[n] = share


@compiled
def softmax_grad(p, labels, smoothing, d_losses, d_z):
    """(p − t) · dl for every image; t are the targets, 1 for the label unless smoothed."""
    zero, one = p.dtype.type(0), p.dtype.type(1)
    low = smoothing / p.dtype.type(p.shape[1]) if smoothing != zero else zero
    for n in range(p.shape[0]):
        for k in range(p.shape[1]):
            target = low
            if k == labels[n]:
                target += one - smoothing
            d_z[n, k] = (p[n, k] - target) * d_losses[n]
