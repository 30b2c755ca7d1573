"""Guided backpropagation: a ReLU passes back only gradients that are positive.

    dZ = max(dA, 0) · [A > 0]

That is not the derivative of anything. Springenberg et al., *Striving for Simplicity* (2015), use it because the
pictures are clear; Adebayo et al., *Sanity Checks for Saliency Maps* (2018), found that they hardly depend on the
weights of the last layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array
from convviz.core.ops.activation import in_rows
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Scratch
from convviz.core.readable import activation as readable_activation


def guided_relu_grad(d_a: Array, a: Array, active: Array, d_z: Array) -> None:
    """A positive gradient passes where the unit was active: dz = max(da, 0) · [a > 0]."""
    np.greater(a, 0, out=active)
    np.maximum(d_a, 0, out=d_z)
    np.multiply(d_z, active, out=d_z)


@dataclass(frozen=True, slots=True)
class GuidedReluGrad(Elementwise):
    """Takes the place of a ReLU's derivative, for guided backpropagation only."""

    name = "guided_relu_grad"
    title = "Only positive gradients pass, and only where the unit was active"
    formula = r"dZ = \max(dA, 0) \cdot [A > 0]"
    text = "max({0}, 0) · [{1} > 0]"
    kernel = staticmethod(guided_relu_grad)
    readable = staticmethod(readable_activation.guided_relu_grad)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        d_a, a, d_z = in_rows(ins[0], ins[1], out)
        return d_a, a, scratch("active", a.shape, np.bool_), d_z

    def apply(self, *values: float) -> float:
        return float(np.maximum(values[0], 0.0)) if values[1] > 0 else 0.0
