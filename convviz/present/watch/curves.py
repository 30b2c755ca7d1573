"""Loss and accuracy of the run."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field, replace

import numpy as np

from convviz.present.history import SMOOTHING, History, Values
from convviz.present.numbers import format_value
from convviz.present.series import Series
from convviz.present.watch.layer_curves import LayerCurves, layer_curves
from convviz.present.watch.look import HERE, Look
from convviz.present.watch.strip import StripPicture, strip_picture

RISEN = 1.03
"""Multiple of its lowest value to which the test loss must rise before the lowest point is marked."""


@dataclass(frozen=True, slots=True, eq=False)
class CurvesPicture:
    """The curves of a run.

    Parameters
    ----------
    counts : (int, int, int, int)
        How many runs, minibatches, epochs and changes of edits there have been; curves with equal counts are equal.
    loss, accuracy : tuple of Series
    events : tuple of (int, str)
        What was edited, each with the last step before it.
    moment : int or None
        The step that is looked at; None for the newest.
    guessing : float
        The loss of a network that guesses; NaN if unknown.
    layers : LayerCurves
        What was measured of the layers, and what was seen of the watched image.
    strip : StripPicture
        Several images with the network's answers.
    """

    counts: tuple[int, int, int, int]
    loss: tuple[Series, ...]
    accuracy: tuple[Series, ...]
    events: tuple[tuple[int, str], ...] = ()
    moment: int | None = None
    guessing: float = math.nan
    layers: LayerCurves = field(default_factory=LayerCurves)
    strip: StripPicture = field(default_factory=StripPicture)


def curves_picture(look: Look) -> CurvesPicture:
    """The curves so far."""
    found = run_curves(look.history)
    design = None if look.moment is None else look.moment.design
    guessing = math.nan if design is None else design.training.chance(design.classes)
    past = None if look.past is None else look.past.step
    events = found.events if past is None else (*found.events, (past, HERE))
    layers, strip = layer_curves(look), strip_picture(look)
    return replace(found, events=events, moment=past, guessing=guessing, layers=layers, strip=strip)


def run_curves(history: History) -> CurvesPicture:
    """Values of every minibatch and their running mean, values on all images after every epoch, and edits."""
    counts = history.runs, len(history.minibatches), len(history.epochs), history.edits.revision
    return CurvesPicture(counts, tuple(_loss(history)), tuple(_accuracy(history)), history.edits.sentences())


def _loss(history: History) -> list[Series]:
    steps, losses = history.minibatches.column(0), history.minibatches.column(1)
    ends, means, tests = (history.epochs.column(number) for number in (0, 1, 4))
    # An opened model has minibatches for the last epoch only; earlier epochs have their mean.
    past = int(np.searchsorted(ends, steps[0] if len(steps) else math.inf))
    full = since_full(steps)
    smoothed, running = history.smoothed(1)
    curves = [Series("mean of the epoch", ends[:past], means[:past], "training", "dots")] if past else []
    return [
        *curves,
        _grown(history, "each minibatch", steps, losses, "raw", "raw"),
        _grown(history, smoothed, steps[full:], running[full:], "training", "smooth"),
        _grown(history, "test", ends, tests, "test", "points", dashed=True),
        *_lowest(ends, tests),
    ]


def _lowest(ends: Values, tests: Values) -> list[Series]:
    """The lowest loss on the test images, once it has risen again: what came after may have been learnt by heart."""
    if len(tests) < 3 or not np.isfinite(tests).all():
        return []
    best = int(tests.argmin())
    if tests[-1] <= RISEN * tests[best]:
        return []
    name = f"lowest test {format_value(float(tests[best]), 3)}, epoch {best + 1}"
    return [Series(name, ends[best : best + 1], tests[best : best + 1], "ink", "dots")]


def _accuracy(history: History) -> list[Series]:
    steps, accuracies = history.minibatches.column(0), history.minibatches.column(2)
    ends, training, tests = (history.epochs.column(number) for number in (0, 3, 5))
    # The accuracy of minibatches before the model was opened is unknown.
    unknown = bisect_left(accuracies, True, key=lambda accuracy: not math.isnan(accuracy))
    unknown += since_full(steps[unknown:])
    smoothed, running = history.smoothed(2)
    raw = _grown(history, smoothed, steps[unknown:], running[unknown:], "raw", "raw")
    return [
        *([raw] if len(raw.x) else []),
        _grown(history, "training", ends, training, "training", "points"),
        _grown(history, "test", ends, tests, "test", "points", dashed=True),
    ]


def _grown(history: History, name: str, x: Values, y: Values, token: str, kind: str, *, dashed: bool = False) -> Series:
    """A series that is only appended to while it begins at the same step of the same run."""
    begins = (history.runs, token, kind, float(x[0])) if len(x) else None  # the name counts minibatches of a mean
    return Series(name, x, y, token, kind, dashed=dashed, begins=begins)


def since_full(steps: Values) -> int:
    """The minibatch from which the running mean is shown.

    At the start of a run, it is a mean of fewer minibatches. If earlier minibatches are unknown, it starts with the
    first full mean, because the mean of three would be a spike.
    """
    return SMOOTHING - 1 if len(steps) and steps[0] > 1 else 0
