"""Batch normalisation without intermediate arrays: x̂ is computed again from the maps wherever it is needed.

    x̂ = (x − m) · d,   d = 1 / √(v + ε)
    dγ = Σ dz · x̂,   dβ = Σ dz
    dx = γ d (dz − (dβ + x̂ · dγ) / M)

All maps are (N, C, P), one row of places per channel; arrays with a number per channel are (C,).
"""

from __future__ import annotations

import numpy as np

from convviz.core.fast.jit import compiled


@compiled
def channel_sum(x, share, out):
    """Σ x · share for every channel."""
    images, channels, places = x.shape
    zero = x.dtype.type(0)
    out[:] = zero
    for n in range(images):
        for c in range(channels):
            row, total = x[n, c], zero
            for p in range(places):
                total += row[p]
            out[c] += total
    for c in range(channels):
        out[c] *= share


@compiled
def variance(x, mean, share, out):
    """Σ (x − m)² · share for every channel."""
    images, channels, places = x.shape
    zero = x.dtype.type(0)
    out[:] = zero
    for n in range(images):
        for c in range(channels):
            row, total, centre = x[n, c], zero, mean[c]
            for p in range(places):
                off = row[p] - centre
                total += off * off
            out[c] += total
    for c in range(channels):
        out[c] *= share


@compiled
def normalise(x, mean, spread, scale, shift, epsilon, relu, out):
    """γ x̂ + β; with ``relu``, negative results become 0."""
    images, channels, places = x.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for n in range(images):
        for c in range(channels):
            row, to = x[n, c], out[n, c]
            centre, slope, base = mean[c], scale[c] * (one / np.sqrt(spread[c] + epsilon)), shift[c]
            if relu:
                for p in range(places):
                    v = (row[p] - centre) * slope + base
                    to[p] = zero if v < zero else v
            else:
                for p in range(places):
                    to[p] = (row[p] - centre) * slope + base


@compiled
def scale_gradient(d_z, x, mean, spread, epsilon, out):
    """dγ."""
    images, channels, places = x.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    out[:] = zero
    for n in range(images):
        for c in range(channels):
            row, given, total, centre = x[n, c], d_z[n, c], zero, mean[c]
            for p in range(places):
                total += given[p] * (row[p] - centre)
            out[c] += total
    for c in range(channels):
        out[c] *= one / np.sqrt(spread[c] + epsilon)


@compiled
def normalise_gradient(d_z, x, mean, spread, scale, d_scale, d_shift, epsilon, share, out):
    """dx; ``share`` is 1/M."""
    images, channels, places = x.shape
    one = x.dtype.type(1)
    for n in range(images):
        for c in range(channels):
            row, given, to = x[n, c], d_z[n, c], out[n, c]
            deviation = one / np.sqrt(spread[c] + epsilon)
            slope, centre = scale[c] * deviation, mean[c]
            along, level = d_scale[c] * share * deviation, d_shift[c] * share
            for p in range(places):
                to[p] = slope * (given[p] - level - (row[p] - centre) * along)
