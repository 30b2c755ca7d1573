"""Computes what explains one image, in a separate thread: the quick maps, the smallest change, then the slow maps."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject

from convviz.core.score import Target
from convviz.gui.workspaces.probe.change_way import Way, find_way
from convviz.gui.workspaces.probe.explaining import (
    INTEGRATED,
    OCCLUDED,
    QUICK,
    SMOOTH,
    Explanation,
    explain,
    integrated,
    occluded,
    smoothed,
)
from convviz.gui.workspaces.probe.moment import Moment
from convviz.gui.workspaces.probe.why_tab import WhyTab
from convviz.gui.workspaces.probe.worker import Tell, Worker
from convviz.present.words import left_of
from convviz.probe.progress import Progress

CHANGE = "smallest change"
ORDER = (QUICK, CHANGE, INTEGRATED, SMOOTH, OCCLUDED)
UNITS = {CHANGE: "step", QUICK: "map"}
"""The unit in which the progress of a kind of work is counted; passes for all others."""


class WhyControl(QObject):
    """Explains the chosen image.

    Parameters
    ----------
    tab : WhyTab
    """

    def __init__(self, tab: WhyTab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tab = tab
        self._worker = Worker(self)
        self._moment: Moment | None = None
        self._row = -1
        self._doing, self._began = "", 0.0
        self._cancelled: list[str] = []
        tab.targetChosen.connect(self._explain)
        tab.cancelAsked.connect(self.cancel)
        tab.restAsked.connect(self._do_rest)
        tab.occlusion.changed.connect(self._cover)
        tab.change.asked.connect(self._search)
        self._worker.progressed.connect(self._progressed)
        self._worker.found.connect(self._found)
        self._worker.finished.connect(self._finished)
        self._worker.failed.connect(self._failed)

    @property
    def is_busy(self) -> bool:
        """Whether anything is being computed."""
        return bool(self._waiting)

    def show_image(self, moment: Moment, row: int) -> None:
        """Explain an image, unless that was done."""
        if moment is self._moment and row == self._row:
            return
        again = row == self._row
        self._moment, self._row = moment, row
        self._cancelled = []
        self._tab.show_image(moment, row, again=again)
        self._explain()

    def cancel(self) -> None:
        """Stop, and keep what there is."""
        self._cancelled = self._waiting
        for kind in ORDER:
            self._worker.cancel(kind)
        self._tab.show_stopped(self._cancelled)
        if CHANGE in self._cancelled:
            self._tab.change.wait("Cancelled.")

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    # --- asking ------------------------------------------------------------------------------------------------------

    @property
    def _waiting(self) -> list[str]:
        return [kind for kind in ORDER if self._worker.is_busy(kind)]

    def _explain(self) -> None:
        self._tab.clear()
        self._start(ORDER)

    def _do_rest(self) -> None:
        if CHANGE in self._cancelled:
            self._tab.change.wait("Searching …")
        self._start(self._cancelled)

    def _cover(self) -> None:
        if not self._worker.is_busy(QUICK):
            self._start((OCCLUDED,))

    def _search(self) -> None:
        self._tab.change.wait("Searching …")
        self._start((CHANGE,))

    def _start(self, kinds: tuple[str, ...] | list[str]) -> None:
        moment, row = self._moment, self._row
        if moment is None or row < 0:
            return
        network, image = moment.network, moment.images.images[row]
        target = Target.of_class(*self._tab.target)
        patch, stride = self._tab.occlusion.chosen
        to, by = self._tab.change.to, self._tab.change.by
        works: dict[str, Callable[[Progress, Tell], object]] = {
            QUICK: partial(explain, network, image, target),
            CHANGE: lambda progress, _tell: find_way(network, image, progress, to, by),
            INTEGRATED: lambda progress, _tell: integrated(network, image, target, progress),
            SMOOTH: lambda progress, _tell: smoothed(network, image, target, progress),
            OCCLUDED: lambda progress, _tell: occluded(network, image, target, patch, stride, progress),
        }
        self._cancelled = [kind for kind in self._cancelled if kind not in kinds]
        self._doing = ""
        for kind in kinds:
            self._worker.start(kind, works[kind])
        self._tab.show_progress("computing …")

    # --- answers -----------------------------------------------------------------------------------------------------

    def _progressed(self, kind: str, done: int, total: int) -> None:
        now = time.monotonic()
        if kind != self._doing:
            self._doing, self._began = kind, now
        units = UNITS.get(kind, "passe")
        words = f"{kind}: {done:,} of {total:,} {units}s{left_of(done, total, now - self._began)}"
        self._tab.show_progress(words)

    def _found(self, _kind: str, part: object) -> None:
        if isinstance(part, Explanation):
            self._tab.add(part)

    def _finished(self, kind: str, result: object) -> None:
        if isinstance(result, Way):
            self._tab.show_change(result)
        elif isinstance(result, Explanation):
            self._tab.add(result)
            if result.covered is not None and self._doing == kind:
                pace = (time.monotonic() - self._began) / max(result.covered.scores.size, 1)
                self._tab.occlusion.set_pace(pace)
        self._rest()

    def _failed(self, kind: str, sentence: str) -> None:
        if kind == CHANGE:
            self._tab.change.wait(sentence)
        else:
            self._tab.say(sentence)
        self._rest()

    def _rest(self) -> None:
        """Say what remains to be computed, if nothing is running."""
        if not self.is_busy:
            self._tab.show_stopped(self._cancelled)
