"""Watches a run for its breakpoints."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable

from convviz.core.errors import NonFiniteError
from convviz.run.breakpoints.condition import RECENT, Breakpoint, Hit, NotFinite
from convviz.run.breakpoints.judge import Judge
from convviz.run.minibatch.facts import Facts, Watched, first_test_image
from convviz.run.pins.meter import PinMeter
from convviz.run.pins.pin import Pin
from convviz.training.events import EpochDone
from convviz.training.pass_done import PassDone
from convviz.training.trainer import Trainer


class Watcher:
    """Judges all breakpoints between backward and update of every minibatch, and after every epoch.

    Parameters
    ----------
    breakpoints : iterable of Breakpoint
    told : callable
        Gets every hit.
    watched : callable, optional
        Split and row of the image that is watched.
    class_names : tuple of str
    meter : PinMeter, optional
        Measures pinned numbers in the same passes.

    Attributes
    ----------
    hits : Counter
        How often each breakpoint was hit in this run, by its number.
    """

    def __init__(
        self,
        breakpoints: Iterable[Breakpoint],
        told: Callable[[Hit], object],
        *,
        watched: Watched = first_test_image,
        class_names: tuple[str, ...] = (),
        meter: PinMeter | None = None,
    ) -> None:
        self.hits: Counter[int] = Counter()
        self._told = told
        self._watched = watched
        self._class_names = class_names
        self._meter = meter or PinMeter()
        self._judges: dict[int, Judge] = {}
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._trainer: Trainer | None = None
        self._step = -1
        """The minibatch that was judged last."""
        self._known = -1
        """The minibatch whose loss is the last of the recent ones."""
        self.set(breakpoints)

    @property
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """Those that are set, on or off."""
        return tuple(judge.point for judge in self._judges.values())

    def set(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Watch for these; those that stay as they are remember what they saw."""
        before = self._judges
        self._judges = {}
        for point in breakpoints:
            known = before.get(point.number)
            if known is None or known.point.condition != point.condition or not known.point.is_on:
                known = Judge(point, self._class_names)
            known.point = point
            self._judges[point.number] = known
        self._listen()

    def follow(
        self, trainer: Trainer, class_names: tuple[str, ...] | None = None, losses: Iterable[float] | None = None
    ) -> None:
        """Watch this trainer's run from its position on; counts start at 0.

        Parameters
        ----------
        trainer : Trainer
        class_names : tuple of str, optional
        losses : iterable of float, optional
            Of the minibatches up to there, the last one last. Unless given, those that the trainer knows: of its epoch.
        """
        if class_names is not None:
            self._class_names = class_names
        if self._trainer is not None:
            self._trainer.holds = None
        self._trainer = trainer
        self._judges = {number: Judge(judge.point, self._class_names) for number, judge in self._judges.items()}
        self._recent.clear()
        self._recent.extend((loss for loss, _ in trainer.losses) if losses is None else losses)
        self._known = trainer.position.step
        self.hits.clear()
        self._step = -1
        self._meter.begin()
        self._listen()

    def set_pins(self, pins: Iterable[Pin]) -> None:
        """Measure these pins; they were checked."""
        self._meter.set(pins)
        self._listen()

    def passed(self) -> None:
        """A minibatch was trained: another one comes."""
        if self._meter.pinned:  # not all are measured in every one
            self._listen()

    def _listen(self) -> None:
        """Be asked before the next update only if there is something to see there: asking costs the fast path."""
        if self._trainer is not None:
            is_due = self._meter.is_due(self._trainer.position.step + 1)
            self._trainer.holds = self.holds if is_due or self._watches else None

    @property
    def _watches(self) -> bool:
        """Whether a breakpoint is on that has to be judged before updates."""
        return any(judge.point.is_on for judge in self._judges.values() if not is_always(judge.point))

    def holds(self, done: PassDone) -> bool:
        """Judge a minibatch before its update; whether to hold there."""
        trainer = self._trainer
        if trainer is None or done.position.step == self._step:
            return False  # it held there, the run was stopped and goes on
        self._step = done.position.step
        facts = Facts(trainer, done, tuple(self._recent), self._watched)
        if self._meter.is_due(self._step) and done.error is None:
            self._meter.measure(facts)
        hits = [hit for judge in self._on if (hit := judge.pass_done(facts, trainer)) is not None]
        self.remember(self._step, done.loss)
        return self._tell(hits)

    def remember(self, step: int, loss: float) -> None:
        """Keep the loss of a minibatch for those that follow; once, though it may have been judged too."""
        if step == self._known and self._recent:
            self._recent.pop()  # weights may have been edited while it was held
        self._recent.append(loss)
        self._known = step

    def epoch_done(self, event: EpochDone) -> bool:
        """Judge the end of an epoch; whether to hold there."""
        return self._tell([hit for judge in self._on if (hit := judge.epoch_done(event)) is not None])

    def not_finite(self, step: int, error: NonFiniteError) -> None:
        """NaN or infinity arose in this minibatch before any condition was evaluated: the run has ended there."""
        points = [judge.point for judge in self._on if is_always(judge.point)]
        if step != self._step:
            self._tell([Hit(point, step, "The loss or a gradient is not finite", str(error)) for point in points])

    @property
    def _on(self) -> list[Judge]:
        return [judge for judge in self._judges.values() if judge.point.is_on]

    def _tell(self, hits: list[Hit]) -> bool:
        # Marks first, so that the last one told is the one that holds.
        for hit in sorted(hits, key=lambda hit: hit.breakpoint.holds):
            self.hits[hit.breakpoint.number] += 1
            self._told(hit)
        return any(hit.breakpoint.holds for hit in hits)


def is_always(point: Breakpoint) -> bool:
    """Whether training ends there by itself, before the update, so that no condition has to be evaluated."""
    return isinstance(point.condition, NotFinite)
