"""What is usual for a run: how its layers changed in the minibatches before a given one, which are replayed."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from convviz.core.arrays import Array
from convviz.files.cancel import Cancelled
from convviz.run.recording.replay import Replayer
from convviz.training.events import MinibatchDone
from convviz.training.pass_done import PassDone
from convviz.training.update_preview import LayerUpdate, layer_updates

__all__ = ["Usual", "usual_updates"]


@dataclass(frozen=True, slots=True)
class Usual:
    """Means over the minibatches before a given one.

    Parameters
    ----------
    count : int
        Number of minibatches averaged.
    gradients, ratios : dict of str to float
        Layer → mean norm of its gradient, mean of ‖ΔW‖ / ‖W‖.
    """

    count: int
    gradients: dict[str, float]
    ratios: dict[str, float]


def usual_updates(replayer: Replayer, step: int, count: int = 50, cancelled: Cancelled | None = None) -> Usual:
    """How the layers changed in the ``count`` minibatches before number ``step``; fewer at the beginning.

    Raises
    ------
    RecordingError
        They are not in the recording.
    LoadCancelledError
    """
    first = max(step - 1 - count, replayer.recording.head.begin)
    seen: dict[str, list[LayerUpdate]] = defaultdict(list)
    before: dict[str, Array] = {}
    gradients: dict[str, Array] = {}

    def looked(done: PassDone) -> None:
        before.update({name: replayer.trainer.network.arrays[name].copy() for name in done.gradients()})
        gradients.update(done.gradients())

    def passed(_: MinibatchDone) -> None:
        for one in layer_updates(replayer.trainer.design, before, gradients, replayer.trainer.network.arrays):
            seen[one.layer].append(one)

    replayer.looks = looked
    try:
        replayer.go_to(first, cancelled=cancelled)
        replayer.walk_to(step - 1, cancelled=cancelled, passed=passed)
    finally:
        replayer.looks = None
    return Usual(
        step - 1 - first,
        {layer: mean([one.gradient_norm for one in all_]) for layer, all_ in seen.items()},
        {layer: mean([one.ratio for one in all_]) for layer, all_ in seen.items()},
    )


def mean(values: list[float]) -> float:
    """Mean of the finite numbers; NaN if there are none."""
    finite = [value for value in values if math.isfinite(value)]
    return math.fsum(finite) / len(finite) if finite else math.nan
