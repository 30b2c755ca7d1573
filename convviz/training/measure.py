"""The time of an epoch on this machine, measured by a few real steps of training."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import msgspec
import numpy as np

from convviz.core.design import Design
from convviz.training.images import Split
from convviz.training.trainer import EVALUATION_BATCH, Trainer

__all__ = ["Measured", "measure", "quietest"]

MOST_STEPS = 400
SPELLS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """The result of a measurement.

    Parameters
    ----------
    step_seconds : float
        Seconds of one training step of ``batch`` images: the smallest median of several short periods.
    evaluation_seconds : float
        Seconds per image of the evaluation at the end of an epoch.
    batch : int
    steps : int
        Number of training steps that were timed.
    nbytes : int
        Memory that weights, optimiser state and the pass use.
    """

    step_seconds: float
    evaluation_seconds: float
    batch: int
    steps: int
    nbytes: int

    def epoch_seconds(self, training: int, test: int) -> float:
        """Time of one epoch: every training image once, then all images of both sets evaluated."""
        steps = -(-training // self.batch)
        return steps * self.step_seconds + (training + test) * self.evaluation_seconds


def quietest(took: Sequence[float], spells: int = SPELLS) -> float:
    """The smallest median of several periods of equal length: other programs disturb some of them, seldom all.

    Parameters
    ----------
    took : sequence of float
        Seconds, in the order in which they were measured; at least one.
    spells : int
        Number of periods; fewer if there are less than three measurements for each.
    """
    count = max(1, min(spells, len(took) // 3))
    length = -(-len(took) // count)
    return min(median(took[at : at + length]) for at in range(0, len(took), length))


def measure(
    design: Design,
    *,
    stop: Callable[[], bool] = lambda: False,
    seconds: float = 0.5,
    threads: int = 2,
    images: int | None = None,
) -> Measured | None:
    """Time a few steps of training on random images.

    Parameters
    ----------
    design : Design
        One that can be trained.
    stop : callable
        Asked before every step; once it says yes, nothing more is measured.
    seconds : float
        About how long to time steps, after a first one that warms up; at least one is timed.
    threads : int
        As for training.
    images : int, optional
        Size of the training set, if it is smaller than a batch.

    Returns
    -------
    Measured or None
        None if it was stopped.

    Raises
    ------
    DesignError
        The net is impossible.
    MemoryError
        It does not fit this machine.
    """
    settings = design.training
    batch = min(settings.batch_size, images or settings.batch_size)
    count = max(batch, min(EVALUATION_BATCH, 4 * batch))
    rng = np.random.default_rng(0)
    shape = (count, design.input.channels, design.input.height, design.input.width)
    if stop():
        return None
    split = Split(rng.random(shape, dtype=np.float32), rng.integers(0, design.classes, count, dtype=np.int64))
    whole = msgspec.structs.replace(settings, train_size=None, test_size=None, batch_size=batch)
    with Trainer(msgspec.structs.replace(design, training=whole), split, split, threads=threads) as trainer:
        # Whatever the design's learning rate, these few steps on noise must not diverge.
        trainer.set_learning_rate(1e-6)
        rows = np.arange(batch)
        trainer.train_on(rows)  # makes the plan, and loads or compiles kernels: not part of any later step
        took: list[float] = []
        began = time.perf_counter()
        while not took or (len(took) < MOST_STEPS and time.perf_counter() - began < seconds):
            if stop():
                return None
            start = time.perf_counter()
            trainer.train_on(rows)
            took.append(time.perf_counter() - start)
        for _ in trainer.evaluate(split, "test"):  # warms up
            if stop():
                return None
        start = time.perf_counter()
        for _ in trainer.evaluate(split, "test"):
            if stop():
                return None
        evaluation = (time.perf_counter() - start) / count
        held = sum(array.nbytes for array in trainer.network.arrays.values())
        return Measured(quietest(took), evaluation, batch, len(took), held + trainer.plan(batch, train=True).nbytes)
