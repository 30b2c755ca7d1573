"""The same scale and shift for every number, fixed by the design: z = a x + b, dx = a dz."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Role
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Emitter, Out, Scratch, Step
from convviz.core.readable import shapes as readable


def rescale(x: Array, scale: float, shift: float, z: Array) -> None:
    """z = a x + b."""
    np.multiply(x, scale, out=z)
    np.add(z, shift, out=z)


@dataclass(frozen=True, slots=True)
class Rescale(Elementwise):
    """Every number times ``scale``, plus ``shift``."""

    scale: float
    shift: float

    name = "rescale"
    title = "Every number is multiplied by one constant, and another is added"
    formula = r"Z = a X + b"
    kernel = staticmethod(rescale)
    readable = staticmethod(readable.rescale)
    inplace = 0

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.PREACTIVATION, ins[0].axes)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], self.scale, self.shift, out

    def apply(self, *values: float) -> float:
        return self.scale * values[0] + self.shift

    def written(self) -> str:
        return f"{self.scale!r} · {{0}} + {self.shift!r}"

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(RescaleGrad(self.scale), (d_out,), step.inputs[0])}


def rescale_grad(d_z: Array, scale: float, d_x: Array) -> None:
    """dx = a dz."""
    np.multiply(d_z, scale, out=d_x)


@dataclass(frozen=True, slots=True)
class RescaleGrad(Elementwise):
    """The gradient of what was scaled."""

    scale: float

    name = "rescale_grad"
    title = "The gradient is multiplied by the same constant"
    formula = r"dX = a \, dZ"
    kernel = staticmethod(rescale_grad)
    readable = staticmethod(readable.rescale_grad)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], self.scale, out

    def apply(self, *values: float) -> float:
        return self.scale * values[0]

    def written(self) -> str:
        return f"{self.scale!r} · {{0}}"
