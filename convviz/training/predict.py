"""A network's predictions for images: probabilities, losses, and the comparison with the labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.core.design import Design
from convviz.core.engine import compiled
from convviz.core.lanes import Lanes
from convviz.core.lower import IMAGES, LABELS, LOSSES, PROBABILITIES
from convviz.core.network import Network
from convviz.core.plan import Plan
from convviz.training.blas import OneBlasThread
from convviz.training.fit import check_fit
from convviz.training.images import Split, batch_sizes
from convviz.training.room import check_room_to_predict
from convviz.training.scoring import ScoreTally, counting
from convviz.training.trainer import EVALUATION_BATCH

OnCompiling = Callable[[int, int], object]
"""Called with the number of compiled kernels, and of all."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """A network's predictions for some images.

    Parameters
    ----------
    probabilities : ndarray of float32 or float64, ``(n, classes)``
    losses : ndarray, ``(n,)``
        Loss of each image, as in training.
    labels : ndarray of int64, ``(n,)``
    design : Design, optional
        Its training says which images count; all alike unless given.
    """

    probabilities: npt.NDArray[np.floating]
    losses: npt.NDArray[np.floating]
    labels: npt.NDArray[np.int64]
    design: Design | None = None

    @property
    def counting(self) -> npt.NDArray[np.bool_]:
        """Which images count: those whose label is not ignored, ``(n,)``."""
        ignored = None if self.design is None else self.design.training.ignored_label
        found = counting(self.labels, ignored)
        return np.ones(len(self.labels), np.bool_) if found is None else found

    @property
    def _tally(self) -> ScoreTally:
        tally = ScoreTally(self.design or Design(classes=self.probabilities.shape[1]))
        tally.add(self.probabilities, self.labels, self.losses)
        return tally

    @property
    def predicted(self) -> npt.NDArray[np.int64]:
        """The most probable class of each image, ``(n,)``; the first one of a tie."""
        found: npt.NDArray[np.int64] = self.probabilities.argmax(axis=1).astype(np.int64)
        return found

    @property
    def accuracy(self) -> float:
        """Share of the images whose label is the most probable class, among those that count."""
        return self._tally.accuracy

    @property
    def loss(self) -> float:
        """Mean loss, with each image weighted as it counts."""
        return self._tally.loss

    @property
    def confusion(self) -> npt.NDArray[np.int64]:
        """Images that count, by label (row) and predicted class (column), ``(classes, classes)``."""
        classes, counting = self.probabilities.shape[1], self.counting
        cells = self.labels[counting] * classes + self.predicted[counting]
        counts = np.bincount(cells, minlength=classes * classes)
        return counts.reshape(classes, classes).astype(np.int64)


def predict(
    network: Network,
    split: Split,
    *,
    threads: int = 2,
    on_compiling: OnCompiling | None = None,
    went: Callable[[int], None] = lambda done: None,
) -> Predictions:
    """Run a network forward, as in evaluation, on all images of a split.

    Parameters
    ----------
    network : Network
    split : Split
    threads : int
        The result is the same with any number.
    on_compiling : callable, optional
        Called after each kernel, once one had to be compiled, with the number of compiled kernels and of all.
    went : callable
        Called after every batch with the number of images that are done; an exception of its own ends it.

    Raises
    ------
    DesignError
        The images do not fit the network.
    """
    check_fit(network.design, "given", split)
    count = len(split)
    check_room_to_predict(network.design, min(count, EVALUATION_BATCH), threads)
    probabilities = np.empty((count, network.design.classes), network.precision)
    losses = np.empty(count, network.precision)
    lanes = Lanes(threads)
    try:
        plans = {batch: forward_plan(network, batch, lanes) for batch in batch_sizes(count, EVALUATION_BATCH)}
        for done in compiled(list(dict.fromkeys(kernel for plan in plans.values() for kernel in plan.kernels))):
            if on_compiling is not None:
                on_compiling(*done)
        # As in the trainer: our threads share the work, so the sums don't depend on their number.
        with OneBlasThread():
            for start in range(0, count, EVALUATION_BATCH):
                rows = slice(start, min(start + EVALUATION_BATCH, count))
                plan = plans[rows.stop - start]
                plan.inputs[IMAGES][...] = split.images[rows]
                plan.inputs[LABELS][...] = split.labels[rows]
                plan.run()
                probabilities[rows], losses[rows] = plan[PROBABILITIES], plan[LOSSES]
                went(rows.stop)
    finally:
        lanes.close()
    return Predictions(probabilities, losses, np.array(split.labels), network.design)


def forward_plan(network: Network, batch: int, lanes: Lanes, *, compiled: bool | None = None) -> Plan:
    """A plan of the forward and loss phases for ``batch`` images; ``compiled`` as for :class:`Plan`."""
    return Plan(
        lambda images: network.program(images, divisor=batch, train=False),
        batch,
        network.arrays,
        lanes,
        precision=network.precision,
        keep=(PROBABILITIES, LOSSES),
        compiled=compiled,
    )
