"""A training session: one thread that owns the network and obeys commands.

    idle ──train──▶ running ◀─resume── paused        (step: one minibatch, then paused)
      ▲               │  └────pause──────▲
      └───stop/done───┴──────stop────────┘      (and resume from idle, where a run was stopped or has epochs left)

Commands come through a queue and are applied between two events of the trainer. What must not be lost (loss points,
errors, changes of state) goes out through an ordered queue; pictures go out through a mailbox that keeps the newest.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

from convviz.core.errors import ConvvizError
from convviz.core.network import Network
from convviz.run.commands import (
    Adopt,
    Command,
    Identify,
    Inspect,
    Keep,
    OpenModel,
    Pause,
    Prepare,
    Quit,
    Resume,
    SetLearningRate,
    SetWeights,
    StepMinibatch,
    Stop,
    Train,
    Watch,
)
from convviz.run.keeper import Keeper
from convviz.run.mailbox import Mailbox
from convviz.run.messages import (
    Busy,
    Failed,
    Identified,
    Inspected,
    Message,
    NotSaved,
    Origin,
    OtherData,
    Prepared,
    RunEnded,
    RunStarted,
    State,
    StateChanged,
)
from convviz.run.model import Model, OpenData
from convviz.run.record import RunRecord
from convviz.run.taking_up import opened, take_up
from convviz.training.blas import OneBlasThread
from convviz.training.events import Event, MinibatchDone
from convviz.training.snapshot import Snapshot, take_snapshot
from convviz.training.trainer import Trainer


class Session:
    """Owns the network; :meth:`serve` is the body of its thread.

    Parameters
    ----------
    threads : int
        Threads of the trainer.

    Attributes
    ----------
    messages : queue.SimpleQueue
        Everything that must not be lost, in order.
    snapshots : Mailbox
        The newest picture.
    """

    def __init__(self, *, threads: int = 2) -> None:
        self.messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self.snapshots: Mailbox[Snapshot] = Mailbox()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._asked = threading.Event()
        self._threads = threads
        self._state = State.EMPTY
        self._trainer: Trainer | None = None
        self._run: Iterator[Event] | None = None
        self._record = RunRecord()
        self._data: OpenData | None = None
        self._keeper = Keeper(self.messages)
        self._watched = Watch("test", 0)
        self._hold_after_one = False
        self._open = True

    # --- called from any thread --------------------------------------------------------------------------------

    def send(self, command: Command) -> None:
        """Queue a command."""
        self._commands.put(command)
        self._asked.set()

    def want_snapshot(self) -> None:
        """Ask for a picture; it is made at the next step boundary."""
        self.snapshots.want()
        self._asked.set()

    # --- the session's thread ----------------------------------------------------------------------------------

    def serve(self) -> None:
        """Obey commands until :class:`Quit`."""
        # Held between two trainers too: OpenBLAS would start its threads, only to end them again.
        blas = OneBlasThread()
        try:
            while self._open:
                self._obey_all()
                if self._state is State.RUNNING:
                    self._advance()
                self._show()
                if self._state is not State.RUNNING and self._open:
                    self._asked.wait()
                    self._asked.clear()
        finally:
            self._keeper.close()
            self._close_trainer()
            blas.release()

    def _obey_all(self) -> None:
        while self._open:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            self._obey(command)

    def _obey(self, command: Command) -> None:
        try:
            match command:
                case Prepare():
                    self._prepare(command)
                case Train() if self._trainer is not None:
                    self._start(hold=False)
                case Resume() if self._state in (State.PAUSED, State.IDLE):
                    self._resume()
                case StepMinibatch() if self._state is State.IDLE:
                    self._start(hold=True)
                case StepMinibatch() if self._state is State.PAUSED:
                    self._go(hold=True)
                case Pause() if self._state is State.RUNNING:
                    self._set_state(State.PAUSED)
                case Stop() if self._state in (State.RUNNING, State.PAUSED):
                    self._end(finished=False)
                case Watch():
                    self._watched = command
                    self.snapshots.want()
                case SetLearningRate() if self._trainer is not None:
                    self._trainer.set_learning_rate(command.rate)
                case Adopt() if self._trainer is not None:
                    self._trainer.adopt(command.design)
                case SetWeights() if self._trainer is not None:
                    for name, weight in command.weights.items():
                        self._trainer.network.set_weight(name, weight)
                    self.snapshots.want()
                case Inspect() if self._trainer is not None:
                    arrays = {name: array.copy() for name, array in self._trainer.network.arrays.items()}
                    self.messages.put(Inspected(self._trainer.design, arrays, self._trainer.position))
                case Keep():
                    self._keep(command)
                case OpenModel():
                    self._open_model(command)
                case Identify():
                    self.messages.put(Identified(command.path, command.is_model(command.path), command.as_model))
                case Quit():
                    self._open = False
                case _:
                    pass  # a button pressed twice: the state it asks for is there already
        except (ConvvizError, ValueError, OSError, MemoryError) as error:
            self.messages.put(Failed(sentence(error)))

    def _prepare(self, command: Prepare) -> None:
        self.messages.put(Busy(f"Opening {command.data.name}" if command.data else "Making the network"))
        try:
            data = opened(command.data) if command.data else self._data
            if data is None:
                raise ConvvizError("no data set is open")
            trainer = Trainer(command.design, data.train, data.test, threads=self._threads)
        finally:
            self.messages.put(Busy(""))
        self._replace(trainer, data)

    def _replace(self, trainer: Trainer, data: OpenData, origin: Origin | None = None) -> None:
        """Another trainer, and perhaps another data set, take the place of those before."""
        if self._state in (State.RUNNING, State.PAUSED):
            self._end(finished=False)
        self._close_trainer()
        self._trainer, self._run, self._data, self._record = trainer, None, data, RunRecord()
        self.messages.put(Prepared(trainer.design, data.name, data.train, data.test, origin))
        if origin is not None and origin.goes_on and origin.position.step:
            self._record = RunRecord(origin.model.epochs, origin.model.seconds)
            self._run = trainer.run()
            self._set_state(State.PAUSED)
        else:
            self._set_state(State.IDLE)

    def _open_model(self, command: OpenModel) -> None:
        self.messages.put(Busy(f"Opening {command.model.name}"))
        try:
            taken = take_up(command, self._data, self._threads)
        finally:
            self.messages.put(Busy(""))
        if isinstance(taken, OtherData):
            self.messages.put(taken)
        else:
            self._replace(taken.trainer, taken.data, taken.origin)

    def _keep(self, command: Keep) -> None:
        trainer, data = self._trainer, self._data
        if trainer is None or data is None:
            self.messages.put(NotSaved(command.name, f"{command.name}: there is no network to save yet"))
            return
        arrays = {name: array.copy() for name, array in trainer.network.arrays.items()}
        model = Model(trainer.design, arrays, trainer.standing(), self._record.epochs, self._record.seconds)
        used = OpenData(data.name, trainer.train, trainer.test)
        self._keeper.keep(command.name, trainer.position, partial(command.write, model, used))

    def _start(self, *, hold: bool) -> None:
        if self._trainer is None or self._data is None:
            return
        if self._state in (State.RUNNING, State.PAUSED):
            self._end(finished=False)
        if self._trainer.position.step:
            design, data = self._trainer.design, self._data
            self._close_trainer()
            self._trainer = Trainer(design, data.train, data.test, network=Network(design), threads=self._threads)
        self._run, self._record = self._trainer.run(), RunRecord()
        self.messages.put(RunStarted(self._trainer.position))
        self._go(hold=hold)

    def _resume(self) -> None:
        """Go on with a run that holds, one that was stopped, or one that got more epochs after its end."""
        if self._state is State.IDLE:
            if self._trainer is None or not self._trainer.position.step:
                return
            self._run = self._trainer.run()
        self._go(hold=False)

    def _go(self, *, hold: bool) -> None:
        self._hold_after_one = hold
        self._set_state(State.RUNNING)

    def _advance(self) -> None:
        if self._run is None:
            return
        began = time.perf_counter()
        try:
            event = next(self._run)
        except StopIteration:
            self._end(finished=True)
            return
        except (ConvvizError, MemoryError) as error:
            self.messages.put(Failed(sentence(error)))
            self._run = None
            self._end(finished=False)
            return
        self._record.add(event, time.perf_counter() - began)
        self.messages.put(event)
        if self._hold_after_one and isinstance(event, MinibatchDone):
            self._set_state(State.PAUSED)

    def _end(self, *, finished: bool) -> None:
        if self._trainer is None:
            return
        self._run = None
        self.messages.put(RunEnded(finished, self._trainer.position))
        self._set_state(State.IDLE)

    def _set_state(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.messages.put(StateChanged(state))
        self.snapshots.want()

    def _show(self) -> None:
        if not self.snapshots.wanted or self._trainer is None:
            return
        trainer, watched = self._trainer, self._watched
        split = trainer.test if watched.split == "test" else trainer.train
        self.snapshots.post(
            take_snapshot(trainer.network, split, watched.split, watched.sample, trainer.position, trainer.gradients())
        )

    def _close_trainer(self) -> None:
        if self._trainer is not None:
            self._trainer.close()
            self._trainer = None


def sentence(error: BaseException) -> str:
    """The reason in one sentence."""
    if isinstance(error, MemoryError):
        return "there is not enough memory for this network at this batch size"
    return str(error) or type(error).__name__


def run_in_thread(session: Session) -> threading.Thread:
    """Serve a session in a plain thread (tests, scripts); the window uses a QThread."""
    thread = threading.Thread(target=session.serve, name="convviz-session", daemon=True)
    thread.start()
    return thread


def drain(session: Session, until: Callable[[Message], bool], seconds: float = 60.0) -> list[Message]:
    """Messages up to and including the first for which ``until`` holds.

    Raises
    ------
    TimeoutError
    """
    found: list[Message] = []
    end = time.monotonic() + seconds
    while True:
        try:
            found.append(session.messages.get(timeout=max(end - time.monotonic(), 0.001)))
        except queue.Empty:
            raise TimeoutError(f"no such message within {seconds:g} s; the last was {found[-1:]}") from None
        if until(found[-1]):
            return found
