"""The result of a gradient check, in which one number is nudged, in sentences."""

from __future__ import annotations

from typing import Protocol

from convviz.core.arrays import Index
from convviz.present.numbers import format_alike, format_value
from convviz.present.step.values import label, short

NAMED = 2
"""How many arrays with switched cells are named."""


class Checked(Protocol):
    """The properties of a gradient check that are needed here."""

    @property
    def name(self) -> str:
        """The array."""

    @property
    def index(self) -> Index:
        """The cell."""

    @property
    def epsilon(self) -> float:
        """How much the number was changed."""

    @property
    def low(self) -> float:
        """Loss with the number ε lower."""

    @property
    def high(self) -> float:
        """Loss with the number ε higher."""

    @property
    def numeric(self) -> float:
        """Slope of the loss between these two."""

    @property
    def analytic(self) -> float:
        """Gradient of the backward pass, in float64."""

    @property
    def noise(self) -> float:
        """Uncertainty of the slope."""

    @property
    def error(self) -> float:
        """Relative difference between the two slopes."""

    @property
    def verdict(self) -> str:
        """``right``, ``wrong`` or ``open``."""

    @property
    def is_flat(self) -> bool:
        """Whether both slopes are 0."""

    @property
    def is_measurable(self) -> bool:
        """Whether the slope can be distinguished from 0."""

    @property
    def switched(self) -> tuple[tuple[str, int], ...]:
        """Arrays in which cells switch between the number − ε and + ε, and how many cells of each."""


def verdict(found: Checked) -> str:
    """Say how the loss changed with a number ± ε, and whether the gradient is right, wrong, or can't be judged."""
    said, (low, high) = label(found.name, found.index), format_alike(found.low, found.high, digits=10)
    measured = (
        f"With {said} ± {found.epsilon:.0e} the loss goes from {low} to {high}: a slope of "
        f"{format_value(found.numeric)}. The backward pass says {format_value(found.analytic)}"
    ).replace("e-0", "e-")
    if found.verdict == "right":
        if found.is_flat:
            return f"Right. {measured}: both are 0 up to rounding, since the loss does not depend on it here."
        return f"Right. {measured} (relative difference {found.error:.0e})."
    if found.verdict == "wrong":
        return f"Wrong. {measured} (relative difference {found.error:.0e}), and nothing switches in between."
    if found.switched:
        return f"Can't be judged: the loss has a corner here. {measured}, but {switches(found.switched)}."
    if not found.is_measurable:
        return f"Can't be judged: too flat. {measured}; below {found.noise:.0e} the loss's rounding hides a slope."
    return f"Can't be judged: the loss is no finite number. {measured}."


def switches(switched: tuple[tuple[str, int], ...]) -> str:
    """``even so small a change switches 3 cells of relu1.a``."""
    named = [f"{count:,} cell{'s' if count > 1 else ''} of {where(name)}" for name, count in switched[:NAMED]]
    rest = len(switched) - NAMED
    more = f" and cells of {rest} more array{'s' if rest > 1 else ''}" if rest > 0 else ""
    return f"even so small a change switches {' and '.join(named) if not more else ', '.join(named)}{more}"


def where(name: str) -> str:
    """An array with its layer."""
    layer, _, _ = name.rpartition(".")
    return f"{layer}.{short(name)}" if layer else name
