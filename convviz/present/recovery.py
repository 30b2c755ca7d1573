"""Where a run that became infinite can go back to, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convviz.present.history import History, smooth
from convviz.present.numbers import format_value
from convviz.present.words import count

WINDOW = 16
"""Minibatches that the loss is the mean of when its lowest place is looked for."""
SLOWER = 10
"""What the learning rate is divided by on the way back."""

__all__ = ["SLOWER", "LastGood", "last_good", "sentence"]


@dataclass(frozen=True, slots=True)
class LastGood:
    """The step after which the loss was lowest.

    Parameters
    ----------
    step : int
    loss : float
        Mean of the minibatches before it.
    """

    step: int
    loss: float


def last_good(history: History) -> LastGood | None:
    """Return the step of a run after which its loss was lowest; None where nothing was trained."""
    steps, losses = history.minibatches.column(0), history.minibatches.column(1)
    means = smooth(losses, WINDOW)
    known = np.isfinite(means) & (steps >= 1)
    if not known.any():
        return None
    # Of the first steps the mean is of few: they count only where there are no others.
    whole = known & (np.arange(len(means)) >= WINDOW - 1)
    best = int(np.argmin(np.where(whole if whole.any() else known, means, np.inf)))
    return LastGood(int(steps[best]), float(means[best]))


def sentence(reason: str, good: LastGood | None, step: int | None = None) -> str:
    """Say what happened and what usually helps, then where it was good, and in which array it was found."""
    where = "" if step is None else f" at step {count(step)}"
    said = f"Training diverged{where}: the numbers grew to infinity. A smaller learning rate usually helps."
    found = f"{reason.rstrip('.')}."
    if good is None:
        return f"{said} {found}"
    return f"{said} The loss was lowest, {format_value(good.loss)}, up to step {count(good.step)}. {found}"
