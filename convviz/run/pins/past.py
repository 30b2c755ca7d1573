"""Pinned numbers of minibatches that are over, by replay."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from convviz.core.expressions.check import check_number
from convviz.core.expressions.evaluate import evaluate
from convviz.core.expressions.parse import parse
from convviz.files.cancel import Cancelled, go_on
from convviz.run.minibatch.facts import Facts, first_test_image
from convviz.run.pins.pin import Pin, PinsMeasured
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.rows import KeyPoint
from convviz.training.pass_done import PassDone

MOST = 160
"""Minibatches that are measured of a run."""


def steps_to_measure(points: Sequence[KeyPoint], last: int, most: int = MOST) -> list[int]:
    """The minibatches right after some key points, which are the quickest to replay; the ends first, then between."""
    steps = sorted({point.step + 1 for point in points if point.step < last})
    if len(steps) > most:
        steps = [steps[number * (len(steps) - 1) // (most - 1)] for number in range(most)]
    ordered: list[int] = []
    stride = 1
    while stride < len(steps):
        stride *= 2
    while stride:
        ordered += [steps[number] for number in range(0, len(steps), stride) if steps[number] not in set(ordered)]
        stride //= 2
    return ordered


def measure_past(
    replayer: Replayer,
    pins: Sequence[Pin],
    steps: Sequence[int],
    tell: Callable[[PinsMeasured], object],
    cancelled: Cancelled | None = None,
) -> None:
    """Measure pins in the passes of some minibatches.

    Raises
    ------
    RecordingError
    ExpressionError
        The network does not have what a pin asks for.
    LoadCancelledError
    """
    expressions = [parse(pin.text) for pin in pins]
    numbers = tuple(pin.number for pin in pins)

    def looked(done: PassDone) -> None:
        if done.position.step != wanted:
            return
        facts = Facts(replayer.trainer, done, (), first_test_image)
        values = []
        for expression in expressions:
            check_number(expression, facts.shape_of)
            values.append(float(evaluate(expression, facts.find)))
        tell(PinsMeasured(done.position.step, numbers, tuple(values)))

    replayer.looks = looked
    try:
        for wanted in steps:
            go_on(cancelled)
            replayer.go_to(wanted - 1, cancelled=cancelled)
            replayer.walk_to(wanted, cancelled=cancelled)
    finally:
        replayer.looks = None
