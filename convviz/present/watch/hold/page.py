"""The page of a hold, put together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from convviz.present.numbers import format_value
from convviz.present.series import Series
from convviz.present.watch.hold.minibatch import MinibatchPicture, minibatch_picture
from convviz.present.watch.hold.update import UpdatePicture, update_picture
from convviz.present.watch.look import Look

LAST, AFTER = 200, 50
"""Minibatches of the loss curve before the held one, and of a past one also after it."""


TITLE, CURVE_TITLE = "What the update would do", "Loss until here"
"""Of the cards, as long as the update is held."""


@dataclass(frozen=True, slots=True, eq=False)
class HoldPicture:
    """What the page shows.

    Parameters
    ----------
    key : tuple
        Equal pictures have equal keys.
    step : int
    minibatch : MinibatchPicture, optional
    update : UpdatePicture, optional
    curves : tuple of Series
        Loss of the last minibatches, and of the held one.
    level : (float, str), optional
        The loss above which training was to hold.
    problem : str
        Why there is no more to see.
    names : tuple of str
        Arrays of the pass that can be asked about.
    title, curve_title : str
        Of the card of the update, and of that of the loss.
    """

    key: tuple[object, ...]
    step: int
    minibatch: MinibatchPicture | None
    update: UpdatePicture | None
    curves: tuple[Series, ...]
    level: tuple[float, str] | None
    problem: str
    names: tuple[str, ...] = ()
    title: str = TITLE
    curve_title: str = CURVE_TITLE


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
        hold.gradients is None,
        hold.no_gradients,
        hold.is_past,
    )
    level = (hold.limit, f"loss > {format_value(hold.limit)}") if math.isfinite(hold.limit) else None
    problem = hold.problem
    if hold.seen is not None and hold.seen.error is not None:
        problem = "There is no update: a number became NaN or infinite."
    picture, names = minibatch_picture(hold), () if look.pins is None else look.pins.names
    titles = ("What the update did", "Loss around here") if hold.is_past else (TITLE, CURVE_TITLE)
    return HoldPicture(key, hold.step, picture, update_picture(hold), curves_of(look), level, problem, names, *titles)


def curves_of(look: Look) -> tuple[Series, ...]:
    """The loss before the hold (and, for a past one, after it), and that of the held minibatch as a dot."""
    track, hold = look.history.minibatches, look.hold
    assert hold is not None
    steps, losses = track.column(0), track.column(1)
    end = int(np.searchsorted(steps, hold.step - 1 + (AFTER if hold.is_past else 0), side="right"))
    shown = slice(max(end - LAST, 0), end)
    smoothed, means = look.history.smoothed(1, end)
    curves = [
        Series("each minibatch", steps[shown], losses[shown], "raw", "raw"),
        Series(smoothed, steps[shown], means[shown], "training", "smooth"),
    ]
    if hold.seen is not None and math.isfinite(hold.seen.loss):
        name = "hit" if hold.is_past else "held"
        curves.append(Series(name, np.array([float(hold.step)]), np.array([hold.seen.loss]), "danger", "dots"))
    return tuple(curves)
