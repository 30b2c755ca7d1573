"""The curves of a recorded run, as they were drawn while it trained."""

from __future__ import annotations

import math
from bisect import bisect_left
from itertools import pairwise

import numpy as np
from msgspec.structs import replace

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.schedule import TrainingProgress
from convviz.run.recorded_run import RecordedCurves, SettingsEdit
from convviz.storage.recording.contents import COLUMNS
from convviz.storage.recording.names import parent_name
from convviz.storage.recording.read import Recording
from convviz.storage.recording.rows import RunEvent
from convviz.training.layer_measures import LayerMeasures
from convviz.training.layers_measured import LayersMeasured

__all__ = ["recorded_curves", "settings_at"]

MOST_MOMENTS = 200
"""How many measurements of the layers are read, evenly spread: as many as the window keeps of a live run."""
JUDGED = ("zero_share", "silent", "units", "saturated")
"""Measures that take a forward pass; where one is missing, the one before still holds."""


def recorded_curves(recording: Recording, until: int | None = None) -> RecordedCurves:
    """The curves of a run up to a step, or to its end.

    Raises
    ------
    RecordingError
        The recording is damaged.
    """
    end = recording.last_step if until is None else until
    curve = recording.minibatches(0, end)
    events = [one for one in recording.events() if one.step <= end]
    designs, minibatches = designs_over(recording, events), recording.head.minibatches
    rates = [rate_at(minibatches, designs, step) for step in curve.steps.tolist()]
    known = dict(zip(curve.steps.tolist(), rates, strict=True))
    pairs = pairwise(designs)
    return RecordedCurves(
        curve.steps,
        curve.loss,
        curve.accuracy,
        np.array(rates, np.float64),
        tuple(SettingsEdit(step, before, after) for (_, before), (step, after) in pairs if before != after),
        tuple((one.step, one.names) for one in events if one.kind == "weights"),
        marks_of(recording, events),
        layers_of(recording, known, end),
    )


def designs_over(recording: Recording, events: list[RunEvent]) -> list[tuple[int, Design]]:
    """The settings of the run, each with its first step; the learning rate is the one that was set."""
    first = recording.key_point_before(recording.head.begin)
    design = with_rate(recording.design(first.design), first.learning_rate)
    found = [(first.step, design)]
    for event in events:
        if event.kind == "design" and event.design is not None:
            design = recording.design(event.design)
        elif event.kind == "learning_rate" and event.value is not None:
            design = with_rate(design, event.value)
        else:
            continue
        found.append((event.step, design))
    return found


def settings_at(recording: Recording, step: int) -> Design:
    """The settings that a run was trained with after a step, with the learning rate that was set."""
    designs = designs_over(recording, [one for one in recording.events() if one.step <= step])
    return designs[-1][1]


def with_rate(design: Design, rate: float) -> Design:
    """A design with another learning rate."""
    training = design.training
    return replace(design, training=replace(training, optimiser=replace(training.optimiser, lr=rate)))


def rate_at(minibatches: int, designs: list[tuple[int, Design]], step: int) -> float:
    """The learning rate of a minibatch's update."""
    number = max(bisect_left(designs, step, key=lambda one: one[0]) - 1, 0)
    training = designs[number][1].training
    progress = TrainingProgress(max(step - 1, 0), minibatches, training.epochs)
    return training.optimiser.lr * training.schedule.factor(progress)


def marks_of(recording: Recording, events: list[RunEvent]) -> tuple[tuple[int, str, str], ...]:
    """Hits of breakpoints, marks of logpoints, and where the run branched from another one."""
    found: list[tuple[int, str, str]] = [
        (one.step, one.text, one.kind) for one in events if one.kind in ("hit", "mark")
    ]
    parent = recording.head.parent
    if parent is not None:
        found.insert(0, (parent.step, f"branched from {parent_name(parent)} at step {parent.step:,}", "fork"))
    return tuple(found)


def layers_of(recording: Recording, rates: dict[int, float], end: int) -> tuple[LayersMeasured, ...]:
    """Measures of the layers, as many as the window draws."""
    head = recording.head
    steps, values = recording.measures()
    inside = steps <= end
    steps, values = steps[inside], values[inside]
    if not len(steps):
        return ()
    columns = {name: number for number, name in enumerate(head.columns) if name in COLUMNS}
    judged = judged_at(values, columns)
    answers = np.zeros(recording.design(1).classes, np.int64)
    chosen = np.unique(np.linspace(0, len(steps) - 1, min(MOST_MOMENTS, len(steps))).round().astype(int))
    found = []
    for row in chosen.tolist():
        step, at = int(steps[row]), int(judged[row])
        measures = tuple(
            LayerMeasures(layer, **{name: of_cell(values, row, at, place, columns, name) for name in columns})
            for place, layer in enumerate(head.layers)
        )
        judged_step = int(steps[at]) if at >= 0 else 0
        found.append(LayersMeasured(step, measures, {}, judged_step, answers, learning_rate=rates.get(step, math.nan)))
    return tuple(found)


def judged_at(values: Array, columns: dict[str, int]) -> Array:
    """For each row, the last one up to it in which units were judged; -1 where there is none."""
    rows = np.arange(len(values))
    if "units" not in columns:
        return np.full(len(values), -1)
    there = ~np.isnan(values[:, :, columns["units"]]).all(axis=1)
    found: Array = np.maximum.accumulate(np.where(there, rows, -1))
    return found


def of_cell(values: Array, row: int, judged: int, layer: int, columns: dict[str, int], name: str) -> float:
    """One measure of a layer: those of units from the row ``judged``, others from ``row``; NaN without one."""
    at = judged if name in JUDGED else row
    return math.nan if at < 0 else float(values[at, layer, columns[name]])
