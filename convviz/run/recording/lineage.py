"""The recordings with the past of a run: those of the runs it branched from, oldest first, then its own."""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from convviz.core.design import Design
from convviz.run.recorded_run import RecordedCurves, RecordedPart, SettingsEdit
from convviz.run.recording.curves import designs_over, recorded_curves, settings_at
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.folder import RecordingsFolder
from convviz.storage.recording.head import Parent
from convviz.storage.recording.read import Recording

__all__ = ["Generation", "curves_of", "lineage", "parts_of"]

MOST = 16
"""Most generations that are followed."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A recording of a lineage, up to where the next one branched from it, or to the step asked for."""

    recording: Recording
    until: int


@contextlib.contextmanager
def lineage(
    recording: Recording, until: int | None = None, known: Sequence[Path] = ()
) -> Iterator[tuple[Generation, ...]]:
    """The lineage of a run up to a step or its end, as far as its recordings are found; closes those it opened.

    Parameters
    ----------
    recording : Recording
        The last one; it stays open.
    until : int, optional
    known : sequence of Path
        Recordings that may be among them, beside those in the same folder.
    """
    with ExitStack() as stack:
        found = [Generation(recording, recording.last_step if until is None else until)]
        ids = {recording.head.id}
        while len(found) < MOST:
            first = found[0].recording
            parent = first.head.parent
            if parent is None or not first.head.begin or parent.id in ids:
                break
            before = found_parent(first, parent, known)
            if before is None:
                break
            stack.callback(before.close)
            ids.add(parent.id)
            found.insert(0, Generation(before, first.head.begin))
        yield tuple(found)


def found_parent(child: Recording, parent: Parent, known: Sequence[Path]) -> Recording | None:
    """The recording of a parent; None if it is nowhere."""
    folder = child.path.parent
    for path in dict.fromkeys((folder / Path(parent.name).name, *RecordingsFolder(folder).recordings(), *known)):
        if path == child.path:
            continue
        with contextlib.suppress(RecordingError):
            recording = Recording(path)
            try:
                is_it = recording.head.id == parent.id and recording.last_step >= child.head.begin
                is_it = is_it and recording.head.minibatches == child.head.minibatches
            except BaseException:
                recording.close()
                raise
            if is_it:
                return recording
            recording.close()
    return None


def parts_of(generations: Sequence[Generation]) -> tuple[RecordedPart, ...]:
    """The recordings, each with the steps that are taken from it."""
    return tuple(
        RecordedPart(
            one.recording.path,
            one.recording.head.begin,
            tuple(point.step for point in one.recording.key_points() if point.step <= one.until),
        )
        for one in generations
    )


def curves_of(generations: Sequence[Generation]) -> RecordedCurves:
    """The curves of a lineage as those of one run.

    Raises
    ------
    RecordingError
        A recording is damaged.
    """
    merged: RecordedCurves | None = None
    for before, one in zip((None, *generations), generations, strict=False):
        curves = recorded_curves(one.recording, one.until)
        if merged is None or before is None:
            merged = curves
            continue
        begin = one.recording.head.begin
        change = SettingsEdit(begin, settings_at(before.recording, begin), settings_at(one.recording, begin))
        later = curves.steps > begin
        merged = RecordedCurves(
            np.concatenate([merged.steps, curves.steps[later]]),
            np.concatenate([merged.loss, curves.loss[later]]),
            np.concatenate([merged.accuracy, curves.accuracy[later]]),
            np.concatenate([merged.rates, curves.rates[later]]),
            (*merged.settings, *((change,) if change.before != change.after else ()), *curves.settings),
            (*merged.weights, *curves.weights),
            (*merged.marks, *curves.marks),
            (*merged.layers, *(one for one in curves.layers if one.step > begin)),
        )
    return merged or RecordedCurves.none()


def settings_history(recording: Recording) -> tuple[tuple[int, Design], ...]:
    """The settings of a run and of its parents, each with the step after which they apply.

    Raises
    ------
    RecordingError
        A recording is damaged.
    """
    found: list[tuple[int, Design]] = []
    with lineage(recording) as generations:
        for one in generations:
            events = [event for event in one.recording.events() if event.step <= one.until]
            found += designs_over(one.recording, events)
    return tuple(found)


def settings_of_minibatch(history: Sequence[tuple[int, Design]], step: int) -> Design:
    """The settings that minibatch ``step``, counted from 1, was trained with; the first ones if it came before all."""
    return history[max(bisect_left(history, step, key=lambda one: one[0]) - 1, 0)][1]
