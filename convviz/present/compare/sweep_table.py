"""A sweep as numbers: a heat map of two fields, what each field is worth, axes side by side, the best setting."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean, stdev

__all__ = ["HeatCell", "HeatMap", "SweepRun", "best_setting", "heat_map", "importance", "swept_fields"]

Cell = float | str
MOST_COLUMNS, PARTS = 12, 6
"""Most values of a field in a heat map; more are grouped into as many parts."""


@dataclass(frozen=True, slots=True)
class SweepRun:
    """A run of a sweep.

    Parameters
    ----------
    file : str
        Of its recording.
    values : mapping of str to float or str
        The fields that differ, by their short names, without the seed.
    seed : int
    state : str
        ``waiting``, ``running``, ``finished``, ``ended early``, ``failed``, ``impossible`` or ``cancelled``.
    accuracy : float or None
        On the test images, after the last epoch.
    seconds : float
    sentence : str
    number, epochs : int
    best, loss : float or None
        The highest test accuracy, and the training loss after the last epoch.
    share : float
        Share of a run in training that is done, 0…1.
    """

    file: str
    values: Mapping[str, Cell]
    seed: int
    state: str
    accuracy: float | None = None
    seconds: float = 0.0
    sentence: str = ""
    number: int = 0
    epochs: int = 0
    best: float | None = None
    loss: float | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class HeatCell:
    """All runs with two values, whatever their other fields and seeds.

    Parameters
    ----------
    mean, spread : float
        Test accuracy of those that are done, and its standard deviation; NaN where there are too few.
    count, waiting, failed, impossible : int
    sentence : str
        Reason of one that failed or is impossible.
    running : int
        How many of the waiting ones are being trained.
    share : float
        Share of these that is done.
    """

    mean: float
    spread: float
    count: int
    waiting: int
    failed: int
    impossible: int
    sentence: str = ""
    running: int = 0
    share: float = 0.0

    @property
    def words(self) -> str:
        """The text beside the pointer."""
        parts = []
        if self.count:
            spread = f" ± {100 * self.spread:.2f}" if math.isfinite(self.spread) else ""
            parts.append(f"test accuracy {100 * self.mean:.2f}{spread} %, {self.count} done")
        waiting = self.waiting - self.running
        for number, word in (
            (self.running, "running"),
            (waiting, "waiting"),
            (self.failed, "failed"),
            (self.impossible, "impossible"),
        ):
            if number:
                parts.append(f"{number} {word}")
        return ", ".join(parts) + (f": {self.sentence}" if self.sentence else "")


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A grid of two fields.

    Parameters
    ----------
    across, down : str
        The fields; ``down`` is empty if there is only one.
    columns, rows : tuple
        Their values, in order.
    cells : tuple of tuples of HeatCell
        Row by row.
    """

    across: str
    down: str
    columns: tuple[Cell, ...]
    rows: tuple[Cell, ...]
    cells: tuple[tuple[HeatCell, ...], ...]

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest mean."""
        known = [cell.mean for row in self.cells for cell in row if math.isfinite(cell.mean)]
        return (min(known), max(known)) if known else (0.0, 1.0)


def swept_fields(runs: Sequence[SweepRun]) -> tuple[str, ...]:
    """Fields of which there is more than one value."""
    names = dict.fromkeys(name for run in runs for name in run.values)
    return tuple(name for name in names if len({run.values.get(name) for run in runs}) > 1)


def binned(runs: Sequence[SweepRun], name: str) -> list[SweepRun]:
    """The runs with the many values of a field, as in a random search, grouped into parts.

    Parts have about equally many runs; the value of one is written ``0.001…0.004``. Fields with few values stay as they
    are.
    """
    numbers = sorted(one for run in runs if isinstance(one := run.values.get(name), float))
    if len(set(numbers)) <= MOST_COLUMNS:
        return list(runs)
    edges = [numbers[at * len(numbers) // PARTS] for at in range(PARTS)]
    words = []
    for at, low in enumerate(edges):
        inside = [one for one in numbers if one >= low and (at + 1 == PARTS or one < edges[at + 1])]
        words.append(RangePart(f"{low:.3g}…{inside[-1] if inside else low:.3g}", low))
    found = []
    for run in runs:
        value = run.values.get(name)
        if isinstance(value, float):
            at = max(0, bisect_right(edges, value) - 1)
            run = replace(run, values={**run.values, name: words[at]})
        found.append(run)
    return found


class RangePart(str):
    """The words of a part of a field's numbers; parts are in order of their lower ends."""

    low: float
    __slots__ = ("low",)

    def __new__(cls, words: str, low: float) -> RangePart:
        found = super().__new__(cls, words)
        found.low = low
        return found


def heat_map(runs: Sequence[SweepRun], across: str, down: str = "") -> HeatMap:
    """Mean test accuracy for every pair of values of two fields; many numbers are taken together in parts."""
    for name in filter(None, (across, down)):
        runs = binned(runs, name)
    columns = ordered({run.values[across] for run in runs if across in run.values})
    rows: tuple[Cell, ...] = ordered({run.values[down] for run in runs if down in run.values}) if down else ("",)
    groups: dict[tuple[Cell | None, Cell | None], list[SweepRun]] = {}
    for run in runs:
        groups.setdefault((run.values.get(down) if down else "", run.values.get(across)), []).append(run)
    cells = tuple(tuple(cell_of(groups.get((row, column), ())) for column in columns) for row in rows)
    return HeatMap(across, down, columns, rows, cells)


def cell_of(runs: Sequence[SweepRun]) -> HeatCell:
    """The runs of one cell."""
    done = [run.accuracy for run in runs if run.state in ("finished", "ended early") and run.accuracy is not None]
    states = [run.state for run in runs]
    sentence = next((run.sentence for run in runs if run.state in ("failed", "impossible") and run.sentence), "")
    return HeatCell(
        mean(done) if done else math.nan,
        stdev(done) if len(done) > 1 else math.nan,
        len(done),
        states.count("waiting") + states.count("running"),
        states.count("failed"),
        states.count("impossible"),
        sentence,
        states.count("running"),
        mean(run.share for run in runs if run.state == "running") if "running" in states else 0.0,
    )


def importance(runs: Sequence[SweepRun]) -> list[tuple[str, float]]:
    """What share of the differences in test accuracy each field explains alone, and the seed; the largest first.

    The variance of the means of a field's values, weighted by how many runs each has, divided by the variance of all
    (the correlation ratio η²): 1 if the field decides everything, 0 if its values make no difference. What only the
    combination of two fields decides belongs to neither. Numbers of which nearly every run has its own, as in a random
    search, are taken together in a few parts first.
    """
    done = [run for run in runs if run.state == "finished" and run.accuracy is not None]
    accuracies = [float(run.accuracy or 0.0) for run in done]
    if len(done) < 3:
        return []
    middle = mean(accuracies)
    total = sum((one - middle) ** 2 for one in accuracies)
    found = []
    for name in (*swept_fields(done), *(["seed"] if len({run.seed for run in done}) > 1 else [])):
        groups: dict[object, list[float]] = {}
        for run, accuracy in zip(binned(done, name), accuracies, strict=True):
            groups.setdefault(run.seed if name == "seed" else run.values.get(name), []).append(accuracy)
        if len(groups) == len(done):
            continue  # a value each, as in a random search: every field would explain all
        explained = sum(len(group) * (mean(group) - middle) ** 2 for group in groups.values())
        found.append((name, explained / total if total else 0.0))
    return sorted(found, key=lambda one: -one[1])


def best_setting(runs: Sequence[SweepRun]) -> tuple[SweepRun, float, float, int] | None:
    """The best run of the setting with the highest mean test accuracy over its seeds; the mean, spread, how many."""
    groups: dict[str, list[SweepRun]] = {}
    for run in runs:
        if run.state == "finished" and run.accuracy is not None:
            groups.setdefault(repr(dict(run.values)), []).append(run)
    best = None
    for group in groups.values():
        values = [float(run.accuracy or 0.0) for run in group]
        if best is None or mean(values) > best[1]:
            best = (
                group[values.index(max(values))],
                mean(values),
                stdev(values) if len(values) > 1 else math.nan,
                len(values),
            )
    return best


def ordered(values: set[Cell]) -> tuple[Cell, ...]:
    """Numbers by size, then words."""
    return tuple(
        sorted(
            values,
            key=lambda one: (
                isinstance(one, str),
                one.low if isinstance(one, RangePart) else one if not isinstance(one, str) else 0.0,
                str(one),
            ),
        )
    )
