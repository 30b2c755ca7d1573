"""Measures the layers of a run now and then, for at most a given share of the time that training takes."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from convviz.core.arrays import Array
from convviz.core.lower import PROBABILITIES
from convviz.core.optim import LEARNING_RATE
from convviz.training.images import Images
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
from convviz.training.layers_measured import LayerCounts, LayersMeasured
from convviz.training.trainer import Trainer
from convviz.training.value_counts import ValueCounts, count_values

NORMS_SHARE = 0.0015
UNITS_SHARE = 0.0015
"""Shares of the training time that norms and histograms, and judging units, may take."""
NORMS_SECONDS = 0.25
UNITS_SECONDS = 1.0
"""Least seconds between two measurements."""
YOUNG_SHARE = 0.01
"""Share that judging units may take in a young run that somebody looks at: until their usual share has paid for it,
they are judged after each doubling of its time."""
GROWN = 1.5
"""Where a run may hold, its units are judged if it has become so many times as long as it was at the last time."""

OTHER_NORM = 1.25
"""Where the norm of a layer's weights has grown or shrunk by this factor, what was judged before says nothing of it."""


@dataclass(frozen=True, slots=True)
class MeasuringWish:
    """Whether another part of the program wants the norms after the next minibatch, and its units judged."""

    norms: bool = False
    units: bool = False


@dataclass(frozen=True, slots=True)
class MeasuringCosts:
    """Seconds that a measurement took: norms and histograms with the copy before, and judging; 0 if it was not done."""

    norms: float = 0.0
    judging: float = 0.0

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.norms + self.judging


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
        self._kept = KeptCopy(self.names)
        self._before: Mapping[str, Array] = {}
        self._judged = JudgedPass(answers=np.zeros(trainer.design.classes, np.int64))
        self._judged_at = -1
        self._judged_norms: Mapping[str, float] = {}
        """Norm of each layer's weights when its units were judged."""
        self._next_norms = 0.0
        """Seconds of training after which norms are measured again."""
        self._trained = self._judged_after = self._judging = 0.0
        """Seconds of training, those until units were judged last, and how long that took."""
        self._must_judge = self._is_seen = True
        self._copying = 0.0
        self.costs = MeasuringCosts()
        """What the last measurement took."""

    def before(
        self, *, must: bool = False, judges: bool = True, wish: MeasuringWish | None = None, seen: bool = True
    ) -> None:
        """Called before a minibatch is trained: copies the weights if it is to be measured.

        Parameters
        ----------
        must : bool
            Measure everything after it, at any cost: the run holds then, or may hold.
        judges : bool
            Everything includes units; if not, and unless the run is young, they can be judged later by :meth:`judged`.
        wish : MeasuringWish, optional
            What another part wants measured at this step. Other steps are then measured only if those are too far
            apart, so that one measurement serves both.
        seen : bool
            The run may be on the screen; if not, a young one is judged no more often than any other.
        """
        self._is_seen = seen
        if must:
            self._next_norms = self._trained
            has_grown = self._trained >= GROWN * self._judged_after
            if judges or (seen and has_grown and self._trained >= self._judged_after + self._young_pause):
                self._must_judge = True
        patience = 0.0 if wish is None or must else NORMS_SECONDS
        is_wanted = wish is not None and wish.norms
        if is_wanted and wish is not None and wish.units:
            self._must_judge = True
        if is_wanted or self._trained >= self._next_norms + patience:
            began = time.perf_counter()
            self._before = self._kept.of(self._trainer.network.arrays)
            self._copying = time.perf_counter() - began

    def after(self, seconds: float) -> LayersMeasured | None:
        """Note that the minibatch took ``seconds``; returns what was measured, or None."""
        self._trained += seconds
        if not self._before:
            return None
        began = time.perf_counter()
        judging = 0.0
        if self._must_judge or self._trained >= self._judged_after + self._pause:
            self._judge()
            judging = self._judging = time.perf_counter() - began
            self._judged_after = self._trained
            self._must_judge = False
            began = time.perf_counter()
        found = self._measured(self._before, self._trainer.passing_gradients())
        self._before = {}
        taken = time.perf_counter() - began + self._copying
        if not judging and self._is_another(found):
            began = time.perf_counter()
            found = self.judged(found)
            judging = self._judging = time.perf_counter() - began
            self._judged_after = self._trained
        if judging:
            self._judged_norms = {one.layer: one.weight_norm for one in found.measures}
        self._next_norms = self._trained + max(NORMS_SECONDS, taken / NORMS_SHARE)
        self.costs = MeasuringCosts(taken, judging)
        return found

    def _is_another(self, found: LayersMeasured) -> bool:
        """Whether the weights are so far from those that were judged that the judgement no longer holds."""
        return any(
            not old / OTHER_NORM <= one.weight_norm <= old * OTHER_NORM
            for one in found.measures
            if (old := self._judged_norms.get(one.layer, 0.0)) > 0
        )

    @property
    def _young_pause(self) -> float:
        """Least seconds from one judgement of a young run to the next."""
        return self._judging / YOUNG_SHARE

    @property
    def _pause(self) -> float:
        """Seconds of training from the last judgement to the next."""
        usual = self._judging / UNITS_SHARE
        if self._is_seen:
            usual = min(usual, max(self._judged_after, self._young_pause))
        return max(usual, UNITS_SECONDS)

    def now(self) -> LayersMeasured:
        """Measure the network as it is: there was no update, or its weights were edited."""
        self._judge()
        return self._measured({}, self._trainer.passing_gradients() if self._trainer.position.step else {})

    def judged(self, last: LayersMeasured) -> LayersMeasured:
        """The last measurement with its units judged, while the network has not changed since."""
        self._judge()
        judged, before = self._judged, last.by_layer
        measures = []
        for one in judged.measures:
            old = before[one.layer]
            norms = old.weight_norm, old.gradient_norm, old.update_norm
            measures.append(replace(one, weight_norm=norms[0], gradient_norm=norms[1], update_norm=norms[2]))
        counts = {
            layer: replace(counts, activations=judged.activations.get(layer)) for layer, counts in last.counts.items()
        }
        answers, silent = judged.answers, judged.silent
        return replace(last, measures=tuple(measures), counts=counts, judged=last.step, answers=answers, silent=silent)

    def at(
        self, step: int, before: Mapping[str, Array], gradients: Mapping[str, Array], *, judges: bool = True
    ) -> LayersMeasured:
        """Measure the network as it was after ``step`` minibatches of another trainer.

        Parameters
        ----------
        step : int
        before : mapping of str to ndarray
            Main parameters before the last minibatch; may be empty.
        gradients : mapping of str to ndarray
            Of the last minibatch; may be empty.
        judges : bool
            Whether there are images to judge units on.
        """
        if judges:
            self._judge()
        else:
            layers = judged_arrays(self._passes.program)
            self._judged = replace(self._judged, measures=tuple(map(LayerMeasures, layers)))
        self._judged_at = step
        return self._measured(before, gradients, step)

    def _judge(self) -> None:
        self._judged = judge_layers(self._passes, self._images)
        self._judged_at = self._trainer.position.step

    def _measured(
        self, before: Mapping[str, Array], gradients: Mapping[str, Array], step: int | None = None
    ) -> LayersMeasured:
        step, arrays = self._trainer.position.step if step is None else step, self._trainer.network.arrays
        return measured_layers(step, arrays, self._judged, self._judged_at, gradients, before)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPass:
    """What a forward pass on the judged images shows of every layer.

    Parameters
    ----------
    measures : tuple of LayerMeasures
        Without norms.
    activations : mapping of str to ValueCounts
        By layer, of the first images.
    answers : ndarray of int64, ``(classes,)``
        How often each class was the most probable one.
    silent : mapping of str to tuple of int
        Numbers of the silent units, by layer.
    """

    measures: tuple[LayerMeasures, ...] = ()
    activations: Mapping[str, ValueCounts] = field(default_factory=dict)
    answers: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    silent: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def judge_layers(passes: ForwardPasses, images: Images) -> JudgedPass:
    """Judge the units of every layer; ``passes`` keeps the probabilities too."""
    activations: dict[str, ValueCounts] = {}
    answers = np.zeros(passes.program.arrays[PROBABILITIES].shape[1], np.int64)
    arrays = judged_arrays(passes.program)

    def counted() -> Iterator[Mapping[str, Array]]:
        for env in passes.of(images):
            if not activations:
                activations.update({layer: count_values(env[name]) for layer, name in arrays.items()})
            answers[:] += np.bincount(env[PROBABILITIES].argmax(axis=1), minlength=len(answers))
            yield env

    silent: dict[str, tuple[int, ...]] = {}
    return JudgedPass(judge(passes.program, counted(), silent), activations, answers, silent)


def measured_layers(
    step: int,
    arrays: Mapping[str, Array],
    judged: JudgedPass,
    judged_at: int,
    gradients: Mapping[str, Array],
    before: Mapping[str, Array],
) -> LayersMeasured:
    """Measure every layer of a network.

    Parameters
    ----------
    step : int
    arrays : mapping of str to ndarray
        The network's, after the step.
    judged : JudgedPass
        The judgement of units at the step ``judged_at``.
    judged_at : int
    gradients : mapping of str to ndarray
        Of the last minibatch; may be empty.
    before : mapping of str to ndarray
        Main parameters before the last update; may be empty.
    """
    measures = with_norms(judged.measures, arrays, gradients, before)
    counts = {}
    for one in measures:
        name = main_parameter(one.layer, arrays)
        counts[one.layer] = LayerCounts(
            count_values(arrays[name]) if name else None,
            count_values(gradients[name]) if name in gradients else None,
            judged.activations.get(one.layer),
        )
    rate = float(arrays[LEARNING_RATE]) if step and LEARNING_RATE in arrays else math.nan
    return LayersMeasured(step, measures, counts, judged_at, judged.answers, judged.silent, rate)
