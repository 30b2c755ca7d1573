"""What a nudge found, in a sentence."""

from __future__ import annotations

from typing import Protocol

from convviz.core.arrays import Index
from convviz.present.numbers import format_value
from convviz.present.step.values import label


class Checked(Protocol):
    """What is needed of a gradient check."""

    @property
    def epsilon(self) -> float:
        """By how much the number was changed."""

    @property
    def low(self) -> float:
        """Loss with ε less."""

    @property
    def high(self) -> float:
        """Loss with ε more."""

    @property
    def numeric(self) -> float:
        """Slope of the loss between the two."""

    @property
    def shown(self) -> float:
        """Gradient of the backward pass."""

    @property
    def error(self) -> float:
        """Relative difference."""

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""

    @property
    def kink(self) -> bool:
        """Whether a unit is switched in between."""


def verdict(name: str, index: Index, found: Checked) -> str:
    """Say what changing a number by ±ε did to the loss, and whether the gradient agrees."""
    words = "They agree" if found.agrees else "They differ"
    why = ": a unit switches on or off in between" if found.kink and not found.agrees else ""
    return (
        f"{label(name, index)} ± {found.epsilon:g}: the loss goes from {found.low:.8f} to {found.high:.8f}, a slope of "
        f"{format_value(found.numeric)}. The backward pass says {format_value(found.shown)}. {words} (relative "
        f"difference {found.error:.0e}){why}."
    )
