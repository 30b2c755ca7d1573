"""What a network is worth without one of its filters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Input
from convviz.core.errors import DesignError
from convviz.core.execute import run_step
from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES, LABELS, PROBABILITIES
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.core.program import Program, Step
from convviz.core.wiring import is_cut, reading
from convviz.probe.layers import Maps, convolution
from convviz.probe.passes import check_pixels, check_weights, lowered_forward, run
from convviz.probe.progress import Progress, silent, tell
from convviz.training.blas import OneBlasThread
from convviz.training.fit import check_fit
from convviz.training.images import Split
from convviz.training.predict import forward_plan
from convviz.training.scoring import counting

__all__ = ["Ablation", "rank_filters"]

BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class Ablation:
    """The filters of a convolution by what they are worth.

    Parameters
    ----------
    layer : str
    accuracy : float
        With all filters, of the images whose label is not ignored.
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
        The network has no such convolution, there are no images, they or their labels do not fit, or a weight is not
        finite.
    ProbeCancelledError
    """
    check_weights(network)
    check_pixels(network, split.images)
    if not len(split):
        raise DesignError(f"{network.design.name}: expected images to answer, there are none")
    check_fit(network.design, "given", split)
    maps = convolution(network.design, layer)
    layers = network.design.layers
    alone = is_cut(layers, [layer.name for layer in layers].index(maps.last))
    right = np.zeros(maps.filters + 1)
    count = len(split)
    ignored = network.design.training.ignored_label
    some = counting(split.labels, ignored)
    of = count if some is None else int(np.count_nonzero(some))
    if not of:
        raise DesignError(f"{network.design.name}: expected images that count, all have the ignored label {ignored}")
    lanes = Lanes(threads)
    answers = TailAnswers(network, maps, lanes) if alone else BranchAnswers(network, maps)
    try:
        with OneBlasThread():
            tell(progress, 0, count)
            for start in range(0, count, BATCH):
                part = slice(start, min(start + BATCH, count))
                size = part.stop - part.start
                labels = split.labels[part]
                answers.begin(split.images[part], labels)
                for number in range(maps.filters + 1):
                    same = answers.without(number - 1) == labels
                    right[number] += (same if some is None else same & some[part]).sum()
                    # A batch of a large network takes long enough to be cancelled within it.
                    tell(progress, start + size * number // (maps.filters + 1), count)
                tell(progress, part.stop, count)
    finally:
        lanes.close()
    accuracy = right / of
    return Ablation(maps.name, float(accuracy[0]), accuracy[1:])


class TailAnswers:
    """What a network answers without a filter, where everything after the filter's maps is computed from them alone."""

    def __init__(self, network: Network, maps: Maps, lanes: Lanes) -> None:
        self._network = network
        self._maps = maps
        self._rest = tail(network, maps)
        self._lanes = lanes
        self._plans: dict[int, Plan] = {}
        self._made: Array = np.empty(0)
        self._plan: Plan | None = None

    def begin(self, images: Array, labels: Array) -> None:
        """Make the maps of some images."""
        size = len(images)
        program, name = lowered_forward(self._network.design, size, self._maps.last)
        self._made = run(self._network, program, images, self._network.precision)[name]
        if size not in self._plans:
            self._plans[size] = forward_plan(self._rest, size, self._lanes)
        self._plan = self._plans[size]
        self._plan.inputs[IMAGES][...], self._plan.inputs[LABELS][...] = self._made, labels

    def without(self, number: int) -> Array:
        """The class of every image without a filter; with all of them for -1."""
        assert self._plan is not None
        given = self._plan.inputs[IMAGES]
        if number >= 0:
            given[:, number] = 0
        self._plan.run()
        if number >= 0:
            given[:, number] = self._made[:, number]
        return np.asarray(self._plan[PROBABILITIES].argmax(axis=1))


class BranchAnswers:
    """The same where other branches go past the maps: the rest of the pass is made again, step by step."""

    def __init__(self, network: Network, maps: Maps) -> None:
        self._network = network
        self._maps = maps
        self._env: dict[str, Array] = {}
        self._steps: tuple[Step, ...] = ()
        self._program: Program | None = None
        self._scores = ""

    def begin(self, images: Array, _labels: Array) -> None:
        """Make all arrays of some images."""
        program, self._scores = lowered_forward(self._network.design, len(images))
        self._env = run(self._network, program, images, self._network.precision)
        made = program.producer(self._maps.array)
        assert made is not None
        self._steps, self._program = program.steps[made.index + 1 :], program

    def without(self, number: int) -> Array:
        """The class of every image without a filter; with all of them for -1."""
        assert self._program is not None
        env = dict(self._env)
        if number >= 0:
            maps = env[self._maps.array].copy()
            maps[:, number] = 0
            env[self._maps.array] = maps
            for step in self._steps:
                run_step(self._program, step, env, self._network.precision)
        return np.asarray(env[self._scores].argmax(axis=1))


def tail(network: Network, maps: Maps) -> Network:
    """The layers after a convolution's maps as a network of their own, with the same weights."""
    design = network.design
    names = [layer.name for layer in design.layers]
    layers = tuple(
        reading(layer, tuple(IMAGES if name == maps.last else name for name in layer.sources))
        for layer in design.layers[names.index(maps.last) + 1 :]
    )
    image = Input(channels=maps.filters, height=maps.height, width=maps.width)
    rest = Network(replace(design, input=image, layers=layers), precision=network.precision)
    for name in rest.arrays:
        if name in network.arrays:
            rest.set_weight(name, network.arrays[name])
    return rest
