"""Preview of a sweep: how many runs, their time on this machine, and which are impossible and why."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled, go_on
from convviz.gui.run_model.background import Background
from convviz.machine import cores
from convviz.present.words import counted, duration
from convviz.sweeps.estimate import Estimate, estimated
from convviz.sweeps.plan import PlannedRun, Sweep, planned
from convviz.sweeps.running import fit_check
from convviz.training.images import Split

SOON = 300
"""Milliseconds without a further change after which a sweep is examined."""


@dataclass(frozen=True, slots=True)
class SweepPreview:
    """A sweep that could be started.

    Parameters
    ----------
    runs : tuple of PlannedRun
    impossible : dict of str to int
        The reasons for runs that can't be trained, with how many there are of each.
    problem : str
        Why it can't be started; empty if it can.
    """

    runs: tuple[PlannedRun, ...] = ()
    impossible: dict[str, int] | None = None
    problem: str = ""

    @property
    def possible(self) -> int:
        """Runs that can be trained."""
        return len(self.runs) - sum((self.impossible or {}).values())


class Previewer(QObject):
    """Prepares a sweep in threads of its own: first lists its runs, then measures how long they take.

    Parameters
    ----------
    images : (Split, Split) or None
        The images of the window, for training and for testing.
    workers : int
        Of this machine.

    Attributes
    ----------
    planned : Signal(object)
        A ``Preview``.
    timed : Signal(object)
        An ``Estimate`` for the last preview.
    """

    planned = Signal(object)
    timed = Signal(object)

    def __init__(self, images: tuple[Split, Split] | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images = images
        self._sweep: Sweep | None = None
        self._workers: int | None = cores()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._plan)
        self._planning = Background("convviz-sweep-plan", self)
        self._timing = Background("convviz-sweep-time", self)
        self._planning.done.connect(self._was_planned)
        self._timing.done.connect(self.timed)

    def look_at(self, sweep: Sweep | None, workers: int | None) -> None:
        """Examine another sweep; None drops the current one. Without ``workers`` its time is not measured."""
        self._planning.cancel()
        self._timing.cancel()
        self._sweep, self._workers = sweep, workers
        if sweep is None:
            self._soon.stop()
        else:
            self._soon.start()

    def close(self) -> None:
        """Drop everything."""
        self.look_at(None, self._workers)

    def _plan(self) -> None:
        sweep, images = self._sweep, self._images
        if sweep is None:
            return

        def work(cancelled: Cancelled) -> object:
            fits = fit_check(*images) if images is not None else None

            def check(design: Design) -> None:
                go_on(cancelled)
                if fits is not None:
                    fits(design)

            try:
                runs = planned(sweep, check)
            except ConvvizError as error:
                return SweepPreview(problem=str(error))
            go_on(cancelled)
            found: dict[str, int] = {}
            for run in runs:
                if run.problem:
                    found[run.problem] = found.get(run.problem, 0) + 1
            none = "" if any(not run.problem for run in runs) else f"no run can be trained: {runs[0].problem}"
            return SweepPreview(runs, found, none)

        self._planning.start(work)

    def _was_planned(self, found: SweepPreview) -> None:
        self.planned.emit(found)
        sweep, images, workers = self._sweep, self._images, self._workers
        if found.problem or sweep is None or workers is None:
            return
        sizes = (len(images[0]), len(images[1])) if images is not None else (50_000, 2_000)
        threads = max(1, cores() // workers)

        def work(cancelled: Cancelled) -> object:
            return estimated(found.runs, sizes, workers, threads, sweep.halving, cancelled)

        self._timing.start(work)


def preview_words(found: SweepPreview) -> str:
    """``40 runs``."""
    return counted(found.possible, "run")


def time_words(found: Estimate, *, halved: bool) -> str:
    """``about 2 min with 2 workers``."""
    seconds = found.wall_seconds
    if not math.isfinite(seconds):
        return "how long they take can't be measured"
    few = " or less" if halved else ""
    time = f"{max(1, round(seconds))} s" if seconds < 60 else duration(seconds)
    return f"about {time}{few} with {counted(found.workers, 'worker')}"
