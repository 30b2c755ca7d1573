"""Colour scales that hold still: they grow in round steps, and where one has become far too wide it is said."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from convviz.present.numbers import format_value

_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def round_up(value: float) -> float:
    """The next round number: 1, 1.5, 2, 3, 4, 5, 6, 8 times a power of ten; 1 for 0."""
    if not math.isfinite(value) or value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for step in _STEPS:
        if value <= step * power * (1 + 1e-9):
            return step * power
    return 10.0 * power


def largest_size(array: npt.ArrayLike) -> float:
    """The largest absolute value; NaN and infinities don't count, and 0 stands for none."""
    values = np.asarray(array)
    if not values.size:
        return 0.0
    if values.dtype.kind != "f":
        values = values.astype(np.float64)
    largest = max(float(values.max()), -float(values.min()))
    if math.isfinite(largest):
        return largest
    finite = values[np.isfinite(values)]
    return float(np.abs(finite).max()) if finite.size else 0.0


TOO_WIDE = 4.0
"""A scale is too wide where its end is so many times the largest value, for some time."""
PATIENCE = 20
"""Pictures in a row that have to be so before it is said."""
FEW, STEPS = 5, 100
"""Pictures in a row, and steps of the run from the first to the last of them, that do as well: pictures may be rare."""
FAR, FAR_OF_PART = 6.0, 1e4
"""So many times too wide is what a later stretch of the run has left behind, when an earlier moment is shown."""
NEWS = 40
"""Pictures for which it is said that a scale has changed."""


@dataclass(frozen=True, slots=True)
class ScaleEnd:
    """Where a scale ends.

    Parameters
    ----------
    value : float
    name : str
        Under which it is held; empty where it is fixed.
    in_use : float, optional
        The largest of the last values, where the scale has been far too wide for some time.
    since : int, optional
        Step at which it was fitted last.
    before : float, optional
        Where it ended before, if it has changed lately: the same colour meant something else.
    changed : int
        Step at which it changed last; 0 if it never did.
    """

    value: float
    name: str = ""
    in_use: float | None = None
    since: int | None = None
    before: float | None = None
    changed: int = 0

    @property
    def words(self) -> str:
        """``2``: the value in 3 digits, without trailing zeros."""
        return end_words(self.value)

    @property
    def news(self) -> str:
        """``1.5 → 2``; empty if it has not changed lately."""
        return "" if self.before is None else f"{end_words(self.before)} → {self.words}"

    @property
    def way(self) -> str:
        """``wider`` or ``narrower``, as it has become lately; empty if it has not changed."""
        return "" if self.before is None else "wider" if self.value > self.before else "narrower"


def end_words(value: float) -> str:
    """Write the value at an end of a scale: 3 digits, no trailing zeros."""
    text = format_value(value, 3)
    if "e" in text or "." not in text:
        return text
    return text.rstrip("0").rstrip(".")


class HeldScales:
    """Upper ends of the scales by array name, locked over time.

    A picture whose scale followed every frame would hide growth, so an end only moves up, to a round number, when a
    value passes it. It moves down when it is asked to (:meth:`fit`), and of what ``follows`` also when it has been far
    too wide for some time; :meth:`since` tells when.

    Attributes
    ----------
    step : int
        Where the run is.
    """

    def __init__(self) -> None:
        self.step = 0
        self._ends: dict[str, float] = {}
        self._largest: dict[str, float] = {}
        """Of the last picture, or of those since a scale has been too wide."""
        self._idle: dict[str, int] = {}
        """Pictures in a row that used little of the scale."""
        self._idle_from: dict[str, int] = {}
        """Step of the first of them."""
        self._since: dict[str, int] = {}
        self._before: dict[str, float] = {}
        """Where a scale ended that has changed lately."""
        self._age: dict[str, int] = {}
        """Pictures since it changed."""
        self._changed: dict[str, int] = {}
        self._left: set[str] = set()
        """Scales that have shown nothing since the last way back."""

    def go_to(self, step: int) -> None:
        """The next pictures are of this step.

        On the way back, a scale that is far wider than its first values there is fitted to them at once: what a run
        has come to, when it diverged for example, must not whiten the moments before it.
        """
        if step < self.step:
            self._left = set(self._ends)
        self.step = step

    def end(self, name: str, array: npt.ArrayLike, *, follows: bool = False, part: bool = False) -> float:
        """Upper end for an array; grows if a finite value passes it.

        Parameters
        ----------
        name : str
        array : array_like
        follows : bool
            It shrinks too, when it has been too wide for some time.
        part : bool
            The array is a part of what has the scale: how much of the scale it uses says nothing.
        """
        largest = largest_size(array)
        held = self._ends.get(name)
        if held is None and largest <= 0:
            return round_up(0.0)  # the first number that is not 0 says how wide the scale has to be
        self._grow_old(name)
        if held is None or largest > held:
            end = round_up(largest)
            if held is not None and held > 0:
                self._note_change(name, held, end)
            held = self._ends[name] = end
        if name in self._left and largest > 0:
            # A part may well be much smaller than the whole, which says more when it comes.
            is_far = largest * (FAR_OF_PART if part else FAR) < held
            if is_far or not part:
                self._left.discard(name)
            if is_far:
                self._largest[name] = largest
                self.fit(name)
                held = self._ends[name]
        if part and name in self._largest:
            return held
        if largest <= 0 or largest * TOO_WIDE >= held:  # of nothing but zeros no scale is too wide
            self._idle[name] = 0
            self._largest[name] = largest
            return held
        idle = self._idle[name] = self._idle.get(name, 0) + 1
        if idle == 1:
            self._idle_from[name] = self.step
        self._largest[name] = largest if idle == 1 else max(largest, self._largest[name])
        if follows and self._is_idle(name):
            self.fit(name)
        return self._ends[name]

    def held(self, name: str, array: npt.ArrayLike, *, follows: bool = False, part: bool = False) -> ScaleEnd:
        """The scale of an array, after :meth:`end` has seen it."""
        value = self.end(name, array, follows=follows, part=part)
        before, changed = self._before.get(name), self._changed.get(name, 0)
        return ScaleEnd(value, name, self.in_use(name), self.since(name), before, changed)

    def in_use(self, name: str) -> float | None:
        """The largest of the last values, where the scale has been far too wide for some time; else None."""
        return self._largest[name] if self._is_idle(name) else None

    def _is_idle(self, name: str) -> bool:
        """Whether a scale has been far too wide for some time."""
        idle = self._idle.get(name, 0)
        return idle >= PATIENCE or (idle >= FEW and self.step - self._idle_from[name] >= STEPS)

    def since(self, name: str) -> int | None:
        """Step at which the scale was fitted last; None where it only grew."""
        return self._since.get(name)

    def fit(self, name: str) -> None:
        """End a scale at the largest of the last values."""
        largest = self._largest.get(name, 0.0)
        if largest > 0 and round_up(largest) != self._ends[name]:
            self._note_change(name, self._ends[name], round_up(largest))
            self._ends[name] = round_up(largest)
            self._since[name] = self.step
        self._idle[name] = 0

    def reset(self) -> None:
        """Forget all ends: a new run begins."""
        by_name = (self._ends, self._largest, self._idle, self._since, self._before, self._age, self._changed)
        for held in (*by_name, self._idle_from):
            held.clear()
        self._left.clear()

    def _note_change(self, name: str, before: float, after: float) -> None:
        """Note that an end has moved. While an earlier move is still announced, both are announced as one."""
        first = self._before.get(name, before)
        self._age[name], self._changed[name] = 0, self.step
        if first == after:
            self._before.pop(name, None)
        else:
            self._before[name] = first

    def _grow_old(self, name: str) -> None:
        """One more picture was drawn with this scale."""
        if name in self._before:
            self._age[name] += 1
            if self._age[name] >= NEWS:
                self._before.pop(name)
