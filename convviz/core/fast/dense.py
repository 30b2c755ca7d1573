"""Dense layers with few units, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, Shape
from convviz.core.fast import narrow
from convviz.core.fast.fused import Fused, up
from convviz.core.fast.vectors import BYTES
from convviz.core.ops.base import Scratch
from convviz.core.ops.dense import even_cuts

WIDEST = 32
"""Most units of a layer that these kernels take."""
UNIT = 32
"""The number of features must be a multiple of this, so that there are only whole tiles."""


def row_offsets(count: int, distance: int, unit: int = 1) -> Array:
    """Offsets of rows that lie ``distance`` apart; the last one is repeated up to a multiple of ``unit``."""
    return np.minimum(np.arange(up(count, unit)), count - 1).astype(np.intp) * distance


@dataclass(frozen=True, slots=True)
class Transpose(Fused):
    """``W (I, O)`` → Wᵀ, followed by rows of zeros."""

    name = "transpose"
    kernel = staticmethod(narrow.transpose)

    @staticmethod
    def shape(weight: Shape) -> Shape:
        """Shape of the output; tiles read a little beyond the last row that they need."""
        return up(weight[1], narrow.DC) + 1, weight[0]


@dataclass(frozen=True, slots=True)
class NarrowProduct(Fused):
    """Z = X · W. Inputs: features X, Wᵀ."""

    name = "matmul"
    kernel = staticmethod(narrow.product)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        x, weight_t = ins
        tile = scratch("tile", (narrow.DR * narrow.DC,), out.dtype)
        return x, weight_t, row_offsets(len(x), x.shape[1], narrow.DR), tile, out


@dataclass(frozen=True, slots=True)
class NarrowInputGradient(Fused):
    """dX = dZ · Wᵀ. Inputs: dZ, Wᵀ, and with ``active`` the features, which are a ReLU's output."""

    active: bool

    name = "matmul"
    kernel = staticmethod(narrow.input_gradient)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_z, weight_t, *a = ins
        images, units = d_z.shape
        d_x = out.reshape(images, -1)
        packed = scratch("packed", (up(images, narrow.MR) // narrow.MR, units, narrow.MR), out.dtype)
        block = scratch("block", (narrow.MR * narrow.NV * BYTES // out.itemsize,), out.dtype)
        zeros = np.zeros(narrow.MR, out.dtype)
        passed = a[0].reshape(images, -1) if a else d_x
        return d_z, weight_t, passed, self.active, packed, row_offsets(units, weight_t.shape[1]), zeros, block, d_x


@dataclass(frozen=True, slots=True)
class NarrowWeightGradient(Fused):
    """dW = Xᵀ · dZ, on the whole minibatch. Inputs: features X, dZ."""

    name = "matmul"
    kernel = staticmethod(narrow.weight_gradient)

    def parts(self, ins: Sequence[Array], out: Array, count: int) -> list[tuple[Sequence[Array], Array]]:
        x, d_z = ins
        cuts = [slice(cut.start * UNIT, cut.stop * UNIT) for cut in even_cuts(out.shape[0] // UNIT, count)]
        return [((x[:, cut], d_z), out[cut]) for cut in cuts]

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        x, d_z = ins
        images, units = d_z.shape
        packed = scratch("packed", (up(units, narrow.UR) // narrow.UR, images, narrow.UR), out.dtype)
        block = scratch("block", (narrow.UR * narrow.UV * BYTES // out.itemsize,), out.dtype)
        rows = row_offsets(images, x.strides[0] // out.itemsize)
        return x, d_z, packed, rows, np.zeros(narrow.UR, out.dtype), block, out


@dataclass(frozen=True, slots=True)
class OuterProduct(Fused):
    """dW = Xᵀ · dZ for a single image. Inputs: features X, dZ."""

    name = "matmul"
    kernel = staticmethod(narrow.outer)
