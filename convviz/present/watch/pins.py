"""Pinned numbers as Watch shows them: a line each, and the curve of one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.present.numbers import format_value
from convviz.present.series import Series
from convviz.present.watch.curves import HERE
from convviz.present.watch.look import Look

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PinTrack:
    """What was measured of a pin.

    Parameters
    ----------
    number : int
    text : str
    steps, values : ndarray, ``(n,)``
        Number of the minibatch, ascending, and what it was in its pass.
    fault : str
        Why it can't be measured; empty if it can.
    """

    number: int
    text: str
    steps: Values
    values: Values
    fault: str = ""

    def at(self, step: int) -> float:
        """The last value up to the pass of a minibatch; NaN before the first."""
        place = int(np.searchsorted(self.steps, step, side="right")) - 1
        return float(self.values[place]) if place >= 0 else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class PinsLook:
    """All pins.

    Parameters
    ----------
    revision : int
        Another one for every change.
    tracks : tuple of PinTrack
    chosen : int
        Number of the pin whose curve is drawn; 0 if there is none.
    fault : str
        Why what was typed last is no pin.
    doing : str
        What is being worked out of the past; empty if nothing is.
    names : tuple of str
        Arrays that an expression may ask for.
    """

    revision: int = 0
    tracks: tuple[PinTrack, ...] = ()
    chosen: int = 0
    fault: str = ""
    doing: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PinRow:
    """One line."""

    number: int
    text: str
    value: str
    is_chosen: bool
    fault: str


@dataclass(frozen=True, slots=True, eq=False)
class PinsPicture:
    """The lines, and the curve of the chosen one.

    Parameters
    ----------
    key : tuple
        Pictures with the same one are the same.
    rows : tuple of PinRow
    curves : tuple of Series
    events : tuple of (int, str)
        Marks over the curve.
    moment : int or None
        The step that is looked at; None for the newest.
    fault, doing : str
    names : tuple of str
    """

    key: tuple[object, ...]
    rows: tuple[PinRow, ...]
    curves: tuple[Series, ...]
    events: tuple[tuple[int, str], ...]
    moment: int | None
    fault: str
    doing: str
    names: tuple[str, ...]


FEW = 60
"""So many points are drawn as dots: between them nothing is known."""


def pins_picture(look: Look) -> PinsPicture:
    """The pins of a look."""
    pins, past = look.pins or PinsLook(), None if look.past is None else look.past.step
    # What led to a moment was measured in the pass of its minibatch; of the live network that is the newest.
    step = 1 << 62 if past is None else max(past, 1)
    rows = tuple(
        PinRow(
            track.number,
            track.text,
            "" if track.fault or not len(track.steps) else format_value(track.at(step)),
            track.number == pins.chosen,
            track.fault,
        )
        for track in pins.tracks
    )
    chosen = next((track for track in pins.tracks if track.number == pins.chosen), None)
    curves: tuple[Series, ...] = ()
    if chosen is not None and len(chosen.steps):
        kind = "points" if len(chosen.steps) < FEW else "raw"
        curves = (Series(chosen.text, chosen.steps, chosen.values, "training", kind),)
    events = () if past is None else ((past, HERE),)
    key = pins.revision, past
    return PinsPicture(key, rows, curves, events, past, pins.fault, pins.doing, pins.names)
