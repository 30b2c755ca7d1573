"""The past of the run in the window: which moment is shown, and the answers of the recording."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot

from convviz.core.errors import ConvvizError
from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.run_model.remeasured import RemeasuredModel
from convviz.gui.run_model.run import RunModel
from convviz.gui.run_model.watched import WatchedModel
from convviz.gui.widgets.posted import posted
from convviz.present.watch.family import Relative
from convviz.present.watch.past_look import PastLook
from convviz.run.opening import OpenData
from convviz.run.recording.opening import OpenedRecording, open_recording
from convviz.run.recording.past import Past, PastAnswer, PastCompared, PastFailed, PastMoment, PastPass
from convviz.run.recording.stepped import SteppedDifference
from convviz.run.state import State

DOES: dict[State, Literal["training", "paused"]] = {State.RUNNING: "training", State.PAUSED: "paused"}
"""By state, what the live run is doing unless it was stopped; in all other states it has ended."""


class PastModel(QObject):
    """Requests moments from the run's recording, without waiting for the answers.

    Parameters
    ----------
    run : RunModel
    watched : WatchedModel
        The image and the layer that moments are requested for.

    Attributes
    ----------
    step : int or None
        The shown moment; None for the live network.
    remeasured : RemeasuredModel
        Adds what a recording lacks to the history of a run that was opened.
    moment : PastMoment or None
        The one that arrived last.
    stepped : PastPass or None
        The replayed pass that Step goes through.
    compared : SteppedDifference or None
        How far the numbers of the stepped pass are from those of training, once known.
    moved : Signal()
        :attr:`look` has changed.
    momentArrived : Signal(object)
        The :class:`PastMoment` that was requested.
    passArrived : Signal(object)
        The :class:`PastPass` that was requested.
    """

    moved = Signal()
    momentArrived = Signal(object)
    passArrived = Signal(object)

    def __init__(self, run: RunModel, watched: WatchedModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run, self._watched = run, watched
        self.step: int | None = None
        self.moment: PastMoment | None = None
        self.stepped: PastPass | None = None
        self.compared: SteppedDifference | None = None
        self._pass_step: int | None = None
        self._row: int | None = None
        """Row of the training image with which stepping begins; None for the one with the largest loss."""
        self._failed: PastFailed | None = None
        self._is_loading = False
        self._key_points: dict[Path, tuple[int, ...]] = {}
        """The steps of the key points, by recording of the run, as far as known."""
        self._family: tuple[Relative, ...] = ()
        self._path: Path | None = None
        """The recording that is open or being opened."""
        self._past: Past | None = None
        self._opened: OpenedRecording | None = None
        self.remeasured = RemeasuredModel(run, self)
        self._opening = Background("convviz-past-opening", self)
        self._opening.done.connect(self._take_opened)
        self._answered = posted(self._take)
        run.recordingChanged.connect(self._recording_changed)
        run.prepared.connect(self._forget)
        watched.changed.connect(self._ask_again)

    @property
    def look(self) -> PastLook:
        """What is shown of the past."""
        failed = self._failed
        nearest = None
        points = self._points
        if failed is not None and points:
            others = [one for one in points if one != failed.step]
            nearest = min(others, key=lambda one: abs(one - failed.step), default=None)
        position, losses = self._run.position, self._run.history.minibatches.column(1)
        return PastLook(
            self.step,
            self._is_loading,
            "" if failed is None else failed.reason,
            nearest,
            points,
            position.step,
            position.minibatches,
            bool(self._run.recordings.parts),
            bool(self._run.recordings.missing),
            self._family,
            float(losses[-1]) if len(losses) else None,
            self._does,
        )

    @property
    def _does(self) -> Literal["training", "paused", "stopped", "ended"]:
        """What the live run does."""
        run = self._run
        if run.is_stopped:
            return "stopped"
        return "ended" if run.has_nothing_left else DOES.get(run.state, "ended")

    @property
    def _points(self) -> tuple[int, ...]:
        """Key points of all recordings of the run."""
        recordings = self._run.recordings
        known = {one.path: one.key_points for one in recordings.parts} | self._key_points
        found = {step for path, points in known.items() for step in points if recordings.file_of(step) == path}
        last = self._run.position.step
        return tuple(sorted(step for step in found if step <= last))

    def set_family(self, family: tuple[Relative, ...]) -> None:
        """Set the run's parent and branches."""
        if family != self._family:
            self._family = family
            self.moved.emit()

    # --- what the user does --------------------------------------------------------------------------------------

    def go_to(self, step: int) -> None:
        """Show the network after ``step`` minibatches; from the live run's step on, the live network."""
        recordings = self._run.recordings
        if not recordings.parts or step >= self._run.position.step:
            self.back_to_live()
            return
        if recordings.missing:
            step = self._key_point_at(step)
        step = max(step, recordings.first)
        self.step, self._failed, self._is_loading, self._pass_step = step, None, True, None
        self.moved.emit()
        self._ask()

    def _key_point_at(self, step: int) -> int:
        """The key point nearest to a step; if that one is shown already, the next one in the direction of the step."""
        points, now = self._points, self._run.position.step if self.step is None else self.step
        found = min(points, key=lambda one: abs(one - step), default=step)
        if found == now and step != now:
            beyond = [one for one in points if (one > now) == (step > now) and one != now]
            found = min(beyond, key=lambda one: abs(one - now), default=found)
        return found

    def back_to_live(self) -> None:
        """Show the live network again."""
        self.step, self._failed, self._is_loading, self._pass_step, self.moment = None, None, False, None, None
        if self._past is not None:
            self._past.cancel()
        self.moved.emit()

    def go_to_pass(self, step: int, row: int | None = None) -> None:
        """Show the network after ``step`` minibatches, and request the pass that led to it.

        ``row`` is the training image to begin with; by default the one with the largest loss.
        """
        live = self._run.position.step
        if not self._run.recordings.parts or step > live:
            return
        self.step = None if step == live else max(step, self._run.recordings.first + 1)
        self.step_minibatch()
        self._row = row

    def ask_moment(self) -> None:
        """Request the shown moment again: its answer was dropped, or only its pass had been requested."""
        if self.step is not None and self._pass_step is None:
            self._failed, self._is_loading = None, True
            self.moved.emit()
            self._ask()

    def step_minibatch(self) -> None:
        """Request the pass that led to the shown moment, or to the newest one."""
        step = self._run.position.step if self.step is None else self.step
        if not self._run.recordings.parts or step < 1:
            return
        self._pass_step, self._row, self._failed, self._is_loading = step, None, None, True
        self.moved.emit()
        self._ask()

    def close(self) -> None:
        """End the threads, because the window closes."""
        self._opening.cancel()
        self.remeasured.close()
        self._release(wait=True)

    # --- the recording -------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        step = self.step if self._pass_step is None else self._pass_step - 1
        path = None if step is None else self._run.recordings.file_of(step)
        if path is None:
            return
        if self._past is not None and path != self._path:
            self._release()
        if self._past is None:
            self._open(path)
        elif self._pass_step is not None:
            self._past.ask_pass(self._pass_step)
        elif self.step is not None:
            watched = self._watched.value
            split = watched.split if watched.split != "drawings" or self._run.drawings is not None else "test"
            self._past.ask(self.step, split, watched.sample, watched.layer, self._run.drawings, watched.others)

    def _ask_again(self) -> None:
        """Request the shown moment again, because another image or layer is watched."""
        if self.step is not None and self._failed is None and self._pass_step is None:
            self._ask()

    def _open(self, path: Path) -> None:
        run = self._run
        if self._opening.is_busy or run.train is None or run.test is None:
            return
        self._path, data = path, OpenData(run.data_name, run.train, run.test, run.class_names)

        def work(cancelled: Cancelled) -> object:
            try:
                found = open_recording(path, data, cancelled=cancelled)
            except (ConvvizError, ValueError, OSError, MemoryError, sqlite3.Error) as error:
                return str(error) or "there is not enough memory"
            if cancelled():
                found.recording.close()
                return None
            return found

        self._opening.start(work)

    @Slot(object)
    def _take_opened(self, found: OpenedRecording | str) -> None:
        if isinstance(found, str):
            self._fail(found)
            return
        self._opened = found
        run, recording, missing = self._run, found.recording, "" if found.data is not None else found.missing
        answered = self._answered
        train, test = run.train, run.test
        if found.data is not None:
            train, test = found.data.train, found.data.test
        elif not run.recordings.missing:
            self._release()
            self._fail(missing)
            return
        if train is None or test is None:
            return

        def answer(answer: PastAnswer) -> None:
            points: tuple[int, ...] = ()
            with contextlib.suppress(ConvvizError, sqlite3.Error):
                points = tuple(one.step for one in recording.key_points())
            answered(recording, answer, points)

        self._past = Past(
            recording,
            train,
            test,
            answer,
            threads=run.session.threads,
            class_names=run.class_names,
            missing=missing,
            judges=run.recordings.past is None or run.recordings.past.has_images,
        )
        self._ask()

    def _take(self, recording: object, answer: PastAnswer, points: tuple[int, ...]) -> None:
        if self._opened is None or recording is not self._opened.recording:
            return
        self._key_points[self._opened.recording.path] = points
        if isinstance(answer, PastPass):
            if answer.step != self._pass_step:
                return
            if self._row is not None and self._row in answer.source.rows:
                answer = replace(answer, first=self._row, is_worst=False)
            self._pass_step, self._is_loading, self.stepped, self.compared = None, False, answer, None
            self.moved.emit()
            self.passArrived.emit(answer)
        elif isinstance(answer, PastMoment):
            if answer.step != self.step:
                return
            self._is_loading, self._failed, self.moment = False, None, answer
            self.moved.emit()
            self.momentArrived.emit(answer)
        elif isinstance(answer, PastCompared):
            if self.stepped is not None and answer.step == self.stepped.step:
                self.compared = answer.difference
                self.moved.emit()
        else:
            self._pass_step = None
            self._fail(answer.reason)

    def _fail(self, reason: str) -> None:
        step = self.step if self.step is not None else self._run.position.step
        self._failed, self._is_loading, self._pass_step = PastFailed(step, reason), False, None
        self.moved.emit()

    def _recording_changed(self) -> None:
        """Adapt to another recording of the run, or to another file with its past."""
        if self._run.recordings.past is None:
            self._forget()

    @Slot()
    def _forget(self, *_: object) -> None:
        """Forget the past of this run, because another run replaces it."""
        self._opening.cancel()
        self._release()
        self._key_points, self.stepped, self.compared, self._family = {}, None, None, ()
        self.back_to_live()

    def _release(self, *, wait: bool = False) -> None:
        past, opened = self._past, self._opened
        self._past = self._opened = None

        def end() -> None:
            if past is not None:
                past.close()
            if opened is not None:
                opened.recording.close()

        if past is None and opened is None:
            return
        if past is not None:
            past.cancel()
        ending = threading.Thread(target=end, name="convviz-past-closing", daemon=True)
        ending.start()
        if wait:
            ending.join()
