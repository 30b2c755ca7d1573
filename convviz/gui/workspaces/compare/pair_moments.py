"""The networks of two runs at any step that both have trained: key points are read, other steps replayed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.network import Network
from convviz.files.cancel import Cancelled, LoadCancelledError
from convviz.gui.workspaces.compare.moment import Place, Step
from convviz.run.opening import OpenData
from convviz.run.recording.lineage import settings_history
from convviz.run.recording.opening import recorded_data
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.read import Recording
from convviz.storage.recording.rows import KeyPoint

__all__ = ["PairMoment", "PairMoments"]

Settings = tuple[tuple[int, Design], ...]
"""Steps with the designs that apply after them."""
Precision = Literal["float32", "float64"]
Points = tuple[Path | KeyPoint | int, ...]
"""Two runs, and the key point of each, or the step where it has none."""


@dataclass(frozen=True, slots=True, eq=False)
class PairMoment:
    """The networks of two runs at one step, or at the end of each.

    Parameters
    ----------
    a, b : Path
    common : (int, int) or None
        The first and the last step that both have; None if there is none.
    step : tuple of (int, int)
        Step of each network.
    ends : tuple of (int, int)
        The last key point of each.
    arrays : tuple of (dict, dict)
    designs : (Design, Design) or None
        Of the two networks; None if there is a problem.
    problem : str
        Why there are no networks.
    note : str
        A remark on the moment: why it is not the one asked for, or is rounded differently.
    settings : (tuple, tuple)
        The settings of each run with the steps after which they apply.
    precision : (str, str)
        Type of each network's numbers, as its recording says.
    asked : int or Place
        What was asked for.
    """

    a: Path
    b: Path
    common: tuple[int, int] | None = None
    step: tuple[int, int] = (0, 0)
    arrays: tuple[dict[str, Array], dict[str, Array]] = ({}, {})
    designs: tuple[Design, Design] | None = None
    problem: str = ""
    note: str = ""
    ends: tuple[int, int] = (0, 0)
    settings: tuple[Settings, Settings] = ((), ())
    precision: tuple[Precision, Precision] = ("float32", "float32")
    asked: Step = Place.COMMON

    @property
    def words(self) -> str:
        """What has to be known of the two steps, in sentences."""
        (a, b), said = self.step, [self.note]
        if a != b:
            said.insert(0, f"A is at step {a:,} and B at step {b:,}: a difference may be that of longer training.")
        elif self.asked is Place.COMMON and a == min(self.ends) != max(self.ends):
            longer = "AB"[self.ends.index(max(self.ends))]
            said.insert(0, f"Both are shown after step {a:,}, the last that both have; {longer} went on.")
        return " ".join(filter(None, said))

    def networks(self) -> Iterator[Network]:
        """Make both networks, A's first; none if there is a problem."""
        if self.designs is not None:
            for design, arrays, precision in zip(self.designs, self.arrays, self.precision, strict=True):
                yield Network(design, precision=precision, weights=arrays)

    def has_networks_of(self, other: PairMoment) -> bool:
        """Whether the two networks are those of another moment."""
        if (self.a, self.b, self.step, self.designs) != (other.a, other.b, other.step, other.designs):
            return False
        return all(
            mine.keys() == theirs.keys()
            and all(array is theirs[name] or np.array_equal(array, theirs[name]) for name, array in mine.items())
            for mine, theirs in zip(self.arrays, other.arrays, strict=True)
        )


class PairMoments:
    """Goes to steps of two recordings, and stays there: the next step is one minibatch away.

    Only one thread at a time may ask.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: dict[Path, Recording] = {}
        self._replayers: dict[Path, Replayer] = {}
        self._settings: dict[Path, Settings] = {}
        self._missing: dict[Path, str] = {}
        """Why a run can't be replayed."""
        self._data: OpenData | None = None
        self._kept: dict[Place, tuple[Points, PairMoment]] = {}
        """The last moments at the ends of two runs and at the last step of both, and the key points there."""

    def at(
        self,
        a: Path,
        b: Path,
        step: Step,
        current: OpenData | None = None,
        known: tuple[Path, ...] = (),
        cancelled: Cancelled | None = None,
    ) -> PairMoment:
        """The networks of two runs after ``step`` minibatches; the end of a run is its last key point.

        Arrays of a ``Place`` are not read again, and are the same objects, until it has moved on.

        Parameters
        ----------
        a, b : Path
        step : int or Place
            Without a step that both have, the ends.
        current : OpenData, optional
            The data set that is open: it is tried first.
        known : tuple of Path
            Data files that may be the runs'.
        cancelled : callable, optional

        Raises
        ------
        LoadCancelledError
        """
        with self._lock:
            try:
                self._open(a, b)
                found = self._moment(a, b, step, current, known, cancelled)
                if found.problem:
                    return found
                precision, settings = (
                    (self._runs[a].head.precision, self._runs[b].head.precision),
                    (self._settings[a], self._settings[b]),
                )
                return replace(found, settings=settings, precision=precision, asked=step)
            except LoadCancelledError:
                raise
            except (ConvvizError, ValueError, OSError, MemoryError, sqlite3.Error) as error:
                self._close()
                return PairMoment(a, b, problem=str(error) or "There is not enough memory for this moment.")

    def close(self) -> None:
        """Close the recordings."""
        with self._lock:
            self._close()

    def _open(self, *paths: Path) -> None:
        if set(self._runs) - set(paths):
            self._close()
        for path in paths:
            if path not in self._runs:
                self._runs[path] = Recording(path)
                self._settings[path] = settings_history(self._runs[path])

    def _close(self) -> None:
        for replayer in self._replayers.values():
            replayer.close()
        for run in self._runs.values():
            run.close()
        self._runs, self._replayers, self._missing, self._settings, self._kept = {}, {}, {}, {}, {}

    def _moment(
        self,
        a: Path,
        b: Path,
        step: Step,
        current: OpenData | None,
        known: tuple[Path, ...],
        cancelled: Cancelled | None,
    ) -> PairMoment:
        paths, runs = (a, b), (self._runs[a], self._runs[b])
        points = [{point.step: point for point in run.key_points()} for run in runs]
        if not all(points):
            return PairMoment(a, b, problem="One of the two has no network in its recording yet.")
        first, last = max(map(min, points)), min(run.last_step for run in runs)
        common = (first, last) if first <= last else None
        ends = max(points[0]), max(points[1])
        at, note = [*ends], ""
        if common is None:
            note = "The two have no step in common."
        elif step is Place.COMMON and first <= min(ends):
            at = [min(ends)] * 2
        elif isinstance(step, int):
            wanted = min(max(step, first), last)
            at = [wanted, wanted]
            if wanted != step:
                note = f"Step {wanted:,} is the {'first' if step < first else 'last'} that both have."
        there = a, b, *(found.get(one, one) for found, one in zip(points, at, strict=True))
        if isinstance(step, Place) and self._kept.get(step, ((), None))[0] == there:
            return replace(self._kept[step][1], common=common, ends=ends)
        arrays, designs, notes = list[dict[str, Array]](), list[Design](), list[str]()
        for path, run, found, one in zip(paths, runs, points, at, strict=True):
            if one in found:
                state = run.state(found[one])
                arrays.append(dict(state.arrays))
                designs.append(state.design)
                continue
            replayer = self._replayer(path, current, known, cancelled)
            if replayer is None:
                before = [place for place in points[0].keys() & points[1].keys() if place <= one]
                if not before and step is Place.COMMON:
                    found_ends = self._moment(a, b, Place.ENDS, current, known, cancelled)
                    return replace(found_ends, note=f"Step {one:,} can't be replayed. {self._missing[path]}.")
                if not before:
                    return PairMoment(a, b, common, problem=self._missing[path])
                near = max(before)
                left, right = (run.state(found[near]) for run, found in zip(runs, points, strict=True))
                words = f"This is the key point before step {one:,}, which can't be replayed. {self._missing[path]}."
                both = dict(left.arrays), dict(right.arrays)
                return PairMoment(a, b, common, (near, near), both, (left.design, right.design), note=words, ends=ends)
            replayer.go_to(one, cancelled=cancelled)
            arrays.append({name: array.copy() for name, array in replayer.arrays.items()})
            designs.append(replayer.design)
            if not replayer.agreement.is_exact:
                notes.append(f"{'A' if path == a else 'B'} is {replayer.agreement.words}.")
        both = arrays[0], arrays[1]
        said = " ".join(filter(None, [note, *notes]))
        made = PairMoment(a, b, common, (at[0], at[1]), both, (designs[0], designs[1]), note=said, ends=ends)
        if isinstance(step, Place):
            self._kept[step] = there, made
        return made

    def _replayer(
        self, path: Path, current: OpenData | None, known: tuple[Path, ...], cancelled: Cancelled | None
    ) -> Replayer | None:
        if path not in self._replayers and path not in self._missing:
            run = self._runs[path]
            # Two runs that are compared were mostly trained on the same images.
            data, missing = recorded_data(run, self._data or current, known, cancelled)
            if data is None:
                self._missing[path] = missing
            else:
                self._data = data
                self._replayers[path] = Replayer(run, data.train, data.test)
        return self._replayers.get(path)
