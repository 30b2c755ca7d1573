"""What Compare reads and computes in separate threads: the list of runs, their curves, and pairs of runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.widgets.posted import posted
from convviz.gui.workspaces.compare.moment import Step
from convviz.gui.workspaces.compare.pair_answers import Answers, answers_of
from convviz.gui.workspaces.compare.pair_maps import maps_of
from convviz.gui.workspaces.compare.pair_moments import PairMoment, PairMoments
from convviz.present.compare.curves import RunCurves
from convviz.present.compare.differences import differences, flat
from convviz.present.compare.runs import first_pair
from convviz.run.opening import OpenData
from convviz.run.recording.lineage import lineage
from convviz.storage.recording.catalogue import Catalogue, ListedRun
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.folder import RecordingsFolder
from convviz.storage.recording.read import Recording

__all__ = ["Loader"]

PART = 40
"""Runs or curves that are passed on together."""


class Loader(QObject):
    """Reads in the background; a newer question of a kind replaces the one before, but curves add up.

    Attributes
    ----------
    listed : Signal(object, bool)
        Runs that were read, the newest first, and whether that is all.
    curvesRead : Signal(object)
        Tuple of ``RunCurves``.
    pairRead : Signal(object)
        A ``PairMoment``.
    answered : Signal(object)
        ``Answers``.
    mapsRead : Signal(object)
        ``PairMaps``.
    """

    listed = Signal(object, bool)
    curvesRead = Signal(object)
    pairRead = Signal(object)
    answered = Signal(object)
    mapsRead = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._catalogue = Catalogue()
        self._folder: Path | None = None
        self._questions = 0
        self._unread: dict[Path, int] = {}
        """Runs whose curves are still to come, and the number of the last question for each."""
        self._listing = Background("convviz-compare-list", self)
        self._reading = Background("convviz-compare-curves", self)
        self._pairing = Background("convviz-compare-pair", self)
        self._answering = Background("convviz-compare-answers", self)
        self._mapping = Background("convviz-compare-maps", self)
        self._found = posted(self._pass_on)
        self._read = posted(self._pass_on_curves)
        self._pairs = PairMoments()
        self._pairing.done.connect(self.pairRead)
        self._answering.done.connect(self.answered)
        self._mapping.done.connect(self.mapsRead)

    def list(self, folder: Path, a: Path | None = None) -> None:
        """Read the facts about all runs of a folder, each of which will be compared with the run at ``a``."""
        catalogue, self._folder, tell = self._catalogue, folder, self._found

        def work(cancelled: Cancelled) -> None:
            paths, found, told = RecordingsFolder(folder).recordings(), list[ListedRun](), 0
            base: Design | None = None
            for start in range(0, len(paths), PART):
                if cancelled():
                    return
                part = catalogue.of(paths[start : start + PART])
                found += part
                before, base = base, base_of(found, a)
                compare(part if base is before else found, base)
                time.sleep(0.002)  # lets the window's thread run
                # Every part is twice as long as all before it, so that the list is not rebuilt many times.
                if start + PART < len(paths) and len(found) >= 2 * told:
                    told = len(found)
                    tell(folder, tuple(found), whole_list=False)
            tell(folder, tuple(found), whole_list=True)

        self._listing.start(work)

    def read_curves(self, paths: Sequence[Path]) -> None:
        """Read the curves of runs too."""
        number = self._questions = self._questions + 1
        self._unread |= dict.fromkeys(paths, number)
        wanted, read = tuple(self._unread), self._read

        def work(cancelled: Cancelled) -> None:
            for start in range(0, len(wanted), PART):
                found = [curves_of(path) for path in wanted[start : start + PART] if not cancelled()]
                read(number, tuple(found))
                time.sleep(0.002)

        self._reading.start(work)

    def forget(self) -> None:
        """Drop the list and the curves that are still to come: they belong to another folder."""
        self._folder, self._unread = None, {}
        self._listing.cancel()
        self._reading.cancel()

    def read_pair(
        self, a: Path, b: Path, step: Step, current: OpenData | None = None, known: tuple[Path, ...] = ()
    ) -> None:
        """Read the networks of two runs at their ends, or have them replayed to a step."""
        self._pairing.start(lambda cancelled: self._pairs.at(a, b, step, current, known, cancelled))

    def forget_pair(self) -> None:
        """Close the recordings of the pair."""
        self._pairing.start(lambda cancelled: self._pairs.close())

    def ask_answers(
        self, moment: PairMoment, current: OpenData | None, known: tuple[Path, ...], before: Answers | None = None
    ) -> None:
        """Let both networks of a moment answer the test images; those of ``before`` are not read again."""
        self._answering.start(lambda cancelled: answers_of(moment, current, known, before, cancelled))

    def forget_answers(self) -> None:
        """Drop what is being answered."""
        self._answering.cancel()

    @property
    def is_reading_pair(self) -> bool:
        """Whether networks of a pair are being read, or answer."""
        return self._pairing.is_busy or self._answering.is_busy

    def read_maps(self, moment: PairMoment, pixels: Array, image: int, layers: tuple[str, ...]) -> None:
        """Let both networks of a moment see an image ``(C, H, W)``."""
        self._mapping.start(lambda cancelled: maps_of(moment, pixels, image, layers))

    def _pass_on(self, folder: Path, found: tuple[ListedRun, ...], whole_list: bool) -> None:
        if folder == self._folder:
            self.listed.emit(found, whole_list)

    def _pass_on_curves(self, number: int, found: tuple[RunCurves, ...]) -> None:
        wanted = tuple(one for one in found if one.path in self._unread)
        for one in wanted:
            if self._unread[one.path] <= number:  # otherwise it has grown since, and is read again
                del self._unread[one.path]
        if wanted:
            self.curvesRead.emit(wanted)

    def close(self) -> None:
        """Drop everything."""
        for one in (self._listing, self._reading, self._pairing, self._answering, self._mapping):
            one.cancel()
        self.forget_pair()


def base_of(runs: Sequence[ListedRun], a: Path | None) -> Design | None:
    """The design that runs are compared with: that of the run at ``a``, or of the one that is A until one is chosen."""
    path = a if any(run.path == a for run in runs) else first_pair(runs)[0]
    return next((run.design for run in runs if run.path == path), None)


def compare(runs: Sequence[ListedRun], base: Design | None) -> None:
    """Find out how runs differ from A here, so that the window's thread, which asks again, need not."""
    for design in {run.design for run in runs if run.design is not None}:
        if base is None:
            flat(design)
        else:
            differences(base, design)


def curves_of(path: Path) -> RunCurves:
    """The curves of a run, a branch's with what its parent trained before; empty ones if it can't be read."""
    nothing = np.empty(0)
    try:
        with Recording(path) as run:
            steps, losses = losses_of(run)
            epochs, minibatches = run.epochs(), run.head.minibatches
    except RecordingError:
        return RunCurves(path, nothing, nothing, 1, nothing, nothing, nothing, nothing)
    return RunCurves(
        path,
        steps,
        losses,
        minibatches,
        np.arange(1, len(epochs) + 1) * minibatches,
        np.array([one.test_accuracy for one in epochs]),
        np.array([one.test_loss for one in epochs]),
        np.array([one.seconds for one in epochs]),
    )


def losses_of(run: Recording) -> tuple[Array, Array]:
    """Steps and losses of all minibatches of a run, from the first on as far as the recordings are found.

    Raises
    ------
    RecordingError
        The recording itself is damaged. If that of a parent is missing, only the run's own minibatches are returned.
    """
    parts = [run.minibatches()]
    if run.head.parent is not None:
        with contextlib.suppress(RecordingError), lineage(run) as (eldest, *later):
            first = eldest.recording.minibatches(0, eldest.until)
            parts = [first, *(one.recording.minibatches(one.recording.head.begin + 1, one.until) for one in later)]
    return np.concatenate([one.steps for one in parts]), np.concatenate([one.loss for one in parts])
