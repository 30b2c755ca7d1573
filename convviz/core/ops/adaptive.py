"""Means of a fixed number of regions: maps of any size become maps of one size.

A[p] = mean of X[⌊p H/OH⌋ … ⌈(p + 1) H/OH⌉ − 1]        and likewise for columns; regions may share a row
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.ops.resample import Resample, ResampleGrad, Weights
from convviz.core.ops.window import Pair
from convviz.core.readable import resample as readable


def regions(before: int, after: int) -> list[tuple[int, int]]:
    """First row of every region, and the one after its last."""
    return [(p * before // after, -(-(p + 1) * before // after)) for p in range(after)]


@dataclass(frozen=True, slots=True)
class AdaptiveAverage(Resample):
    """Means of ``output`` regions, (down, across)."""

    output: Pair

    name = "adaptive_average"
    title = "The maps are divided into regions, and each becomes its mean"
    formula = r"A[p, q] = \mathrm{mean} \; X[\lfloor p H / OH \rfloor \dots,\; \lfloor q W / OW \rfloor \dots]"
    readable = staticmethod(readable.adaptive_average)

    def weights(self, axis: int, before: int) -> Weights:
        found = np.zeros((self.output[axis], before))
        for place, (start, stop) in enumerate(regions(before, self.output[axis])):
            found[place, start:stop] = 1 / (stop - start)
        return found

    def back(self, image: Pair) -> Resample:
        return AdaptiveAverageGrad(image, self.output)


@dataclass(frozen=True, slots=True)
class AdaptiveAverageGrad(ResampleGrad):
    """Adjoint of :class:`AdaptiveAverage`."""

    output: Pair

    name = "adaptive_average_grad"
    title = "Every cell of a region gets an equal share of its gradient"
    formula = r"dX[y, x] = \sum_{p, q} \frac{1}{K_{p, q}} \, dA[p, q]"
    readable = staticmethod(readable.adaptive_average_grad)

    @property
    def forth(self) -> Resample:
        return AdaptiveAverage(self.output)
