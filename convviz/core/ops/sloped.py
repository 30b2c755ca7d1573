"""Base classes of the activations whose slope is computed from the input z, not from the output."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from convviz.core.ops.activation import Activation
from convviz.core.ops.arithmetic import Elementwise
from convviz.core.ops.base import Emitter, Step


@dataclass(frozen=True, slots=True)
class SlopedGrad(Elementwise):
    """Base of the gradients: inputs are the gradient of the output, and z."""

    title = "The gradient times the slope, which is computed from the input"
    inplace = 0

    @abstractmethod
    def slope(self, z: float) -> float:
        """Derivative of the activation at z."""

    def apply(self, *values: float) -> float:
        return values[0] * self.slope(values[1])


@dataclass(frozen=True, slots=True)
class Sloped(Activation):
    """Base of these activations."""

    @abstractmethod
    def gradient(self) -> SlopedGrad:
        """The op that carries the gradient back."""

    @abstractmethod
    def account(self, z: float) -> tuple[str, Mapping[str, float]]:
        """A sentence about what happens to z, with placeholders ``{z}``, ``{a}`` and others, and values for the others.

        ``{share:()}`` follows an operator: a negative number is put in brackets.
        """

    def derivative(self, build: Emitter, step: Step, d_out: str, wanted: tuple[bool, ...]) -> dict[int, str]:
        return {0: build.gradient(self.gradient(), (d_out, step.inputs[0]), step.inputs[0])}
