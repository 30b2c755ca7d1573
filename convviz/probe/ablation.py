"""What a network is worth without one of its filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Input
from convviz.core.errors import DesignError
from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES, LABELS, PROBABILITIES
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.probe.layers import Maps, convolution
from convviz.probe.passes import check_weights, lowered_forward, run
from convviz.probe.progress import Progress, silent, tell
from convviz.training.blas import OneBlasThread
from convviz.training.images import Split
from convviz.training.predict import forward_plan

__all__ = ["Ablation", "rank_filters"]

BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class Ablation:
    """The filters of a convolution by what they are worth.

    Parameters
    ----------
    layer : str
    accuracy : float
        With all filters.
    without : ndarray, ``(F,)``
        Accuracy with each filter's map set to 0.
    """

    layer: str
    accuracy: float
    without: Array

    @property
    def worth(self) -> Array:
        """What each filter adds to the accuracy, ``(F,)``; negative if the network is better without it."""
        return np.asarray(self.accuracy - self.without)

    @property
    def ranking(self) -> npt.NDArray[np.int64]:
        """Filters, the most valuable first."""
        return np.asarray(np.argsort(-self.worth, kind="stable"), np.int64)


def rank_filters(
    network: Network, split: Split, layer: str = "", *, threads: int = 2, progress: Progress = silent
) -> Ablation:
    """Set every filter of a convolution to 0 in turn, and count the right answers.

    The pass up to the convolution is made once for all filters. Its map is set to 0 after its own activation.

    Raises
    ------
    DesignError
        The network has no such convolution, there are no images, or a weight is not finite.
    ProbeCancelledError
    """
    check_weights(network)
    if not len(split):
        raise DesignError(f"{network.design.name}: expected images to answer, there are none")
    maps = convolution(network.design, layer)
    rest = tail(network, maps)
    right = np.zeros(maps.filters + 1)
    count = len(split)
    lanes, plans = Lanes(threads), dict[int, Plan]()
    try:
        with OneBlasThread():
            tell(progress, 0, count)
            for start in range(0, count, BATCH):
                part = slice(start, min(start + BATCH, count))
                size = part.stop - part.start
                program, name = lowered_forward(network.design, size, maps.last)
                made = run(network, program, split.images[part], network.precision)[name]
                if size not in plans:
                    plans[size] = forward_plan(rest, size, lanes)
                plan = plans[size]
                labels = split.labels[part]
                given = plan.inputs[IMAGES]
                given[...], plan.inputs[LABELS][...] = made, labels
                for number in range(maps.filters + 1):
                    if number:
                        given[:, number - 1] = 0
                    plan.run()
                    right[number] += (plan[PROBABILITIES].argmax(axis=1) == labels).sum()
                    if number:
                        given[:, number - 1] = made[:, number - 1]
                    # A batch of a large network takes long enough to be cancelled within it.
                    tell(progress, start + size * number // (maps.filters + 1), count)
                tell(progress, part.stop, count)
    finally:
        lanes.close()
    accuracy = right / count
    return Ablation(maps.name, float(accuracy[0]), accuracy[1:])


def tail(network: Network, maps: Maps) -> Network:
    """The layers after a convolution's maps as a network of their own, with the same weights."""
    design = network.design
    names = [layer.name for layer in design.layers]
    layers = design.layers[names.index(maps.last) + 1 :]
    image = Input(channels=maps.filters, height=maps.height, width=maps.width)
    rest = Network(replace(design, input=image, layers=layers), precision=network.precision)
    for name in rest.arrays:
        if name in network.arrays:
            rest.set_weight(name, network.arrays[name])
    return rest
