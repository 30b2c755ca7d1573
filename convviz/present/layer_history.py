"""What was measured of the layers of a run, thinned so that it stays small however long the run is."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from convviz.present.layer_moment import LayerMoment

MOST = 256
"""Moments that are kept at the most, evenly spread over the run."""


class LayerHistory:
    """Moments at which layers were measured, in the order of their steps; the newest is always among them.

    Attributes
    ----------
    moments : list of LayerMoment
    revision : int
        Grows with every change.
    """

    def __init__(self) -> None:
        self.moments: list[LayerMoment] = []
        self.revision = 0
        self._every = 1
        self._seen = 0
        """How many came so far; those whose number is a multiple of ``_every`` stay."""
        self._last_stays = True

    def add(self, measured: LayerMoment) -> None:
        """Append a moment; one of the same step is replaced."""
        self.revision += 1
        if self.moments and self.moments[-1].step == measured.step:
            self.moments[-1] = measured
            return
        if not self._last_stays:
            self.moments.pop()
        self.moments.append(measured)
        self._last_stays = self._seen % self._every == 0
        self._seen += 1
        if self._last_stays and len(self.moments) > MOST:
            # Numbers 0, every, 2·every …: every second one stays.
            self._last_stays = len(self.moments) % 2 == 1
            newest = self.moments[-1]
            self.moments = self.moments[::2] if self._last_stays else [*self.moments[::2], newest]
            self._every *= 2

    def extend(self, moments: Iterable[LayerMoment]) -> None:
        """Append moments of a run that was opened, which are spread evenly already."""
        for one in moments:
            self.add(one)

    def fill_in(self, measured: LayerMoment) -> None:
        """Put a moment between those that are there; one of the same step is replaced."""
        place = bisect_left(self.moments, measured.step, key=lambda one: one.step)
        if place == len(self.moments):
            self.add(measured)
            return
        self.revision += 1
        if self.moments[place].step == measured.step:
            self.moments[place] = measured
        else:
            self.moments.insert(place, measured)

    def clear(self) -> None:
        """A new run begins."""
        self.moments = []
        self.revision += 1
        self._every, self._seen, self._last_stays = 1, 0, True

    @property
    def newest(self) -> LayerMoment | None:
        """The moment measured last."""
        return self.moments[-1] if self.moments else None

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers, in the order of the design."""
        return tuple(one.layer for one in self.moments[-1].measures) if self.moments else ()

    def column(self, layer: str, name: str) -> npt.NDArray[np.float64]:
        """One measure of a layer at every moment; NaN where it does not exist."""
        if not self.moments:
            return np.zeros(0)
        place = self.layers.index(layer)
        return np.array([getattr(one.measures[place], name) for one in self.moments], np.float64)

    @property
    def steps(self) -> npt.NDArray[np.float64]:
        """Steps of the moments."""
        return np.array([one.step for one in self.moments], np.float64)

    def until(self, step: int) -> list[LayerMoment]:
        """Moments up to a step."""
        return self.moments[: bisect_right(self.moments, step, key=lambda one: one.step)]
