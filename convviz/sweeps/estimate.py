"""How long a sweep will take: a few minibatches of its designs, timed on this machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from convviz.core.design import Design
from convviz.present.design.costs import costs
from convviz.sweeps.halving import Halving
from convviz.sweeps.plan import PlannedRun
from convviz.training.measure import Measured, measure

__all__ = ["Estimate", "epoch_work", "estimated"]

MOST_DESIGNS = 6
"""Designs that are timed, at most; the time of the others follows from their multiply-adds."""
SECONDS = 0.2
"""Seconds of timing for each of them."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sweep will take, before it begins.

    Parameters
    ----------
    runs : int
        That can be trained.
    impossible : int
    seconds : float
        All workers together.
    workers : int
    """

    runs: int
    impossible: int
    seconds: float
    workers: int

    @property
    def wall_seconds(self) -> float:
        """Seconds from start to finish; a run is never split among workers."""
        return self.seconds / max(1, min(self.workers, self.runs))


def estimated(
    runs: Sequence[PlannedRun],
    images: tuple[int, int],
    workers: int,
    threads: int = 1,
    halving: Halving | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Estimate:
    """Estimate the time of a sweep.

    Parameters
    ----------
    runs : sequence of PlannedRun
    images : (int, int)
        Training and test images that there are.
    workers : int
    threads : int
        Of each trainer.
    halving : Halving, optional
    stop : callable
        Once it says yes, nothing more is timed.

    Raises
    ------
    DesignError, MemoryError
        A design can't be trained.
    """
    possible = [run for run in runs if not run.problem]
    kinds: dict[object, Design] = {}
    for run in possible:
        kinds.setdefault(kind_of(run.design), run.design)
    work = {kind: multiply_adds(design) for kind, design in kinds.items()}
    # The cheapest, the dearest, and some between.
    ordered = sorted(kinds, key=lambda kind: work[kind])
    count = min(MOST_DESIGNS, len(ordered))
    chosen = {ordered[round(at * (len(ordered) - 1) / max(count - 1, 1))] for at in range(count)}
    timed: dict[object, Measured] = {}
    for kind in chosen:
        found = measure(kinds[kind], stop=stop, seconds=SECONDS, threads=threads, images=images[0])
        if found is not None:
            timed[kind] = found
    if not timed:
        return Estimate(len(possible), len(runs) - len(possible), math.nan, workers)
    total = 0.0
    shares: dict[int, float] = {}
    for run in possible:
        kind = kind_of(run.design)
        near = min(timed, key=lambda other: abs(math.log(work[other] / work[kind])))
        training = run.design.training
        sizes = min(training.train_size or images[0], images[0]), min(training.test_size or images[1], images[1])
        epochs = training.epochs
        if epochs not in shares:
            shares[epochs] = 1.0 if halving is None else halved(halving, epochs)
        total += timed[near].epoch_seconds(*sizes) * work[kind] / work[near] * epochs * shares[epochs]
    return Estimate(len(possible), len(runs) - len(possible), total, workers)


def epoch_work(runs: Sequence[PlannedRun]) -> dict[int, float]:
    """The work of an epoch of each run relative to the others, by the run's number."""
    known: dict[object, float] = {}
    found: dict[int, float] = {}
    for run in runs:
        if not run.problem:
            net = run.design.layers, run.design.input
            if net not in known:
                known[net] = multiply_adds(run.design)
            found[run.number] = known[net]
    return found


def halved(halving: Halving, epochs: int) -> float:
    """The share of all epochs that is trained with successive halving."""
    done, before, left = 0.0, 0, 1.0
    for rung in halving.rungs(epochs):
        done += left * (rung - before)
        before, left = rung, left / halving.keep
    return done / epochs


def kind_of(design: Design) -> object:
    """What decides how long a minibatch takes."""
    training = design.training
    return design.layers, design.input, training.batch_size, type(training.optimiser)


def multiply_adds(design: Design) -> float:
    """Of an image's forward pass; at least 1."""
    return float(max(1, costs(design).mult_adds))
