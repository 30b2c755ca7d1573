"""Measures the layers of a run now and then, for at most a given share of the time that training takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.lower import PROBABILITIES
from convviz.training.layer_measures import (
    ForwardPasses,
    LayerMeasures,
    judge,
    judged_arrays,
    judged_images,
    main_parameter,
    with_norms,
)
from convviz.training.layers_measured import LayerCounts, LayersMeasured
from convviz.training.trainer import Trainer
from convviz.training.value_counts import ValueCounts, count_values

NORMS_SHARE = 0.003
UNITS_SHARE = 0.003
"""Shares of the training time that norms and histograms, and judging units, may take."""
NORMS_SECONDS = 0.25
UNITS_SECONDS = 1.0
"""Measured at most as often as this."""


class LayerMeter:
    """Measures a trainer's layers around some of its minibatches.

    Norms are cheap, judging units needs a forward pass on 256 images; each waits until it has cost no more than its
    share of the time since it was done last. The step to be measured is chosen before it is trained, because only then
    are its weights copied.

    Parameters
    ----------
    trainer : Trainer
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._images = judged_images(trainer.train, trainer.test)
        self._passes = ForwardPasses(trainer.network, keep=(PROBABILITIES,))
        names = (main_parameter(layer, trainer.network.arrays) for layer in judged_arrays(self._passes.program))
        self.names = tuple(name for name in names if name)
        self._before: dict[str, Array] = {}
        self._judged: tuple[LayerMeasures, ...] = ()
        self._activations: Mapping[str, ValueCounts] = {}
        self._answers: npt.NDArray[np.int64] = np.zeros(trainer.design.classes, np.int64)
        self._judged_at = -1
        self._next_norms = self._next_units = 0.0
        """Seconds of training after which each is measured again."""
        self._trained = 0.0

    def before(self, *, must: bool = False) -> None:
        """A minibatch is about to be trained: copy its weights if it is to be measured.

        Parameters
        ----------
        must : bool
            Measure everything after it, whatever it costs: the run holds then.
        """
        if must:
            self._next_norms = self._next_units = self._trained
        if self._trained >= self._next_norms:
            began = time.perf_counter()
            arrays = self._trainer.network.arrays
            self._before = {name: arrays[name].copy() for name in self.names}
            self._next_norms += time.perf_counter() - began

    def after(self, seconds: float) -> LayersMeasured | None:
        """The minibatch was trained in so many seconds; what was measured, or None."""
        self._trained += seconds
        if not self._before:
            return None
        began = time.perf_counter()
        must_judge = self._trained >= self._next_units
        if must_judge:
            self._judge()
            taken = time.perf_counter() - began
            self._next_units = self._trained + max(UNITS_SECONDS, taken / UNITS_SHARE)
            began = time.perf_counter()
        found = self._measured(self._before, self._trainer.gradients())
        self._before = {}
        taken = time.perf_counter() - began
        self._next_norms = self._trained + max(NORMS_SECONDS, taken / NORMS_SHARE)
        return found

    def now(self) -> LayersMeasured:
        """Measure the network as it is: there was no update, or its weights were edited."""
        self._judge()
        return self._measured({}, self._trainer.gradients() if self._trainer.position.step else {})

    def _judge(self) -> None:
        activations: dict[str, ValueCounts] = {}
        answers = np.zeros_like(self._answers)
        arrays = judged_arrays(self._passes.program)

        def counted() -> Iterator[Mapping[str, Array]]:
            for env in self._passes.of(self._images):
                if not activations:
                    activations.update({layer: count_values(env[name]) for layer, name in arrays.items()})
                answers[:] += np.bincount(env[PROBABILITIES].argmax(axis=1), minlength=len(answers))
                yield env

        self._judged = judge(self._passes.program, counted())
        self._activations, self._answers = activations, answers
        self._judged_at = self._trainer.position.step

    def _measured(self, before: Mapping[str, Array], gradients: Mapping[str, Array]) -> LayersMeasured:
        arrays = self._trainer.network.arrays
        measures = with_norms(self._judged, arrays, gradients, before)
        counts = {}
        for one in measures:
            name = main_parameter(one.layer, arrays)
            counts[one.layer] = LayerCounts(
                count_values(arrays[name]) if name else None,
                count_values(gradients[name]) if name in gradients else None,
                self._activations.get(one.layer),
            )
        return LayersMeasured(self._trainer.position.step, measures, counts, self._judged_at, self._answers)
