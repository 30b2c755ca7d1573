"""Measures the layers of a recorded run, only as often as it costs little."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from convviz.core.arrays import Array
from convviz.core.network import Network
from convviz.storage.recording.contents import COLUMNS
from convviz.training.kept_copy import KeptCopy
from convviz.training.layer_measures import (
    ForwardPasses,
    LayerMeasures,
    judge,
    judged_arrays,
    judged_images,
    main_parameter,
    with_norms,
)
from convviz.training.layer_meter import MeasuringCosts, MeasuringWish
from convviz.training.layers_measured import LayersMeasured
from convviz.training.trainer import Trainer

__all__ = ["LayerGrid", "SharedMeasures", "rows_of"]

NORMS_SHARE = 0.0025
"""Share of the training time that computing norms may take."""
JUDGING_SHARE = 0.0035
"""The same for judging units, which runs the network on up to 256 images."""
SHARED_NORMS_SHARE, SHARED_JUDGING_SHARE = 0.004, 0.002
"""The same where it is done for the window too, with histograms; the window also judges units for itself."""
FEWEST = 8
"""Steps between two measurements at the least."""
NOT_YET = 1 << 30
"""Steps to the second time that units are judged, until it is known how long a minibatch takes."""
NOTHING = MeasuringWish()


@dataclass(frozen=True, slots=True, eq=False)
class SharedMeasures:
    """What another part of the program has measured already, and what that cost."""

    measured: LayersMeasured
    costs: MeasuringCosts


class LayerGrid:
    """Decides at which steps the layers are measured, and measures them.

    Norms are computed more often than units are judged; where units are not judged, their numbers are NaN.

    Parameters
    ----------
    trainer : Trainer
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._passes: ForwardPasses | None = None
        self._images = judged_images(trainer.train, trainer.test)
        program = trainer.network.program(1, train=False)
        self.layers = tuple(judged_arrays(program))
        names = filter(None, (main_parameter(one, trainer.network.arrays) for one in self.layers))
        self._every = self._judge_every = 0
        self._judging = 0.0
        """Seconds that judging took the last time; 0 before the first."""
        self._is_shared = False
        self._wished = 0
        """No wish concerns a step before this one."""
        self._kept = KeptCopy(names)
        self._before: Mapping[str, Array] = {}
        self._before_step = -1
        self._copying = 0.0
        """Seconds that the copy of the parameters took."""

    def wish(self, step: int, spacing: int) -> MeasuringWish:
        """What this grid wants measured at the coming step, asked by another part that measures too.

        From the first call on, :meth:`measured` makes no copies of parameters of its own.
        """
        if step < self._wished:
            return NOTHING
        self._is_shared = True
        every = max(self._every, spacing, FEWEST)
        if step % every:
            self._wished = step - step % every + every
            return NOTHING
        return MeasuringWish(norms=True, units=step % max(self._judge_every, every) == 0)

    def next(self, step: int, spacing: int) -> int:
        """The first step after ``step`` at which :meth:`measured` has something to do, if nothing was shared."""
        every = max(self._every, spacing, FEWEST)
        after = step - step % every + every
        return after if self._is_shared or after == step + 1 else after - 1

    def measured(self, step: int, spacing: int, usual: float, shared: SharedMeasures | None = None) -> Array | None:
        """The measures after ``step`` minibatches, ``(layers, COLUMNS)``; None if this is not a step to measure.

        Parameters
        ----------
        step : int
        spacing : int
            Least number of steps between two measurements: a power of two.
        usual : float
            Seconds of a minibatch; 0 as long as it is not known.
        shared : SharedMeasures, optional
            What was measured after this step already.
        """
        every = max(self._every, spacing, FEWEST)
        rows = None
        if step % every == 0:
            if shared is not None and shared.measured.step == step:
                rows = self._taken(shared, usual)
            else:
                rows = self._measure(step, max(self._judge_every, every), usual)
        if (step + 1) % every == 0 and not self._is_shared:
            began = time.perf_counter()
            self._before = self._kept.of(self._trainer.network.arrays)
            self._before_step, self._copying = step, time.perf_counter() - began
        return rows

    def _taken(self, shared: SharedMeasures, usual: float) -> Array:
        found, costs = shared.measured, shared.costs
        measures = found.measures
        if found.judged != found.step:
            measures = tuple(
                LayerMeasures(one.layer, one.weight_norm, one.gradient_norm, one.update_norm) for one in measures
            )
        self._space_judging(costs.judging, SHARED_JUDGING_SHARE, usual)
        if usual:
            self._every = power_of_two(costs.norms / SHARED_NORMS_SHARE / usual)
        return rows_of(measures)

    def _measure(self, step: int, judge_every: int, usual: float) -> Array:
        network = self._trainer.network
        began = time.perf_counter()
        judged: Iterable[LayerMeasures] = map(LayerMeasures, self.layers)
        judges = step % judge_every == 0
        if judges:
            judged = self._judged(network)
        then = time.perf_counter()
        before = self._before if self._before_step == step - 1 else {}
        rows = rows_of(with_norms(judged, network.arrays, self._trainer.passing_gradients(), before))
        self._space_judging(then - began if judges else 0.0, JUDGING_SHARE, usual)
        if usual:
            self._every = power_of_two((time.perf_counter() - then + self._copying) / NORMS_SHARE / usual)
        return rows

    def _space_judging(self, seconds: float, share: float, usual: float) -> None:
        """Choose how often units are judged by what that took, just now or the last time."""
        self._judging = seconds or self._judging
        if self._judging:
            self._judge_every = power_of_two(self._judging / share / usual) if usual else NOT_YET

    def _judged(self, network: Network) -> tuple[LayerMeasures, ...]:
        if self._passes is None or self._passes.program is not network.program(1, train=False):
            self._passes = ForwardPasses(network)
        return judge(self._passes.program, self._passes.of(self._images))


def rows_of(measures: Iterable[LayerMeasures]) -> Array:
    """Measures as float32, ``(layers, COLUMNS)``."""
    return np.array([[getattr(one, name) for name in COLUMNS] for one in measures], np.float32)


def power_of_two(count: float) -> int:
    """The smallest power of two that is not less."""
    return 1 << max(math.ceil(math.log2(max(count, 1.0))), 0)
