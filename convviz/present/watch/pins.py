"""Pinned numbers as Watch shows them: a line each, and the curve of one."""

from __future__ import annotations

from dataclasses import dataclass

from convviz.present.numbers import format_value
from convviz.present.series import Series
from convviz.present.watch.look import HERE, Look
from convviz.present.watch.pins_look import PinsLook


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
        Equal pictures have equal keys.
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
"""Up to this many points are drawn as dots: nothing is known between them."""


def pins_picture(look: Look) -> PinsPicture:
    """The pins of a look."""
    pins, past = look.pins or PinsLook(), None if look.past is None else look.past.step
    # A moment's value was measured in the pass that led to it; for the live network, that is the newest one.
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
