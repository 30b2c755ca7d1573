"""Padding by reflection: rows and columns beyond an edge mirror those inside it.

X_pad[y] = X[|y − P|]        and likewise at the other edges; the edge itself is not repeated
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import ArraySpec
from convviz.core.errors import ShapeError
from convviz.core.ops.base import Out
from convviz.core.ops.resample import Resample, ResampleGrad, Weights
from convviz.core.ops.window import Pair
from convviz.core.readable import resample as readable


@dataclass(frozen=True, slots=True)
class ReflectPad(Resample):
    """A border in which the maps are mirrored."""

    top: int
    bottom: int
    left: int
    right: int

    name = "reflect_pad"
    title = "The border mirrors what lies inside it"
    formula = r"X_{pad}[y, x] = X[|y - P|,\; |x - P|]"
    readable = staticmethod(readable.reflect_pad)

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        h, w = ins[0].shape[2:]
        for sides, size in (((self.top, self.bottom), h), ((self.left, self.right), w)):
            border = max(sides)
            if border >= size:
                raise ShapeError(
                    f"{layer}: expected more than {border} cells inside a border of {border}, got maps of {h}×{w}",
                    layer=layer,
                    field="top" if size == h and max(self.top, self.bottom) >= h else "left",
                )
        return Resample.infer(self, layer, ins)

    def weights(self, axis: int, before: int) -> Weights:
        sides = (self.top, self.bottom) if axis == 0 else (self.left, self.right)
        return np.eye(before)[np.pad(np.arange(before), sides, mode="reflect")]

    def back(self, image: Pair) -> Resample:
        return ReflectPadGrad(image, self.top, self.bottom, self.left, self.right)


@dataclass(frozen=True, slots=True)
class ReflectPadGrad(ResampleGrad):
    """Adjoint of :class:`ReflectPad`."""

    top: int
    bottom: int
    left: int
    right: int

    name = "reflect_pad_grad"
    title = "A cell gets the gradients of its mirror images too"
    formula = r"dX[y, x] = \sum_{|y' - P| = y,\; |x' - P| = x} dX_{pad}[y', x']"
    readable = staticmethod(readable.reflect_pad_grad)

    @property
    def forth(self) -> Resample:
        return ReflectPad(self.top, self.bottom, self.left, self.right)
