"""The current pass as the presenters of a step see it: values, selection and progress."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array, Index
from convviz.core.program import Program, Step


class Values(Protocol):
    """The arrays of a pass, computed on request."""

    @property
    def program(self) -> Program:
        """The program of the pass."""

    def class_name(self, label: int) -> str:
        """Name of a class."""

    def maker(self, name: str) -> Step | None:
        """The step that makes an array; None for a source."""

    def has(self, name: str) -> bool:
        """Whether the array exists at the cursor."""

    def array(self, name: str) -> Array:
        """Array in its logical shape."""

    def stored(self, name: str) -> Array:
        """Array in its memory layout."""

    def largest(self, name: str) -> float:
        """Largest absolute value."""

    def inputs(self, step: Step) -> tuple[Array, ...]:
        """Logical inputs of a step."""

    def value(self, name: str, index: Index) -> float:
        """The number in one cell."""

    def changed(self, name: str) -> npt.NDArray[np.bool_] | None:
        """Cells that the last edit changed, in the logical shape; None if there are none."""

    def before(self, name: str) -> Array | None:
        """The array before the last edit; None if that did not change it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The user's selection.

    Parameters
    ----------
    sample : int
        Image of the pass.
    filter : int
        Output channel: which filter, which feature map.
    channel : int
        Input channel.
    unit : int
        Unit of a dense layer, or class.
    category, categories : int
        Selected class, and the number of classes. An axis with this many units is taken for the classes, so that its
        selection is independent of the units of hidden layers.
    """

    sample: int = 0
    filter: int = 0
    channel: int = 0
    unit: int = 0
    category: int = 0
    categories: int = 0

    def of(self, axis: str, size: int) -> int:
        """The selected index of an axis of some size."""
        picked = self.category if axis == "unit" and size == self.categories else int(getattr(self, axis))
        return min(max(picked, 0), size - 1)

    def choosing(self, axis: str, value: int, size: int) -> Selection:
        """The selection with another index on an axis of some size."""
        if axis == "unit" and size == self.categories:
            return replace(self, unit=value, category=value)
        return replace(self, **{axis: value})


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far the current step has run.

    Parameters
    ----------
    done : int
        How many micro-steps are done.
    count : int
        How many there are in all.
    inside : bool
        Whether the cursor is inside the step, at a micro-step.
    """

    done: int
    count: int
    inside: bool = False

    @property
    def whole(self) -> bool:
        """Whether all are done."""
        return self.done >= self.count


def short(name: str) -> str:
    """``conv1.x_col`` → ``x_col``."""
    return name.rpartition(".")[2]


def distinct(name: str, other: str) -> str:
    """The short name of an array; with its layer if another array has the same short name."""
    return name if short(name) == short(other) and name != other else short(name)


def label(name: str, index: tuple[int, ...]) -> str:
    """``x_col[12, 300]``."""
    return f"{short(name)}[{', '.join(map(str, index))}]" if index else short(name)
