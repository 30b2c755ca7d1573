"""Filters that have been silent for a while, judged on the images that all of convviz judges them on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.training.layer_measures import ForwardPasses, judged_arrays, judged_images
from convviz.training.trainer import Trainer


def silent_units(trainer: Trainer) -> dict[str, npt.NDArray[np.bool_]]:
    """Layer with weights → for each filter or unit whether it is 0 for all judged images."""
    passes = ForwardPasses(trainer.network, keep=())
    arrays = {
        layer: name
        for layer, name in judged_arrays(passes.program).items()
        if f"{layer}.weight" in trainer.network.arrays
    }
    speaks: dict[str, npt.NDArray[np.bool_]] = {}
    for env in passes.of(judged_images(trainer.train, trainer.test)):
        for layer, name in arrays.items():
            here = speaking(env[name])
            speaks[layer] = here | speaks[layer] if layer in speaks else here
    return {layer: ~found for layer, found in speaks.items()}


def speaking(output: Array) -> npt.NDArray[np.bool_]:
    """For each unit of ``(n, units, …)`` whether any cell is not 0."""
    cells = output.reshape(len(output), output.shape[1], -1)
    found: npt.NDArray[np.bool_] = (cells.max(axis=(0, 2)) != 0) | (cells.min(axis=(0, 2)) != 0)
    return found


class DeadFilters:
    """Counts for each filter in how many looks in a row it was silent.

    Parameters
    ----------
    looks : int
        How many it takes.
    """

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self._counts: dict[str, npt.NDArray[np.int64]] = {}

    def look(self, silent: Mapping[str, npt.NDArray[np.bool_]]) -> list[tuple[str, int]]:
        """The filters that have been silent in so many looks with this one, layer and number of each."""
        found = []
        for layer, is_silent in silent.items():
            before = self._counts.get(layer, np.zeros(len(is_silent), np.int64))
            self._counts[layer] = np.where(is_silent, before + 1, 0)
            found += [(layer, int(number)) for number in np.flatnonzero(self._counts[layer] == self._looks)]
        return found
