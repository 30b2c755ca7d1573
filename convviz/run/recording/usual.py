"""What is usual for a run: the gradients of its layers in the minibatches before a given one, which are replayed."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from convviz.files.cancel import Cancelled
from convviz.run.recording.replay import Replayer
from convviz.training.layer_measures import main_parameter, norm
from convviz.training.pass_done import PassDone

__all__ = ["Usual", "usual_updates"]


@dataclass(frozen=True, slots=True)
class Usual:
    """Means over the minibatches before a given one.

    Parameters
    ----------
    count : int
        Number of minibatches averaged.
    gradients : dict of str to float
        Layer → mean norm of the gradient of its main parameter.
    """

    count: int
    gradients: dict[str, float]


def usual_updates(replayer: Replayer, step: int, count: int = 50, cancelled: Cancelled | None = None) -> Usual:
    """Gradients of the layers in the ``count`` minibatches before number ``step``; fewer at the beginning.

    Raises
    ------
    RecordingError
        They are not in the recording.
    LoadCancelledError
    """
    first = max(step - 1 - count, replayer.recording.head.begin)
    norms: dict[str, list[float]] = defaultdict(list)

    def looked(done: PassDone) -> None:
        gradients = done.gradients()
        for layer in replayer.trainer.design.layers:
            name = main_parameter(layer.name, gradients)
            if name:
                norms[layer.name].append(norm(gradients[name]))

    replayer.go_to(first, cancelled=cancelled)
    replayer.looks = looked
    try:
        replayer.walk_to(step - 1, cancelled=cancelled)
    finally:
        replayer.looks = None
    return Usual(step - 1 - first, {layer: mean(values) for layer, values in norms.items()})


def mean(values: list[float]) -> float:
    """Mean of the finite numbers; NaN if there are none."""
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(finite) / len(finite) if finite else math.nan
