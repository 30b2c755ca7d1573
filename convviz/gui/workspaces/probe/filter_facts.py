"""What is shown about the filters of a convolution, and how it is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.worker import Tell
from convviz.probe.ascent import maximise, middle_window, placed
from convviz.probe.filters import Filters, measure_filters
from convviz.probe.kernels import Kernels, compare_kernels
from convviz.probe.layers import Maps, convolution
from convviz.probe.progress import Progress, tell

ROUNDS = 60
"""Steps of gradient ascent."""
SHOWN_EVERY = 4
"""Steps between two pictures of it."""


@dataclass(frozen=True, slots=True, eq=False)
class FilterFacts:
    """The filters of a convolution at a moment.

    Parameters
    ----------
    moment : Moment
    maps : Maps
    found : Filters
    kernels : Kernels
    """

    moment: Moment
    maps: Maps
    found: Filters
    kernels: Kernels

    @property
    def count(self) -> int:
        """Number of filters."""
        return self.maps.filters


@dataclass(frozen=True, slots=True, eq=False)
class Dream:
    """The image found so far that excites a filter most.

    Parameters
    ----------
    layer : str
    number : int
        Of the filter.
    patch : ndarray, ``(C, h, w)``
        The window of the cell whose number was raised; 0 beyond the image's edges.
    score : float
        That number, before the activation.
    step : int
        Of gradient ascent, from 1.
    """

    layer: str
    number: int
    patch: Array
    score: float
    step: int

    @property
    def is_done(self) -> bool:
        """Whether it is the last one of its filter."""
        return self.step >= ROUNDS


def measure(moment: Moment, layer: str, progress: Progress) -> FilterFacts:
    """Run the images up to a convolution.

    Raises
    ------
    DesignError
        There is none, or a weight is not finite.
    ProbeCancelledError
    """
    maps = convolution(moment.network.design, layer)
    found = measure_filters(moment.network, moment.images, layer, progress=progress)
    return FilterFacts(moment, maps, found, compare_kernels(moment.network, layer))


def dream(facts: FilterFacts, numbers: list[int], progress: Progress, found: Tell) -> None:
    """Gradient ascent for some filters, one after the other, each from its strongest patch."""
    network, layer = facts.moment.network, facts.maps.name
    box = middle_window(network, layer)
    for at, number in enumerate(numbers):
        start = placed(network, layer, facts.found.patches[number, 0])
        for step, (image, score) in enumerate(maximise(network, number, layer, steps=ROUNDS, start=start), 1):
            if step % SHOWN_EVERY == 0 or step == ROUNDS:
                found(Dream(layer, number, cut(image, box), score, step))
            tell(progress, at * ROUNDS + step, len(numbers) * ROUNDS)


def cut(image: Array, box: tuple[int, int, int, int]) -> Array:
    """A window of an image ``(C, H, W)``; 0 beyond its edges."""
    top, left, bottom, right = box
    height, width = image.shape[1:]
    out = np.zeros((len(image), bottom - top, right - left), image.dtype)
    y, x = slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))
    out[:, y.start - top : y.stop - top, x.start - left : x.stop - left] = image[:, y, x]
    return out


def order_by(facts: FilterFacts, by: str, worth: Array | None) -> Iterator[int]:
    """Numbers of the filters in an order: ``number``, ``largest``, ``share``, ``worth``."""
    keys = {"largest": facts.found.largest, "share": facts.found.on, "worth": worth}
    key = keys.get(by)
    numbers = range(facts.count) if key is None else np.argsort(-key, kind="stable").tolist()
    return iter([int(number) for number in numbers])
