"""The page of a hold, put together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from convviz.present.history import SMOOTHING
from convviz.present.numbers import format_value
from convviz.present.series import Series
from convviz.present.watch.hold.minibatch import MinibatchPicture, minibatch_picture
from convviz.present.watch.hold.update import UpdatePicture, update_picture
from convviz.present.watch.look import Look

LAST = 200
"""Minibatches of the loss curve."""


@dataclass(frozen=True, slots=True, eq=False)
class HoldPicture:
    """What the page shows.

    Parameters
    ----------
    key : tuple
        Pictures with the same one are the same.
    step : int
    minibatch : MinibatchPicture, optional
    update : UpdatePicture, optional
    curves : tuple of Series
        Loss of the last minibatches, and of the one that is held.
    level : (float, str), optional
        The loss above which training was to hold.
    problem : str
        Why there is no more to see.
    names : tuple of str
        Arrays of the pass that can be asked about.
    """

    key: tuple[object, ...]
    step: int
    minibatch: MinibatchPicture | None
    update: UpdatePicture | None
    curves: tuple[Series, ...]
    level: tuple[float, str] | None
    problem: str
    names: tuple[str, ...] = ()


def hold_picture(look: Look) -> HoldPicture | None:
    """The page; None where nothing is held, or the network is shown instead."""
    hold = look.hold
    if hold is None or not hold.is_open:
        return None
    key = (
        hold.step,
        hold.seen,
        hold.update,
        hold.usual,
        hold.tested,
        hold.place,
        hold.order,
        hold.problem,
        hold.no_usual,
    )
    level = (hold.limit, f"loss > {format_value(hold.limit)}") if math.isfinite(hold.limit) else None
    problem = hold.problem
    if hold.seen is not None and hold.seen.error is not None:
        problem = f"There is no update: {hold.seen.error}"
    picture, names = minibatch_picture(hold), () if look.pins is None else look.pins.names
    return HoldPicture(key, hold.step, picture, update_picture(hold), curves_of(look), level, problem, names)


def curves_of(look: Look) -> tuple[Series, ...]:
    """The loss before the hold, and that of the held minibatch as a dot."""
    track, hold = look.history.minibatches, look.hold
    assert hold is not None
    steps, losses, means = track.column(0)[-LAST:], track.column(1)[-LAST:], look.history.mean(1)[-LAST:]
    curves = [
        Series("each minibatch", steps, losses, "raw", "raw"),
        Series(f"mean of {SMOOTHING}", steps, means, "training", "smooth"),
    ]
    if hold.seen is not None and math.isfinite(hold.seen.loss):
        curves.append(Series("held", np.array([float(hold.step)]), np.array([hold.seen.loss]), "danger", "dots"))
    return tuple(curves)
