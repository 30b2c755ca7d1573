"""What was measured of every layer at one step: an entry of a run's history of its layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from convviz.training.layer_measures import LayerMeasures
from convviz.training.value_counts import ValueCounts


@dataclass(frozen=True, slots=True)
class LayerCounts:
    """Histograms of one layer; None where there are no such values yet, or the layer has none.

    Parameters
    ----------
    weights, gradients : ValueCounts, optional
        Of its main parameter, and of the parameter's gradient in the last minibatch.
    activations : ValueCounts, optional
        Of its output, after a folded activation, for the first 32 judged images.
    """

    weights: ValueCounts | None = None
    gradients: ValueCounts | None = None
    activations: ValueCounts | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LayersMeasured:
    """Measures and histograms of every layer at one step.

    Parameters
    ----------
    step : int
        Minibatches done.
    measures : tuple of LayerMeasures
        In the order of the design.
    counts : mapping of str to LayerCounts
        By layer.
    judged : int
        Step at which units were judged and activations counted: this one or an earlier one, because it takes a forward
        pass.
    answers : ndarray of int64, ``(classes,)``
        How often each class was the most probable one among the judged images.
    silent : mapping of str to tuple of int
        Numbers of the silent units, by layer.
    learning_rate : float
        Of the last update; NaN before the first.
    """

    step: int
    measures: tuple[LayerMeasures, ...]
    counts: Mapping[str, LayerCounts]
    judged: int
    answers: npt.NDArray[np.int64]
    silent: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    learning_rate: float = math.nan

    @property
    def by_layer(self) -> dict[str, LayerMeasures]:
        """Layer → its measures."""
        return {one.layer: one for one in self.measures}
