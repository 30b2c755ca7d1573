"""What the pictures need to know of the layers at one step; the trainer's measurements have this form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Measures(Protocol):
    """Numbers of one layer; NaN where one does not exist."""

    @property
    def layer(self) -> str:
        """Its name."""

    @property
    def weight_norm(self) -> float:
        """‖W‖."""

    @property
    def gradient_norm(self) -> float:
        """‖dW‖ of the last minibatch."""

    @property
    def update_norm(self) -> float:
        """‖ΔW‖ of the last update."""

    @property
    def update_ratio(self) -> float:
        """‖ΔW‖ / ‖W‖."""

    @property
    def zero_share(self) -> float:
        """Share of its output's values that are 0."""

    @property
    def silent(self) -> float:
        """How many units are 0 for all judged images."""

    @property
    def units(self) -> float:
        """How many units there are."""

    @property
    def saturated(self) -> float:
        """How many units stay near an end of their activation's range."""


class Counts(Protocol):
    """A histogram over 64 bins."""

    @property
    def end(self) -> float:
        """Upper end, a power of two; 0 if all values are 0."""

    @property
    def values(self) -> int:
        """How many values were counted."""

    def on(self, end: float) -> npt.NDArray[np.int64]:
        """Counts from ``-end`` to ``end``."""


class CountsOfLayer(Protocol):
    """The histograms of one layer; None where there are no values."""

    @property
    def weights(self) -> Counts | None:
        """Of its main parameter."""

    @property
    def gradients(self) -> Counts | None:
        """Of the gradient."""

    @property
    def activations(self) -> Counts | None:
        """Of its output."""


class LayerMoment(Protocol):
    """All layers at one step."""

    @property
    def step(self) -> int:
        """Minibatches done."""

    @property
    def judged(self) -> int:
        """The step at which units were judged."""

    @property
    def measures(self) -> Sequence[Measures]:
        """In the order of the design."""

    @property
    def counts(self) -> Mapping[str, CountsOfLayer]:
        """By layer."""

    @property
    def answers(self) -> npt.NDArray[np.int64]:
        """How often each class was the answer to a judged image."""

    @property
    def learning_rate(self) -> float:
        """Of the last update; NaN before the first."""

    @property
    def silent(self) -> Mapping[str, tuple[int, ...]]:
        """Numbers of the silent units, by layer."""
