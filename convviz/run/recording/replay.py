"""Replays a recorded run: the network at any step, by training on from the key point before it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType

from convviz.core.arrays import Array
from convviz.core.design import Design
from convviz.core.errors import ConvvizError
from convviz.core.network import Network
from convviz.core.seeds import image_order
from convviz.files.cancel import Cancelled, go_on
from convviz.storage.network_state import NetworkState
from convviz.storage.recording.errors import RecordingError
from convviz.storage.recording.head import this_machine
from convviz.storage.recording.read import Recording
from convviz.storage.recording.rows import KeyPoint, RunEvent, place_at
from convviz.training.events import MinibatchDone, Position
from convviz.training.images import Split
from convviz.training.minibatch import Minibatch
from convviz.training.pass_done import PassDone
from convviz.training.trainer import Trainer

__all__ = ["Agreement", "Replayer"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a replay compares with what was recorded, over the minibatches since the key point.

    Parameters
    ----------
    step : int
    recorded, replayed : float
        Loss of the last minibatch that was replayed; NaN if none was.
    largest : float
        Largest difference of a loss; 0 if all are equal bit for bit.
    count : int
        Minibatches that were replayed.
    reason : str
        Why this machine may round differently; empty if nothing is known that would explain it.
    """

    step: int
    recorded: float = math.nan
    replayed: float = math.nan
    largest: float = 0.0
    count: int = 0
    reason: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether every replayed loss is the recorded one."""
        return self.largest == 0.0

    @property
    def words(self) -> str:
        """One sentence for the user."""
        if not self.count:
            return "as it was recorded"
        if self.is_exact:
            return "replayed bit for bit"
        why = self.reason or "the recorded and the replayed run differ on this machine, and no reason is known"
        return f"replayed with a loss of {self.replayed:.6g}, recorded {self.recorded:.6g}: {why}"


class Replayer:
    """A trainer of its own that goes to any step of a recording; the recorded run may go on meanwhile.

    Used by one thread.

    Parameters
    ----------
    recording : Recording
    train, test : Split
        The images that the run was trained on.
    threads : int
        The result is the same with any number.

    Attributes
    ----------
    looks : callable, optional
        Called with every replayed pass, before its update.
    """

    def __init__(self, recording: Recording, train: Split, test: Split, *, threads: int = 2) -> None:
        self.recording = recording
        self._images = train, test
        self._threads = threads
        self._head = recording.head
        self._trainer: Trainer | None = None
        self._step = -1
        self._rate = 0.0
        self._fresh = True
        """Whether no minibatch was trained since the arrays were loaded, so that there are no gradients."""
        self._orders: tuple[int, Array] | None = None
        self._reason = self._head.machine.difference(this_machine())
        self.agreement = Agreement(-1)
        self._losses: dict[int, float] = {}
        """Recorded losses of the coming minibatches, by step."""
        self._events: dict[int, list[RunEvent]] = {}
        self._begun = 0.0
        self.looks: Callable[[PassDone], object] | None = None

    def __enter__(self) -> Replayer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the trainer's threads."""
        if self._trainer is not None:
            self._trainer.close()
            self._trainer = None

    @property
    def trainer(self) -> Trainer:
        """The trainer, at the current step."""
        assert self._trainer is not None
        return self._trainer

    @property
    def arrays(self) -> Mapping[str, Array]:
        """The network's arrays at the current step."""
        return self.trainer.network.arrays

    @property
    def design(self) -> Design:
        """With the settings of that moment."""
        return self.trainer.design

    @property
    def step(self) -> int:
        """The current step; -1 before the first :meth:`go_to`."""
        return self._step

    @property
    def learning_rate(self) -> float:
        """The base rate that the next minibatch is trained with."""
        return self._rate

    def gradients(self) -> dict[str, Array]:
        """Copies of the gradients of the last minibatch; empty if none was replayed."""
        return {} if self._fresh else self.trainer.gradients()

    def go_to(
        self,
        step: int,
        *,
        before: bool = False,
        cancelled: Cancelled | None = None,
        passed: Callable[[MinibatchDone], object] | None = None,
    ) -> None:
        """Replay to the network as it was after ``step`` minibatches.

        Parameters
        ----------
        step : int
        before : bool
            Train at least the last minibatch, if the recording has one, so that its gradients are there.
        cancelled : callable, optional
            Asked between two minibatches whether to give up; the replay then stops on the way.
        passed : callable, optional
            Called with every minibatch on the way.

        Raises
        ------
        RecordingError
            There is no such step.
        LoadCancelledError
            ``cancelled`` said yes.
        """
        with self.recording.steady():
            self._refuse(step)
            self._events = by_step(self.recording.events())
            point = self._point_for(step, before=before)
            is_on_the_way = self._trainer is not None and point.step <= self._step <= step
            lacks_pass = before and self._step == step and self._fresh and point.step < step
            state = None if is_on_the_way and not lacks_pass else self.recording.state(point)
        if state is not None:
            self._load(point, state, cancelled)
        self._set_events(self._step)
        while self._step < step:
            go_on(cancelled)
            done = self._train()
            if passed is not None:
                passed(done)

    def walk_to(self, step: int, *, cancelled: Cancelled | None = None) -> None:
        """Train every minibatch from the current step to ``step``, even if a key point lies between.

        Parameters and errors are those of :meth:`go_to`.
        """
        self._refuse(step)
        while self._step < step:
            go_on(cancelled)
            self._train()
            if any(event.kind == "weights" for event in self._events.get(self._step, ())):
                self.go_to(self._step, cancelled=cancelled)

    def minibatch(
        self, step: int, *, cancelled: Cancelled | None = None, passed: Callable[[MinibatchDone], object] | None = None
    ) -> Minibatch:
        """The minibatch that led to ``step``, with the network before and after it.

        ``cancelled`` and ``passed`` are those of :meth:`go_to`.

        Raises
        ------
        RecordingError
            There is no such minibatch.
        """
        if step <= self._head.begin:
            raise self._error(step, f"a minibatch from step {self._head.begin + 1:,} on, where recording began")
        self._refuse(step)
        coming = self.coming(step, cancelled=cancelled, passed=passed)
        self._train()
        after = {name: array.copy() for name, array in self.trainer.network.arrays.items()}
        return replace(coming, after=after)

    def coming(
        self, step: int, *, cancelled: Cancelled | None = None, passed: Callable[[MinibatchDone], object] | None = None
    ) -> Minibatch:
        """The minibatch with number ``step`` before its update, which may be the one after the last recorded one.

        ``cancelled`` and ``passed`` are those of :meth:`go_to`.

        Raises
        ------
        RecordingError
            The step before it is not there, or there is no minibatch after that one.
        """
        self.go_to(step - 1, cancelled=cancelled, passed=passed)
        self._start_epoch()
        found = self.trainer.upcoming()
        if found is None:
            raise self._error(step, "a minibatch of the run")
        return found

    def state(self) -> NetworkState:
        """A copy of the network, and its position in training."""
        trainer, recording = self.trainer, self.recording
        arrays = {name: array.copy() for name, array in trainer.network.arrays.items()}
        place = recording.place(self._step, self._rate)
        data = self._head.data.fingerprint
        return NetworkState(trainer.design, arrays, place, recording.epochs_until(self._step), self._begun, data)

    @property
    def position(self) -> Position:
        """Position of the run at the current step."""
        return self.trainer.position

    # --- on the way ------------------------------------------------------------------------------------------------

    def _train(self) -> MinibatchDone:
        """Train the next minibatch, and compare its loss."""
        trainer, step = self.trainer, self._step
        self._start_epoch()
        epoch, number = divmod(step, self._head.minibatches)
        size = trainer.batch_size
        done = trainer.train_on(self._order(epoch + 1)[number * size : (number + 1) * size], self.looks)
        assert isinstance(done, MinibatchDone)
        self._step, self._fresh = step + 1, False
        self._compare(done)
        self._set_events(self._step)
        return done

    def _start_epoch(self) -> None:
        """Move from the end of an epoch to the beginning of the next one, without evaluation."""
        minibatches = self._head.minibatches
        if self._step % minibatches == 0:
            place = replace(
                place_at(self._step, minibatches, self._step // minibatches, learning_rate=self._rate),
                epoch=self._step // minibatches + 1,
                minibatch=0,
                evaluated=self._step // minibatches,
            )
            self.trainer.go_on_from(place)

    def _order(self, epoch: int) -> Array:
        if self._orders is None or self._orders[0] != epoch:
            self._orders = epoch, image_order(self.trainer.design.training.seed, epoch, len(self.trainer.train))
        return self._orders[1]

    def _compare(self, done: MinibatchDone) -> None:
        known = self._losses.get(self._step)
        if known is None:
            curve = self.recording.minibatches(self._step, self._step + 255)
            self._losses = dict(zip(curve.steps.tolist(), curve.loss.tolist(), strict=True))
            known = self._losses.get(self._step, math.nan)
        difference = abs(done.loss - known)
        before = self.agreement
        self.agreement = Agreement(
            self._step,
            known,
            done.loss,
            max(before.largest, difference) if difference == difference else before.largest,
            before.count + 1,
            self._reason,
        )

    def _set_events(self, step: int) -> None:
        """Repeat the user's edits after ``step`` minibatches."""
        for event in self._events.get(step, ()):
            if event.kind == "learning_rate" and event.value is not None:
                self._rate = event.value
                self.trainer.set_learning_rate(event.value)
            elif event.kind == "design" and event.design is not None:
                design = self.recording.design(event.design)
                if design != self.trainer.design:
                    self.trainer.adopt(design)
                self._rate = design.training.optimiser.lr
                self.trainer.set_learning_rate(self._rate)

    def _point_for(self, step: int, *, before: bool) -> KeyPoint:
        """The key point to begin from."""
        points = [point for point in self.recording.key_points() if point.step <= step]
        if not points:
            raise self._error(step, f"a step from {self._head.begin:,} on")
        earlier = [point for point in points if point.step < step]
        # Replay can't cross an edit of weights: the network after it is another one.
        is_edit = any(event.kind == "weights" for event in self._events.get(step, ()))
        return earlier[-1] if before and earlier and not is_edit else points[-1]

    def _load(self, point: KeyPoint, state: NetworkState, cancelled: Cancelled | None) -> None:
        """Load a key point."""
        trainer = self._trainer
        if trainer is None or trainer.design != state.design:
            self.close()
            network = Network(state.design, precision=state.precision, weights=state.arrays)
            trainer = Trainer(state.design, *self._images, network=network, threads=self._threads)
            self._trainer = trainer
        else:
            for name, array in state.arrays.items():
                trainer.network.set_weight(name, array)
        trainer.go_on_from(state.place)
        for _ in trainer.compile():
            go_on(cancelled)
        self._step, self._rate, self._fresh = point.step, point.learning_rate, True
        self._begun = point.seconds
        self._losses = {}
        self.agreement = Agreement(point.step, reason=self._reason)

    def _refuse(self, step: int) -> None:
        first, last = self._head.begin, self.recording.last_step
        if not first <= step <= last:
            raise self._error(step, f"a step from {first:,} to {last:,}")

    def _error(self, step: int, wanted: str) -> ConvvizError:
        return RecordingError(f"{self.recording.path}: expected {wanted}, got {step:,}")


def by_step(events: tuple[RunEvent, ...]) -> dict[int, list[RunEvent]]:
    """Events by the step at which they happened, in order."""
    found: dict[int, list[RunEvent]] = {}
    for event in events:
        found.setdefault(event.step, []).append(event)
    return found
