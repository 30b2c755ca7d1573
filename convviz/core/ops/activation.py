"""Activations: the calculus stated before the backward code of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from convviz.core.arrays import Array, ArraySpec, Role
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Out, Scratch

if TYPE_CHECKING:
    from convviz.core.program import Builder, Step


def relu(z: Array, zeros: Array, a: Array) -> None:
    """A = max(z, 0). (An array of zeros is four times as fast as the scalar 0.)"""
    np.maximum(z, zeros, out=a)


@dataclass(frozen=True, slots=True)
class Relu(Elementwise):
    """max(z, 0); its slope is 1 where a > 0 and 0 elsewhere."""

    name = "relu"
    title = "What is negative becomes zero"
    formula = r"A = \max(0, Z)"
    text = "max(0, {0})"
    kernel = staticmethod(relu)
    inplace = 0

    def infer(self, layer: str, ins: tuple[ArraySpec, ...]) -> Out:
        return Out(ins[0].shape, Role.ACTIVATION, ins[0].batched, ins[0].column_blocks)

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], np.zeros(out.shape[-1:], out.dtype), out

    def apply(self, *values: float) -> float:
        return float(np.maximum(values[0], 0.0))

    def derivative(self, build: Builder, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(ReluGrad(), (d_out, step.output), step.inputs[0])}


def relu_grad(d_a: Array, a: Array, active: Array, d_z: Array) -> None:
    """The gradient passes where the unit was active: dz = da · [a > 0]."""
    np.greater(a, 0, out=active)
    np.multiply(d_a, active, out=d_z)


@dataclass(frozen=True, slots=True)
class ReluGrad(Elementwise):
    """The forward pass's mask, carried back."""

    name = "relu_grad"
    title = "The gradient passes only where the unit was active"
    formula = r"dZ = dA \cdot [A > 0]"
    text = "{0} · [{1} > 0]"
    kernel = staticmethod(relu_grad)
    inplace = 0

    def prepare(self, ins: Sequence[Array], out: Array, scratch: Scratch) -> tuple[Any, ...]:
        return ins[0], ins[1], scratch("active", out.shape, np.bool_), out

    def apply(self, *values: float) -> float:
        return values[0] if values[1] > 0 else 0.0 * values[0]
