"""Goes back through a recorded run to where a condition last held: by recorded numbers, or by replay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from convviz.core.arrays import Array
from convviz.core.expressions.check import check_truth
from convviz.core.expressions.evaluate import evaluate
from convviz.core.expressions.syntax import Binary, Call, Expression, Unary, names_in
from convviz.files.cancel import Cancelled, go_on
from convviz.run.breakpoints.condition import (
    RECENT,
    AccuracyReaches,
    AtStep,
    Breakpoint,
    ClassFlips,
    Condition,
    FilterDead,
    Hit,
    IsTrue,
    LossAbove,
    SignChanges,
)
from convviz.run.breakpoints.judge import Judge
from convviz.run.minibatch.facts import Facts, Watched, first_test_image
from convviz.run.recorded_run import RecordedPart
from convviz.run.recording.replay import Replayer
from convviz.run.recording.waiting import await_step
from convviz.storage.recording.read import Recording
from convviz.training.events import EpochDone, Position
from convviz.training.images import Split
from convviz.training.pass_done import PassDone

__all__ = ["last_hit", "last_hit_in"]

RECORDED = frozenset({"loss", "accuracy", "step", "epoch"})
"""Names of numbers that the recording has of every minibatch."""
Went = Callable[[int], object]


@dataclass(frozen=True, slots=True, eq=False)
class Around:
    """What other recordings of the same run have around one.

    Parameters
    ----------
    losses : mapping of int to float
        Of the last minibatches before the recording began.
    later : tuple of RecordedPart
        Those that go on where it is left, oldest first.
    images : (Split, Split) or None
        To replay those.
    """

    losses: Mapping[int, float] = field(default_factory=dict)
    later: tuple[RecordedPart, ...] = ()
    images: tuple[Split, Split] | None = None


ALONE = Around()
"""A run in one recording."""


def never() -> bool:
    """Never cancels."""
    return False


def last_hit_in(
    parts: Sequence[RecordedPart],
    images: tuple[Split, Split],
    condition: Condition,
    before: int,
    *,
    threads: int = 2,
    watched: Watched = first_test_image,
    class_names: tuple[str, ...] = (),
    cancelled: Cancelled = never,
    went: Went = lambda step: None,
) -> Hit | None:
    """Like :func:`last_hit` in a run whose past is in several recordings, from its own back to the oldest.

    Parameters
    ----------
    parts : sequence of RecordedPart
        Oldest first. The last may still be written: minibatches up to ``before`` are waited for.
    images : (Split, Split)
        Training and test images.
    condition, before, watched, class_names, cancelled, went
        As for :func:`last_hit`.
    threads : int

    Raises
    ------
    RecordingError, ExpressionError
    LoadCancelledError
    """
    end = before
    for number, part in enumerate(reversed(parts)):
        if part.begin >= end:
            continue
        at = len(parts) - 1 - number
        around = Around(losses_before(parts[:at], part.begin), tuple(parts[at + 1 :]), images)
        with Recording(part.path) as recording, Replayer(recording, *images, threads=threads) as replayer:
            if not number:
                await_step(recording, end, lambda: not cancelled())
            found = last_hit(
                replayer,
                condition,
                min(end, recording.last_step),
                watched=watched,
                class_names=class_names,
                cancelled=cancelled,
                went=went,
                around=around,
                until=before,
            )
        if found is not None:
            return found
        end = part.begin
    return None


def losses_before(parts: Sequence[RecordedPart], step: int) -> dict[int, float]:
    """Losses of the last minibatches up to a step, as far as these recordings, oldest first, have them."""
    found: dict[int, float] = {}
    for part in reversed(parts):
        if step - len(found) < 1 or len(found) >= RECENT:
            break
        with Recording(part.path) as recording:
            curve = recording.minibatches(step - RECENT + 1, step)
        found = dict(zip(curve.steps.tolist(), curve.loss.tolist(), strict=True)) | found
    return found


def last_hit(
    replayer: Replayer,
    condition: Condition,
    before: int,
    *,
    watched: Watched = first_test_image,
    class_names: tuple[str, ...] = (),
    cancelled: Cancelled | None = None,
    went: Went = lambda step: None,
    around: Around = ALONE,
    until: int | None = None,
) -> Hit | None:
    """The last minibatch up to the one with number ``before`` in whose pass the condition was true.

    Parameters
    ----------
    replayer : Replayer
    condition : Condition
        A condition on a change, such as a flip, is found where the change happened.
    before : int
    watched : callable
        The image that a flip is judged by.
    class_names : tuple of str
    cancelled : callable, optional
    went : callable
        Called with the step down to which the run was searched.
    around : Around
        What other recordings of the run have.
    until : int, optional
        A change that begins in this recording may be complete in a later one, up to this step.

    Raises
    ------
    RecordingError, ExpressionError
    LoadCancelledError
    """
    point = Breakpoint(0, condition)
    recording = replayer.recording
    if isinstance(condition, AccuracyReaches):
        return _epoch(recording, Judge(point, class_names, repeats=True), condition, before)
    step = _recorded(recording, condition, before)
    if step is not None:
        if not step:
            return None
        return _judged(replayer, point, step - 1, step, watched, class_names, cancelled, around)
    ends = [one.step for one in recording.key_points() if one.step < before]
    end = before
    for start in reversed(ends):
        last = min(end + overlap(condition), before if until is None else until)
        found = _judged(replayer, point, start, last, watched, class_names, cancelled, around, before)
        if found is not None:
            return found
        end = start
        went(start)
    return None


def overlap(condition: Condition) -> int:
    """Minibatches that a condition remembers: pieces of the run that are judged separately must overlap by as many."""
    if isinstance(condition, FilterDead):
        return condition.steps
    return 1 if isinstance(condition, ClassFlips | SignChanges) else 0


def _judged(
    replayer: Replayer,
    point: Breakpoint,
    start: int,
    end: int,
    watched: Watched,
    class_names: tuple[str, ...],
    cancelled: Cancelled | None,
    around: Around,
    own: int | None = None,
) -> Hit | None:
    """The last hit in the minibatches from ``start + 1`` to ``end``; those after ``own`` are in later recordings."""
    judge = Judge(point, class_names, repeats=True)
    losses = replayer.recording.minibatches(max(start - RECENT, 0) + 1, end if own is None else min(own, end))
    known = {**around.losses, **dict(zip(losses.steps.tolist(), losses.loss.tolist(), strict=True))}
    found: list[Hit] = []

    def walk(by: Replayer, begin: int, last: int) -> None:
        def looked(done: PassDone) -> None:
            now = done.position.step
            if now <= begin:
                return
            recent = [known[step] for step in range(now - RECENT, now) if step in known]
            known[now] = done.loss
            hit = judge.pass_done(Facts(by.trainer, done, recent, watched), by.trainer)
            if hit is not None:
                found.append(hit)

        by.looks = looked
        try:
            go_on(cancelled)
            by.go_to(begin, cancelled=cancelled)
            by.walk_to(last, cancelled=cancelled)
        finally:
            by.looks = None

    walk(replayer, start, end if own is None else min(own, end))
    if own is not None and around.images is not None:
        for number, part in enumerate(around.later):
            last = min([end, *(one.begin for one in around.later[number + 1 : number + 2])])
            if part.begin >= last:
                continue
            with Recording(part.path) as later, Replayer(later, *around.images, threads=1) as by:
                walk(by, part.begin, last)
    return found[-1] if found else None


def _recorded(recording: Recording, condition: Condition, before: int) -> int | None:
    """The same from what every minibatch recorded: 0 if it never held, None if that can't decide."""
    if isinstance(condition, AtStep):
        first = recording.head.begin
        return condition.step if first < condition.step <= before else 0
    if isinstance(condition, LossAbove):
        expression: Expression | None = None
    elif isinstance(condition, IsTrue):
        expression = condition.expression
        if not names_in(expression) <= RECORDED or has_calls(expression):
            return None
        check_truth(expression, lambda name: ())
    else:
        return None
    curve = recording.minibatches(1, before)
    if expression is None:
        assert isinstance(condition, LossAbove)
        is_true = np.asarray(curve.loss) > condition.limit
    else:
        columns: dict[str, Array] = {
            "loss": np.asarray(curve.loss, np.float64),
            "accuracy": np.asarray(curve.accuracy, np.float64),
            "step": np.asarray(curve.steps, np.float64),
            "epoch": (np.asarray(curve.steps) - 1) // recording.head.minibatches + 1.0,
        }
        is_true = np.broadcast_to(evaluate(expression, columns.__getitem__), curve.steps.shape)
    steps = np.asarray(curve.steps)[is_true & (np.asarray(curve.steps) > recording.head.begin)]
    return int(steps[-1]) if len(steps) else 0


def has_calls(expression: Expression) -> bool:
    """Whether a function is called, which would mean something else over the numbers of all minibatches at once."""
    match expression:
        case Call():
            return True
        case Unary():
            return has_calls(expression.operand)
        case Binary():
            return has_calls(expression.left) or has_calls(expression.right)
    return False


def _epoch(recording: Recording, judge: Judge, condition: AccuracyReaches, before: int) -> Hit | None:
    """The last epoch whose accuracy reached the limit; the hit is that of its last minibatch."""
    length = recording.head.minibatches
    epochs = recording.epochs_until(before)
    for number in range(len(epochs), 0, -1):
        one = epochs[number - 1]
        if number * length <= before and one.test_accuracy >= condition.share:
            position = Position(number, length, number * length, len(epochs), length)
            hit = judge.epoch_done(EpochDone.of(position, one))
            return None if hit is None else replace(hit, step=position.step)
    return None
