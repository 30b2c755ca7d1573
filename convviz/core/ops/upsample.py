"""Upsampling by whole factors: cells are repeated, or numbers between them are interpolated linearly.

With r[p, y] = max(0, 1 − |y(p) − y|), and c likewise for columns:

    nearest    A[p, q] = X[⌊p/S⌋, ⌊q/S⌋]
    bilinear   A[p, q] = Σ r[p, y] · c[q, x] · X[y, x]
               y(p) = (p + ½)/S − ½, clipped to the map; with aligned corners p (H − 1)/(S H − 1)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.ops.resample import Resample, ResampleGrad, Weights
from convviz.core.ops.window import Pair
from convviz.core.readable import resample as readable


@dataclass(frozen=True, slots=True)
class UpsampleNearest(Resample):
    """Every cell becomes a block."""

    scale: Pair

    name = "upsample_nearest"
    title = "Every cell becomes a block of equal ones"
    formula = r"A[p, q] = X[\lfloor p / S \rfloor,\; \lfloor q / S \rfloor]"
    readable = staticmethod(readable.upsample_nearest)

    def weights(self, axis: int, before: int) -> Weights:
        return np.eye(before).repeat(self.scale[axis], axis=0)

    def back(self, image: Pair) -> Resample:
        return UpsampleNearestGrad(image, self.scale)


@dataclass(frozen=True, slots=True)
class UpsampleNearestGrad(ResampleGrad):
    """Adjoint of :class:`UpsampleNearest`."""

    scale: Pair

    name = "upsample_nearest_grad"
    title = "A cell gets the sum of the gradients of the block that it became"
    formula = r"dX[y, x] = \sum_{i, j < S} dA[y S + i,\; x S + j]"
    readable = staticmethod(readable.upsample_nearest_grad)

    @property
    def forth(self) -> Resample:
        return UpsampleNearest(self.scale)


@dataclass(frozen=True, slots=True)
class UpsampleBilinear(Resample):
    """Linear interpolation between the cells, down and across.

    With ``align`` the outermost cells keep their values; without, cells are squares with values at their centres.
    """

    scale: Pair
    align: bool = False

    name = "upsample_bilinear"
    title = "Numbers between the cells are found by straight lines"
    formula = r"A[p, q] = \sum_{y, x} r_{p y} \, c_{q x} \, X[y, x]"
    readable = staticmethod(readable.upsample_bilinear)

    def weights(self, axis: int, before: int) -> Weights:
        places, times = np.arange(before * self.scale[axis]), self.scale[axis]
        if self.align:
            at = places * (before - 1) / max(len(places) - 1, 1)
        else:
            at = np.clip((places + 0.5) / times - 0.5, 0, before - 1)
        return np.asarray(np.maximum(0, 1 - np.abs(at[:, None] - np.arange(before))))

    def back(self, image: Pair) -> Resample:
        return UpsampleBilinearGrad(image, self.scale, self.align)


@dataclass(frozen=True, slots=True)
class UpsampleBilinearGrad(ResampleGrad):
    """Adjoint of :class:`UpsampleBilinear`."""

    scale: Pair
    align: bool = False

    name = "upsample_bilinear_grad"
    title = "A cell gets the gradients of all numbers that it had a part in, each times its part"
    formula = r"dX[y, x] = \sum_{p, q} r_{p y} \, c_{q x} \, dA[p, q]"
    readable = staticmethod(readable.upsample_bilinear_grad)

    @property
    def forth(self) -> Resample:
        return UpsampleBilinear(self.scale, self.align)
