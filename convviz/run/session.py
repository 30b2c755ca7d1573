"""A training session: one thread that owns the network and obeys commands.

    idle ──train──▶ running ◀─resume── paused        (step: one minibatch, then paused)
      ▲               │  └────pause──────▲
      └───stop/done───┴──────stop────────┘      (and resume from idle, where a run was stopped or has epochs left)

Commands come through a queue and are applied between two events of the trainer. Messages that must not be lost (losses,
errors, changes of state) leave through an ordered queue; pictures leave through a mailbox that keeps only the newest.
"""

from __future__ import annotations

import queue
import threading
from pathlib import Path

from convviz.core.errors import ConvvizError, NonFiniteError
from convviz.data.errors import DataError, LoadCancelledError
from convviz.run.ahead import AheadCompiler
from convviz.run.breakpoints.session_breaks import SessionBreaks
from convviz.run.commands import (
    Adopt,
    Branch,
    Command,
    CompileAhead,
    Drawings,
    HoldAfterEpoch,
    Identify,
    Inspect,
    Keep,
    KeepRecording,
    LetItGo,
    MatchWeights,
    OpenModel,
    OpenRecording,
    Pause,
    Prepare,
    Quit,
    Remember,
    Resume,
    SetBreakpoints,
    SetLearningRate,
    SetPins,
    SetWeights,
    StepMinibatch,
    Stop,
    Train,
    Watch,
)
from convviz.run.drawing_cost import DrawingCost
from convviz.run.keeping import Keeper
from convviz.run.mailbox import Mailbox
from convviz.run.making import Maker, Making
from convviz.run.messages import (
    Adopted,
    CompilingAhead,
    Failed,
    LetGo,
    NotKept,
    OtherData,
    PreprocessAsked,
    RunEnded,
    RunStarted,
    StateChanged,
    WeightsChanged,
)
from convviz.run.opening import OpenData, OpenedModel, looked_at
from convviz.run.outbox import Outbox
from convviz.run.reasons import sentence
from convviz.run.recording.copying import keep_recording
from convviz.run.recording.recordings import Recordings
from convviz.run.safekeeping import NotKeptError, Safekeeping
from convviz.run.state import State
from convviz.run.training_run import TrainingRun
from convviz.storage.last_session import SessionFolder
from convviz.storage.recording.folder import RecordingsFolder
from convviz.training.blas import OneBlasThread
from convviz.training.events import Compiling, EpochDone, Held, MinibatchDone
from convviz.training.images import Split
from convviz.training.snapshot import Snapshot


class Session:
    """Owns the network; :meth:`serve` runs in its thread.

    Parameters
    ----------
    threads : int
        Threads of the trainer.
    kept : SessionFolder, optional
        Where what is trained is kept by itself; nowhere unless given.
    recorded : RecordingsFolder, optional
        Where runs are recorded; nowhere unless given.

    Attributes
    ----------
    messages : Outbox
        Everything that must not be lost, in order.
    snapshots : Mailbox
        The newest picture.
    drawing_cost : DrawingCost
        What pictures cost training.
    answers : queue.SimpleQueue
        Answers to :class:`Quit`: why the thread did not end (the trained network can't be kept); empty if it ends.
    """

    def __init__(
        self, *, threads: int = 2, kept: SessionFolder | None = None, recorded: RecordingsFolder | None = None
    ) -> None:
        self.messages = Outbox()
        self.snapshots: Mailbox[Snapshot] = Mailbox()
        self.drawing_cost = DrawingCost()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._asked = threading.Event()
        self.threads = threads
        self._state = State.EMPTY
        self._run: TrainingRun | None = None
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._keeper = keeper = Keeper(self.messages, self._asked.set)
        self._safe = Safekeeping(kept, self._keeper, self.messages.put)
        self._recordings = None if recorded is None else Recordings(recorded, self.messages.put, threads, keeper.prints)
        self._breaks = SessionBreaks(self.messages.put)
        self._ahead = AheadCompiler(self._tell_of_ahead)
        self._watched = Watch("test", 0)
        self._drawn: Split | None = None
        self._hold_after_one, self._open = False, True
        self._quitting = threading.Event()
        """Set when the session should end: whatever is being opened is cancelled."""
        self._maker = Maker(self.messages.put)

    # --- called from any thread --------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Queue a command."""
        if isinstance(command, Quit):
            self._quitting.set()
        self._commands.put(command)
        self._asked.set()

    def want_snapshot(self) -> None:
        """Ask for a picture; it is made at the next step boundary."""
        self.snapshots.want()
        self._asked.set()

    # --- the session's thread ----------------------------------------------------------------------------------

    def serve(self) -> None:
        """Obey commands until :class:`Quit`."""
        # Held between two trainers, too: OpenBLAS would only start its threads to end them again.
        blas = OneBlasThread()
        try:
            while self._open:
                self._obey_all()
                if self._state is State.RUNNING and self._open:
                    self._advance()
                self._show()
                self._tend()
                if self._state is not State.RUNNING and self._open:
                    self._asked.wait()
                    self._asked.clear()
        finally:
            self._ahead.stop()
            self._keeper.close()
            if self._run is not None:
                self._run.close()
            blas.release()
            self.answers.put("")

    def _obey_all(self) -> None:
        while self._open and not self._commands.empty():  # nobody else takes commands
            self._obey(self._commands.get())

    def _obey(self, command: Command) -> None:
        try:
            self._execute(command)
        except LoadCancelledError:
            pass  # no longer wanted
        except NotKeptError as error:
            self.messages.put(NotKept(str(error), stays=True))
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            fits, classes = (error.fits, error.classes) if isinstance(error, DataError) else (None, None)
            self.messages.put(Failed(sentence(error), fits, classes=classes))

    def _execute(self, command: Command) -> None:
        run, state = self._run, self._state
        match command:
            case Prepare() | OpenModel() | OpenRecording() | Branch():
                self._make(command)
            case KeepRecording():
                keep_recording(command, None if run is None else run.recording, self._keeper, self.messages.put)
            case Keep():
                self._safe.save(run, command.path)
            case Identify() | MatchWeights():
                self.messages.put(looked_at(command, self._quitting.is_set))
            case Remember():
                self._safe.remember(command.record, run)
            case Quit():
                self._quit(command)
            case Drawings():
                self._drawn = Split(command.images, command.labels) if len(command.labels) else None
                self.snapshots.want()
            case Watch():
                self._watched = command
                self._breaks.watch(command)
                if run is not None:
                    run.layers.watch(command.layer)
                self.snapshots.want()
            case SetBreakpoints() | SetPins() | HoldAfterEpoch():
                self._breaks.obey(command)
            case _ if run is not None:
                self._obey_for(run, state, command)

    def _obey_for(self, run: TrainingRun, state: State, command: Command) -> None:
        """Obey a command that needs a network."""
        match command:
            case Train():
                self._start(run, hold=False)
            case Resume() if state is State.PAUSED or (state is State.IDLE and run.trainer.position.step):
                run.go_on()
                self._go(hold=False)
            case StepMinibatch(goes_on=True) if state is State.IDLE and run.trainer.position.step:
                run.go_on()
                self._go(hold=True)
            case StepMinibatch() if state is State.IDLE:
                self._start(run, hold=True)
            case StepMinibatch() if state is State.PAUSED:
                self._go(hold=True)
            case Pause() if state is State.RUNNING and not (command.spares_one and self._hold_after_one):
                self._hold(run)
            case Stop() if state in (State.RUNNING, State.PAUSED):
                if state is State.RUNNING:
                    self._hold(run)
                if self._state is State.PAUSED:
                    self._end(run, finished=False)
            case CompileAhead():
                self._ahead.start(run.trainer.design)
            case SetLearningRate():
                run.set_learning_rate(command.rate)
            case Adopt():
                before = run.trainer.design
                run.adopt(command.design)
                self.messages.put(Adopted(run.trainer.position, before, run.trainer.design))
            case SetWeights():
                run.set_weights(command.weights)
                self.messages.put(WeightsChanged(run.trainer.position, tuple(command.weights)))
                self.snapshots.want()
            case Inspect():
                self.messages.put(run.inspected())
            case LetItGo():
                self._safe.let_go(run)
            case _:
                pass  # a button was pressed twice: the session is already in the requested state

    def _make(self, command: Making) -> None:
        """Replace the network."""
        if isinstance(command, Branch | OpenRecording) and self._run is not None:
            self._run.recording.flush()  # it may be this run's own recording
        found = self._maker.make(command, self._data, self.threads, self._quitting.is_set)
        if isinstance(found, OtherData | PreprocessAsked):
            self.messages.put(found)
        else:
            self._replace(found, command.path if isinstance(command, OpenModel) else None)

    @property
    def _data(self) -> OpenData | None:
        """The data set that is open."""
        return self._run.data if self._run is not None and self._run.has_images else None

    def _replace(self, found: OpenedModel, path: Path | None) -> None:
        """Replace the trainer, and possibly the data set."""
        trainer = found.trainer
        try:
            gone = self._kept()
        except NotKeptError:
            trainer.close()
            raise
        if self._run is not None:
            if self._state in (State.RUNNING, State.PAUSED):
                self._end(self._run, finished=False)
            self._run.close()
        self._run = TrainingRun(found, self.threads, self._recordings)
        names = found.data.names_for(trainer.design.classes)
        self._breaks.follow(self._run, names, found.losses)
        self._safe.begin(self._run, path)
        self.messages.put(found.prepared(names))
        if found.goes_on:
            self._run.go_on()
        self._set_state(State.PAUSED if found.goes_on else State.IDLE)
        if self._ahead.is_busy:
            self._ahead.start(trainer.design)  # the next run's kernels first
        if gone is not None:
            self.messages.put(gone)

    def _kept(self) -> LetGo | None:
        """Keep the trained network in a file before it is replaced; returns the message about that, if any."""
        run = self._run
        path = None if run is None else self._safe.keep(run)
        if run is None or path is None:
            return None
        return LetGo(path, run.trainer.design.name, run.data.name, run.trainer.position, run.test_accuracy)

    def _quit(self, command: Quit) -> None:
        try:
            if not command.anyway:
                self._kept()
            self._open = False
        except NotKeptError as error:
            self._quitting.clear()
            self.answers.put(str(error))

    def _tend(self) -> None:
        if self._run is None:
            return
        try:
            self._safe.tend(self._run)
        except OSError as error:
            self.messages.put(NotKept(sentence(error), stays=False))

    def _tell_of_ahead(self, message: CompilingAhead) -> None:
        """Called in the thread that reads the compiler's messages."""
        self.messages.put(message)
        self._asked.set()

    def _start(self, run: TrainingRun, *, hold: bool) -> None:
        if not run.has_images:
            raise ConvvizError(run.missing)
        gone = self._kept()
        if self._state in (State.RUNNING, State.PAUSED):
            self._end(run, finished=False)
        run.begin()
        self._breaks.follow(run)
        self._safe.begin(run)
        self.messages.put(RunStarted(run.trainer.position))
        self._go(hold=hold)
        if gone is not None:
            self.messages.put(gone)

    def _go(self, *, hold: bool) -> None:
        self._hold_after_one = hold
        self._set_state(State.RUNNING)

    def _hold(self, run: TrainingRun) -> None:
        """Pause the run, after one more minibatch if the network before the last one was not kept."""
        if run.should_train_on:
            self._advance(keep=True)
        if self._state is State.RUNNING:  # it has not failed
            self._set_state(State.PAUSED)

    def _advance(self, *, keep: bool = False) -> None:
        run = self._run
        if run is None:
            return
        try:
            event = self.drawing_cost.advance(run, keep=keep or self._hold_after_one, wanted=self.snapshots.wanted)
        except (ConvvizError, MemoryError) as error:
            self._breaks.failed(error)
            step = run.trainer.position.step + 1
            self.messages.put(Failed(sentence(error), diverged=isinstance(error, NonFiniteError), step=step))
            self._end(run, finished=False)
            return
        if self._ahead.is_busy and not isinstance(event, Compiling):
            self._ahead.stop()  # it has compiled for this run, too; now it would only slow it down
        if event is None:
            self._end(run, finished=True)
            return
        if not isinstance(event, Held):
            self.messages.put(event)
            self._tell_of_layers()
        if isinstance(event, EpochDone):
            self._safe.epoch_ended()
        if self._breaks.holds(event) or (self._hold_after_one and isinstance(event, MinibatchDone)):
            self._set_state(State.PAUSED)

    def _end(self, run: TrainingRun, *, finished: bool) -> None:
        run.end()
        self.messages.put(RunEnded(finished, run.trainer.position))
        self._set_state(State.IDLE)

    def _set_state(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            if state is not State.RUNNING:
                self._safe.ask()
                self._tell_of_layers()
            self.messages.put(StateChanged(state))
        self.snapshots.want()

    def _show(self) -> None:
        run, holds = self._run, self._state is not State.RUNNING
        if run is None or not self.snapshots.wanted or (run.layers.awaits_change and not holds):
            return
        with self.drawing_cost.making():
            self.snapshots.post(run.snapshot(self._watched, self._drawn, holds=holds))
        self._tell_of_layers()

    def _tell_of_layers(self) -> None:
        for message in () if self._run is None else self._run.layers.news(holds=self._state is not State.RUNNING):
            self.messages.put(message)
