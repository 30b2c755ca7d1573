"""A score, or any cell of a layer, as the number that a pass explains."""

from __future__ import annotations

from typing import Any

import numpy as np

from convviz.core.arrays import Array


def pick(z: Array, *, cell: Any) -> Array:
    return z[:, *cell]


def difference(z: Array, *, cell: Any, minus: Any) -> Array:
    return z[:, *cell] - z[:, *minus]


def pick_grad(*, shape: tuple[int, ...], cell: Any) -> Array:
    d_z: Array = np.zeros(shape)
    d_z[:, *cell] = 1
    return d_z


def difference_grad(*, shape: tuple[int, ...], cell: Any, minus: Any) -> Array:
    d_z: Array = np.zeros(shape)
    d_z[:, *cell] = 1
    d_z[:, *minus] = -1
    return d_z
