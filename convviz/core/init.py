"""Initial weights.

``fan_in`` and ``fan_out`` are the inputs and outputs that one weight array connects: for filters (F, C, KH, KW)
C·KH·KW and F·KH·KW, for dense weights (I, O) I and O. Sources: Glorot and Bengio 2010 (Xavier), He et al. 2015.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from msgspec import Meta, Struct

from convviz.core.arrays import Array, Shape

InitKind = Literal[
    "zeros",
    "constant",
    "normal",
    "truncated-normal",
    "xavier-normal",
    "xavier-uniform",
    "he-normal",
    "he-uniform",
    "course",
]


class Init(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a layer's weights are initialised.

    Parameters
    ----------
    kind : str
        ``course`` is the course original's ``randn / √(n / 2)`` with n filters, or n features for dense layers.
    scale : float
        The value of ``constant``; the standard deviation of ``normal``, and of ``truncated-normal`` before it is cut at
        two standard deviations; the others ignore it.
    """

    kind: InitKind = "he-normal"
    scale: Annotated[float, Meta(ge=-1e3, le=1e3)] = 0.1


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of filters ``(F, C, KH, KW)`` or dense weights ``(I, O)``."""
    if len(shape) == 2:
        return shape[0], shape[1]
    f, c, kh, kw = shape
    return c * kh * kw, f * kh * kw


def draw(init: Init, shape: Shape, rng: np.random.Generator, dtype: npt.DTypeLike) -> Array:
    """Initial weights of filters ``(F, C, KH, KW)`` or dense weights ``(I, O)``.

    Drawn in float64 and then rounded, so that one seed gives the same weights in every precision.
    """
    fan_in, fan_out = fans(shape)
    match init.kind:
        case "zeros":
            made = np.zeros(shape)
        case "constant":
            made = np.full(shape, init.scale)
        case "normal":
            made = rng.standard_normal(shape) * abs(init.scale)
        case "truncated-normal":
            made = truncated_normal(shape, rng) * abs(init.scale)
        case "xavier-normal":
            made = rng.standard_normal(shape) * math.sqrt(2.0 / (fan_in + fan_out))
        case "xavier-uniform":
            made = rng.uniform(-1.0, 1.0, shape) * math.sqrt(6.0 / (fan_in + fan_out))
        case "he-normal":
            made = rng.standard_normal(shape) * math.sqrt(2.0 / fan_in)
        case "he-uniform":
            made = rng.uniform(-1.0, 1.0, shape) * math.sqrt(6.0 / fan_in)
        case "course":
            # Filters: n = F; dense weights: n = I. Both are the first axis.
            made = rng.standard_normal(shape) / math.sqrt(shape[0] / 2.0)
    return np.ascontiguousarray(made, dtype=dtype)


def truncated_normal(shape: Shape, rng: np.random.Generator) -> Array:
    """Standard normal numbers; those beyond ±2 are drawn again."""
    made = rng.standard_normal(shape)
    while (outside := np.abs(made) > 2.0).any():
        made[outside] = rng.standard_normal(int(outside.sum()))
    return made
