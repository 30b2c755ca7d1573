"""The window's model of the run: the session's messages, turned into state and signals."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal, SignalInstance, Slot

from convviz.core.design import Design, course_design
from convviz.data.sources import DataSource
from convviz.gui.run_model.bridge import Bridge
from convviz.gui.run_model.compile_count import CompileCount
from convviz.gui.run_model.drawn import add_message, add_origin
from convviz.gui.run_model.run_recordings import RunRecordings
from convviz.present.history import History
from convviz.present.progress_words import busy_forms, run_forms
from convviz.present.run_facts import RunFacts, RunState, TimedEpoch
from convviz.present.words import count, duration, place
from convviz.run.commands import Adopt, CompileAhead, Drawings, Pause, Prepare, Resume, Train
from convviz.run.messages import (
    Adopted,
    Busy,
    CompilingAhead,
    Failed,
    Identified,
    Inspected,
    LetGo,
    Message,
    NotKept,
    NotSaved,
    Origin,
    OtherData,
    Prepared,
    PreprocessAsked,
    RecordingFailed,
    RecordingKept,
    RecordingStarted,
    RunEnded,
    RunStarted,
    Saved,
    StateChanged,
    WeightsChanged,
    WeightsMatched,
)
from convviz.run.pace import Pace
from convviz.run.session import Session
from convviz.run.state import State
from convviz.storage.last_session import SessionFolder
from convviz.storage.recording.folder import RecordingsFolder
from convviz.training.events import Compiling, EpochDone, Evaluating, MinibatchDone, Position
from convviz.training.fit import fits
from convviz.training.images import Split

NOWHERE = Position(0, 0, 0, 0, 0)
FINISHED, STOPPED = "finished", "stopped"


class RunModel(QObject):
    """Owns the session, through the bridge.

    Attributes
    ----------
    networks : int
        Number of networks so far, made or opened.
    state : State
    position : Position
    design : Design
        The network's design.
    data_name : str
    source : DataSource or None
        The source that the data set was opened from.
    class_names : tuple of str
    train, test : Split or None
        The open data set.
    drawings : Split or None
        Images drawn by the user that fit the network.
    history : History
    busy : Busy
        What is being opened.
    timed : TimedEpoch or None
        The last complete epoch trained on the open data set.
    stateChanged : Signal(object)
    compilingChanged : Signal()
        :attr:`kernels` has changed.
    prepared : Signal(object)
        A new network: the :class:`Prepared` message.
    failed : Signal(str)
    progressed, held : Signal()
        Position, state or facts have changed; the run is paused or has ended: all so far should be drawn.
    edited : Signal()
        Training continues with other settings or weights, which the curves mark.
    inspected : Signal(object)
        A copy of the network's arrays: the :class:`Inspected` message.
    saved, notSaved : Signal(object)
        A file was written, or could not be written: the messages of the same names.
    otherData, preprocessAsked : Signal(object)
        A model was trained on other data, or needs unknown preprocessing of its images: the messages of the same names.
    letGo, notKept : Signal(object)
        A trained network was replaced and kept, or can't be kept automatically: the messages of the same names.
    recordings, recordingChanged : RunRecordings, Signal()
        The files with the moments of the run, and the signal that they have changed.
    recordingFailed, recordingKept : Signal(object)
        The run continues without a recording; a recording was copied, or could not be: the messages of the same names.
    identified, weightsMatched : Signal(object)
        The kind of a file; the weights that it has for a design: the messages of the same names.
    """

    stateChanged = Signal(object)
    compilingChanged = Signal()
    prepared = Signal(object)
    failed = Signal(object)
    progressed = Signal()
    held = Signal()
    edited = Signal()
    inspected = Signal(object)
    saved = Signal(object)
    notSaved = Signal(object)
    otherData = Signal(object)
    preprocessAsked = Signal(object)
    letGo = Signal(object)
    notKept = Signal(object)
    identified = Signal(object)
    weightsMatched = Signal(object)
    recordingChanged = Signal()
    recordingFailed = Signal(object)
    recordingKept = Signal(object)

    def __init__(
        self,
        threads: int,
        parent: QObject | None = None,
        *,
        kept: SessionFolder | None = None,
        recorded: RecordingsFolder | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = Session(threads=threads, kept=kept, recorded=recorded)
        self.recordings = RunRecordings()
        self.bridge = Bridge(self.session, self)
        self.history = History()
        self.networks = 0
        self.state = State.EMPTY
        self.position = NOWHERE
        self.design: Design = course_design()
        self.data_name = ""
        self.source: DataSource | None = None
        self.class_names: tuple[str, ...] = ()
        self.stands_in = False
        self.drawings: Split | None = None
        self.train: Split | None = None
        self.test: Split | None = None
        self.timed: TimedEpoch | None = None
        self._pace = Pace()
        self._evaluated = 0
        """Number of epochs of this run that are done."""
        self._origin: Origin | None = None
        self.diverged = False
        """Whether the run's numbers became NaN or infinite, and nothing that could help has changed since."""
        self._doing, self.busy = "", Busy("")
        self._kernels = CompileCount()
        self._forwarded: dict[type, SignalInstance] = {
            Inspected: self.inspected,
            Saved: self.saved,
            NotSaved: self.notSaved,
            LetGo: self.letGo,
            NotKept: self.notKept,
            RecordingFailed: self.recordingFailed,
            RecordingKept: self.recordingKept,
            OtherData: self.otherData,
            Identified: self.identified,
            WeightsMatched: self.weightsMatched,
            PreprocessAsked: self.preprocessAsked,
        }
        """Messages that change nothing here, and the signals that pass them on."""
        self.bridge.messagesArrived.connect(self._take)

    # --- commands ----------------------------------------------------------------------------------------------

    def prepare(self, design: Design, data: DataSource | None = None) -> None:
        """Make an untrained network for a design; open ``data`` first if given."""
        self.bridge.send(Prepare(design, data))

    def adopt(self, design: Design) -> None:
        """Continue with a design that differs only in settings that can change between two minibatches."""
        self.design = design
        if self.position.epochs and design.training.epochs >= self.position.epoch:
            self.position = replace(self.position, epochs=design.training.epochs)
            if self._doing in (FINISHED, STOPPED) or (self.state is State.PAUSED and not self._doing):
                self._doing = self._paused_text()
        self.bridge.send(Adopt(design))
        self.progressed.emit()

    def compile_ahead(self) -> None:
        """Compile kernels in the background before a run needs them; do nothing if they are compiled already."""
        self.bridge.send(CompileAhead())

    def go_on(self) -> None:
        """Continue a paused or stopped run, or one that has got more epochs after its end."""
        self.bridge.send(Resume())

    def toggle(self) -> None:
        """Train, pause or resume, depending on the state."""
        others: dict[State, Pause | Resume] = {State.RUNNING: Pause(), State.PAUSED: Resume()}
        self.bridge.send(others.get(self.state, Train()))

    # --- words -------------------------------------------------------------------------------------------------

    @property
    def fraction(self) -> float:
        """Share that is done of the run, or of what is being opened."""
        if self.is_busy:
            return self.busy.done / max(self.busy.total, 1)
        return self.position.step / self.position.steps if self.position.steps else 0.0

    @property
    def recording(self) -> Path | None:
        """The file in which the run is recorded; None until there is one."""
        return self.recordings.own

    @property
    def is_active(self) -> bool:
        """Whether a run has begun and not ended: it is training or paused."""
        return self.state in (State.RUNNING, State.PAUSED)

    @property
    def is_trained(self) -> bool:
        """Whether the network has been trained, in this run or before it was opened."""
        return self.is_active or self.position.step > 0 or (self._origin is not None and self._origin.position.step > 0)

    @property
    def can_go_on(self) -> bool:
        """Whether a run that has ended has epochs left."""
        has_more = self.position.step > 0 and self._evaluated < self.position.epochs
        return self.state is State.IDLE and has_more and not (self.diverged or self.recordings.missing)

    @property
    def has_nothing_left(self) -> bool:
        """Whether the run is paused at its very end, as an opened run can be."""
        return self.state is State.PAUSED and self._doing == FINISHED and self.position.epoch >= self.position.epochs

    @property
    def is_stopped(self) -> bool:
        """Whether the run was stopped before its last epoch, in this window or before it was opened."""
        return self._doing == STOPPED

    @property
    def kernels(self) -> CompileCount:
        """How far the compiling of kernels is."""
        return self._kernels

    @property
    def is_busy(self) -> bool:
        """Whether a data set is being opened or a network made."""
        return bool(self.busy.what)

    def count(self, split: str) -> int:
        """Number of images in a split of the run's data; 0 if no data set is open."""
        sizes, images = self.design.training, self.images_of(split)
        wanted = {"test": sizes.test_size, "training": sizes.train_size}.get(split)
        return 0 if images is None else wanted or len(images)

    def images_of(self, split: str) -> Split | None:
        """The images of a split (``test``, ``training`` or ``drawings``); None if there are none."""
        return {"test": self.test, "training": self.train, "drawings": self.drawings}[split]

    def set_drawings(self, drawings: Split | None) -> None:
        """Offer the user's drawings that fit the network to be watched and stepped."""
        self.drawings = drawings
        none = np.zeros((0, 1, 1, 1), np.float32), np.zeros(0, np.int64)
        self.bridge.send(Drawings(*((drawings.images, drawings.labels) if drawings is not None else none)))

    def facts(self, paused: str = "paused") -> tuple[str, ...]:
        """The run's progress for the top bar, in full and in ever shorter forms; ``paused`` is the word for a pause."""
        p, busy = self.position, self.busy
        if busy.what:
            return busy_forms(busy.what, busy.done, busy.total)
        if (compiling := self._kernels).is_awaited and self.state is State.RUNNING:
            return (compiling.words, f"compiling {compiling.text}", compiling.text)
        if p.epoch == 0:
            return (self.where(),)
        running = self.state is State.RUNNING
        rate = self._pace.rate()
        doing = self._doing or (f"{count(rate)} img/s" if running and rate else "")
        is_paused = self.state is State.PAUSED and self._doing not in (FINISHED, STOPPED)
        last = f"{duration(self._pace.left(p))} left" if running else paused if is_paused else ""
        return run_forms((p.epoch, p.epochs), (p.step, p.steps), list(filter(None, (doing, last))), is_running=running)

    def summary(self) -> RunFacts | None:
        """Facts about the run that matter while editing the design; None if nothing has been trained."""
        if not self.is_trained or self.state is State.EMPTY:
            return None
        p = self.position
        state: RunState = "running" if self.state is State.RUNNING else "paused"
        if self.state is State.IDLE or self.is_stopped or self.has_nothing_left:
            state = "finished" if self._evaluated >= p.epochs else "stopped"
        return RunFacts(state, self.design, p.epoch, p.epochs, self._evaluated, self.is_active)

    def where(self, at: Position | None = None) -> str:
        """Where the run is, or ``at`` is: ``epoch 3, step 2,871``; before the first step, how the network was made."""
        at = at or self.position
        if at.epoch:
            return place(at.epoch, at.step)
        return "untrained" if self._origin is None else f"weights of {self._origin.name}"

    # --- messages ----------------------------------------------------------------------------------------------

    @Slot(list)
    def _take(self, messages: list[Message]) -> None:
        for message in messages:
            self._take_one(message)
        self.progressed.emit()

    def _take_one(self, message: Message) -> None:
        if isinstance(message, Adopted | WeightsChanged | Prepared | RunStarted):
            self.diverged = False
        add_message(self.history, message)
        match message:
            case MinibatchDone():
                self.position, self._doing = message.position, ""
                self._pace.add(message.images, message.at or time.monotonic())
            case Adopted() | WeightsChanged():
                self.edited.emit()
            case Compiling() | CompilingAhead():
                if isinstance(message, Compiling):
                    self._pace.resume(time.monotonic())  # otherwise the first steps would predict hours
                self._compiled(self._kernels.heard(message))
            case Evaluating():
                self._doing = f"evaluating {100 * message.done // message.total} %"
            case EpochDone():
                self._doing = ""
                self._evaluated = message.position.epoch
                seconds = self._pace.end_epoch(message.position.minibatches, message.at or time.monotonic())
                if seconds is not None:
                    self.timed = TimedEpoch(self.design, seconds)
            case StateChanged():
                self.state = message.state
                if message.state is State.RUNNING:
                    self._doing = ""
                    self._pace.resume(time.monotonic())
                else:
                    self._compiled(self._kernels.run_rests())
                    self.held.emit()
                self.stateChanged.emit(message.state)
            case Prepared():
                if self.train is not message.train or self.test is not message.test:
                    self.timed = None
                self.networks += 1
                self.design, self.data_name = message.design, message.data_name
                self.train, self.test, self.source = message.train, message.test, message.source
                self.class_names, self.stands_in = message.class_names, message.stands_in
                if self.drawings is not None and not fits(message.design, self.drawings):
                    self.drawings = None
                self.position, self._doing, self._evaluated = NOWHERE, "", 0
                self.history.clear()
                self._come_from(message.origin)
                self.held.emit()
                self.prepared.emit(message)
            case RunStarted():
                self._origin, self.recordings = None, RunRecordings()
                self.history.clear()
                self._pace = Pace()
                self.position, self._doing, self._evaluated = message.position, "", 0
            case RunEnded():
                self.position = message.position
                self._doing = FINISHED if message.finished else STOPPED
                self.held.emit()
            case Failed():
                self.diverged = message.diverged
                self.failed.emit(message)
            case Busy():
                self.busy = message
            case RecordingStarted():
                self.recordings = self.recordings.started(message)
                self.recordingChanged.emit()
            case _ if type(message) in self._forwarded:
                self._forwarded[type(message)].emit(message)

    def _compiled(self, kernels: CompileCount) -> None:
        if kernels != self._kernels:
            self._kernels = kernels
            self.compilingChanged.emit()

    def _paused_text(self) -> str:
        """The text for a paused run."""
        if self._evaluated >= self.position.epochs:
            return FINISHED
        return STOPPED if self.state is State.IDLE or self._doing else ""

    def _come_from(self, origin: Origin | None) -> None:
        """Set where the network comes from: made (None), or opened with its training or only its weights."""
        self._origin, self._pace = origin, Pace()
        self.recordings = RunRecordings.of(origin)
        if origin is None or not (origin.goes_on or origin.recorded):
            return
        self.position, self._evaluated = origin.position, len(origin.epochs)
        self._doing = FINISHED if origin.is_finished else "" if origin.is_branch else STOPPED
        add_origin(self.history, origin)
