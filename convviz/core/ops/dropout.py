"""Dropout: both forward and backward pass multiply by a mask of 0 and 1/(1 − p), drawn anew for every pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.arithmetic import Product
from convviz.core.ops.base import Emitter, Step
from convviz.core.readable import shapes as readable_shapes


def dropout(x: Array, mask: Array, out: Array) -> None:
    """A = X · mask."""
    np.multiply(x, mask, out=out)


@dataclass(frozen=True, slots=True)
class Dropout(Product):
    """Inputs: x, mask."""

    name = "dropout"
    title = "Randomly chosen units are set to zero; the others are scaled up to make up for it"
    formula = r"A = X \cdot \mathrm{mask}"
    kernel = staticmethod(dropout)
    readable = staticmethod(readable_shapes.dropout)

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(DropoutGrad(), (d_out, step.inputs[1]), step.inputs[0])}


@dataclass(frozen=True, slots=True)
class DropoutGrad(Product):
    """Inputs: gradient, the same mask."""

    name = "dropout_grad"
    title = "The gradient passes where the unit was kept"
    formula = r"dX = dA \cdot \mathrm{mask}"
    kernel = staticmethod(dropout)
    readable = staticmethod(readable_shapes.dropout)
