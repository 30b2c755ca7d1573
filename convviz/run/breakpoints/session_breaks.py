"""The breakpoints of a session: they outlive its runs, and every hit is sent to the window and recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from convviz.core.errors import NonFiniteError
from convviz.run.breakpoints.condition import Breakpoint, Hit
from convviz.run.breakpoints.grammar import ConditionError, check_condition
from convviz.run.breakpoints.watcher import Watcher
from convviz.run.commands import HoldAfterEpoch, SetBreakpoints, SetPins, Watch
from convviz.run.messages import Message
from convviz.run.pins.meter import PinMeter
from convviz.run.pins.pin import Pin, PinError, check_pin
from convviz.run.training_run import TrainingRun
from convviz.storage.recording.rows import RunEvent
from convviz.training.events import EpochDone, Event, Held, MinibatchDone


class SessionBreaks:
    """Watches the run of a session.

    Parameters
    ----------
    put : callable
        Gets the messages.
    """

    def __init__(self, put: Callable[[Message], object]) -> None:
        self._put = put
        self._run: TrainingRun | None = None
        self._watched = "test", 0
        self._pins: tuple[Pin, ...] = ()
        self._after_epoch = False
        """Whether to hold at the end of this epoch, unless it is the last one."""
        self._watcher = Watcher((), self._told, watched=lambda: self._watched, meter=PinMeter(put))

    def obey(self, command: SetBreakpoints | SetPins | HoldAfterEpoch) -> None:
        """Watch for other breakpoints, measure other pins, or hold at the end of this epoch.

        Raises
        ------
        ConditionError
        """
        match command:
            case SetBreakpoints(points):
                self.set(points)
            case SetPins(pins):
                self.set_pins(pins)
            case HoldAfterEpoch(is_on):
                self._after_epoch = is_on

    def set(self, points: Iterable[Breakpoint]) -> None:
        """Watch for these.

        Raises
        ------
        ConditionError
            One of them asks for an array that the network doesn't have; nothing changes then.
        """
        given = tuple(points)
        if self._run is not None:
            for point in given:
                if point.is_on:
                    check_condition(point.condition, self._run.trainer.design)
        self._watcher.set(given)

    def set_pins(self, pins: Iterable[Pin]) -> None:
        """Measure these pinned numbers; those that the network can't be asked for wait for another one."""
        self._pins = tuple(pins)
        self._watcher.set_pins(self._fitting())

    def _fitting(self) -> Iterator[Pin]:
        if self._run is None:
            return
        for pin in self._pins:
            with suppress(PinError):
                check_pin(pin.text, self._run.trainer.design)
                yield pin

    def watch(self, command: Watch) -> None:
        """Another image is watched."""
        self._watched = command.split, command.sample

    def follow(
        self, run: TrainingRun, class_names: tuple[str, ...] | None = None, losses: Iterable[float] | None = None
    ) -> None:
        """A run begins, or another network is there. What doesn't fit it is no longer watched for.

        Parameters
        ----------
        run : TrainingRun
        class_names : tuple of str, optional
        losses : iterable of float, optional
            Of the minibatches before, as far as they are known.
        """
        self._run, self._after_epoch = run, False
        fitting = []
        for point in self._watcher.breakpoints:
            try:
                check_condition(point.condition, run.trainer.design)
            except ConditionError:
                continue
            fitting.append(point)
        self._watcher.set(fitting)
        self._watcher.follow(run.trainer, class_names, losses)
        self._watcher.set_pins(self._fitting())

    def holds(self, event: Event) -> bool:
        """Whether training holds at an event."""
        if isinstance(event, MinibatchDone):
            self._watcher.remember(event.position.step, event.loss)
            self._watcher.passed()
        if not isinstance(event, EpochDone):
            return isinstance(event, Held)
        is_hit, is_wanted, self._after_epoch = self._watcher.epoch_done(event), self._after_epoch, False
        return is_hit or (is_wanted and self._run is not None and self._run.trainer.has_more)

    def failed(self, error: BaseException) -> None:
        """The run ended; where NaN or infinity arose, a breakpoint for that was hit."""
        if isinstance(error, NonFiniteError) and self._run is not None:
            self._watcher.not_finite(self._run.trainer.position.step + 1, error)

    def _told(self, hit: Hit) -> None:
        if self._run is not None:
            self._run.recording.mark(RunEvent(hit.at, "hit" if hit.breakpoint.holds else "mark", hit.sentence))
        self._put(hit)
