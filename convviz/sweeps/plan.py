"""The runs of a sweep."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from msgspec.structs import replace

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.sweeps.errors import SweepError
from convviz.sweeps.fields import Value, short_names, with_values
from convviz.sweeps.halving import Halving
from convviz.sweeps.values import SweptField, written

__all__ = ["MOST_RUNS", "PlannedRun", "Sweep", "planned", "taken_over"]

MOST_RUNS = 10_000
SEED = "training.seed"
SHORTENED = ("epochs", "train_size")
"""Training settings that a sweep keeps for itself: its runs are shorter than the training that follows."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What is to be trained.

    Parameters
    ----------
    design : Design
        The one that all runs begin from.
    axes : tuple of Axis
        Fields with the values to try.
    seeds : int
        How often every setting is trained: with the design's seed and the ones after it.
    random : int or None
        How many settings are drawn at random; None tries every combination.
    drawing : int
        Seed of that draw.
    halving : Halving, optional
        Ends the worse runs early.
    """

    design: Design
    axes: tuple[SweptField, ...] = ()
    seeds: int = 1
    random: int | None = None
    drawing: int = 0
    halving: Halving | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields that differ."""
        return tuple(axis.path for axis in self.axes)

    def settings(self) -> Iterator[dict[str, Value]]:
        """The values of the fields, setting by setting, without the seeds."""
        if self.random is None:
            for values in itertools.product(*(axis.values for axis in self.axes)):
                yield dict(zip(self.paths, values, strict=True))
            return
        rng = np.random.default_rng(self.drawing)
        seen: set[str] = set()
        # There may be fewer different settings than were asked for.
        for _ in range(20 * self.random):
            found = {axis.path: axis.drawn(rng) for axis in self.axes}
            if repr(found) not in seen:
                seen.add(repr(found))
                yield found
            if len(seen) == self.random:
                return

    @property
    def count(self) -> int:
        """How many runs there are; of a random search, at most."""
        each = self.random
        if each is None:
            each = 1
            for axis in self.axes:
                each *= len(axis.values)
        return each * self.seeds


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One run.

    Parameters
    ----------
    number : int
        From 1.
    values : mapping of str to value
        The fields that differ, without the seed.
    seed : int
    design : Design
    problem : str
        Why it can't be trained; empty if it can.
    """

    number: int
    values: Mapping[str, Value]
    seed: int
    design: Design = field(repr=False)
    problem: str = ""

    def file(self, names: Mapping[str, str]) -> str:
        """Name of its recording: ``0007_lr-0.01_filters-16_seed-0.cvz``."""
        words = [f"{names[path]}-{written(value)}" for path, value in self.values.items()]
        text = "_".join([f"{self.number:04d}", *words, f"seed-{self.seed}"])
        return re.sub(r"[^\w.-]", "-", text)[:120] + ".cvz"


def planned(sweep: Sweep, check: Callable[[Design], None] = lambda design: None) -> tuple[PlannedRun, ...]:
    """All runs, with those that are impossible.

    Parameters
    ----------
    sweep : Sweep
    check : callable
        Raises a ``ConvvizError`` for a design that can't be trained.

    Raises
    ------
    SweepError
        There is none, or too many; or a field can't be swept in this way.
    """
    _check(sweep)
    base = sweep.design.named()
    found: list[PlannedRun] = []
    for values in sweep.settings():
        design, problem = base, ""
        try:
            design = with_values(base, values)
            check(design)
        except ConvvizError as error:
            problem = str(error)
        first = design.training.seed
        for seed in range(first, first + sweep.seeds):
            one = replace(design, training=replace(design.training, seed=seed))
            found.append(PlannedRun(len(found) + 1, values, seed, one, problem))
    return tuple(found)


def files_of(runs: tuple[PlannedRun, ...], sweep: Sweep) -> dict[int, str]:
    """Names of the recordings, by the runs' numbers."""
    names = short_names(sweep.paths)
    return {run.number: run.file(names) for run in runs}


def taken_over(design: Design, run: PlannedRun) -> Design:
    """A design with the swept fields set as in a run; everything else stays.

    If the design is of another network, the run's design is taken instead, with the epochs and images of ``design``.
    """
    try:
        found = with_values(design, run.values)
    except ConvvizError:  # it has no such fields
        found = None
    of_run = run.design
    if found is not None and (found.input, found.classes, found.layers) == (
        of_run.input,
        of_run.classes,
        of_run.layers,
    ):
        return found
    kept = {name: getattr(design.training, name) for name in SHORTENED if f"training.{name}" not in run.values}
    return replace(run.design, training=replace(run.design.training, **kept))


def _network(design: Design) -> tuple[object, ...]:
    return design.input, design.classes, design.layers


def _check(sweep: Sweep) -> None:
    if not sweep.axes and sweep.seeds < 2:
        raise SweepError("expected fields to try values of, or several seeds, got neither: that is a single run")
    twice = [path for path in sweep.paths if sweep.paths.count(path) > 1]
    if twice:
        raise SweepError(f"{twice[0]}: expected every field once, got it twice")
    if SEED in sweep.paths and sweep.seeds > 1:
        raise SweepError(f"{SEED}: expected either values of its own or a number of seeds, got both")
    if sweep.random is None:
        for axis in sweep.axes:
            if not axis.values:
                raise SweepError(
                    f"{axis.words}: expected a number of values for a grid, such as {axis.words}:5, got none"
                )
    if sweep.random is not None and not sweep.axes:
        raise SweepError("expected fields to draw values of, got none")
    if sweep.count < 1:
        raise SweepError("expected at least one run, got none")
    if sweep.count > MOST_RUNS:
        raise SweepError(f"expected at most {MOST_RUNS:,} runs, got {sweep.count:,}")
