"""The breakpoints of the window: they are remembered, sent to the session, and count their hits in a run."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
from PySide6.QtCore import QObject, QSettings, Signal, Slot

from convviz.gui.run_model.breakpoint_words import kinds_to_add, value_of, with_value, words_of
from convviz.gui.run_model.run import RunModel
from convviz.present.watch.breakpoints import BreakpointRow, BreakpointsPicture, HeldPicture, HitLine
from convviz.run.breakpoints.condition import (
    AccuracyReaches,
    Breakpoint,
    FilterDead,
    GradientAbove,
    Hit,
    LossAbove,
    NotFinite,
)
from convviz.run.breakpoints.grammar import ConditionError, check_condition, read_condition, written
from convviz.run.commands import SetBreakpoints
from convviz.run.messages import Message, Prepared, RunStarted, StateChanged
from convviz.run.state import State

KEY = "watch/breakpoints"
MOST = 40
"""Largest number of breakpoints kept."""
LISTED = 30
"""Largest number of hits listed for each breakpoint."""
ALWAYS = 1
"""Number of the breakpoint for NaN, which is always on."""
FIRST = (
    Breakpoint(ALWAYS, NotFinite()),
    Breakpoint(2, LossAbove(), is_on=False),
    Breakpoint(3, GradientAbove(), is_on=False),
    Breakpoint(4, FilterDead(), holds=False, is_on=False),
    Breakpoint(5, AccuracyReaches(), holds=False, is_on=False),
)
"""The breakpoints of a window whose user has set none."""


class KeptBreakpoint(msgspec.Struct, frozen=True):
    """A breakpoint as it is kept in the settings."""

    when: str
    holds: bool
    on: bool


@dataclass(frozen=True, slots=True)
class StepRequest:
    """A request to step the held minibatch, beginning with the training image in ``row``; None for any image."""

    row: int | None = None


class BreakpointsModel(QObject):
    """The breakpoints, and their hits in this run.

    Parameters
    ----------
    run : RunModel
    settings : QSettings
        Where they are kept; damaged entries are ignored.

    Attributes
    ----------
    points : tuple of Breakpoint
    held : Hit or None
        The hit that holds the run at present.
    changed : Signal()
        :meth:`picture` has changed.
    """

    changed = Signal()

    def __init__(self, run: RunModel, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run, self._settings = run, settings
        self.points = read_points(settings.value(KEY))
        self.held: Hit | None = None
        self._last: Hit | None = None
        """The latest hit that is to hold the run, until the run's state says whether it does."""
        self._counts: Counter[int] = Counter()
        self._hits: dict[int, deque[HitLine]] = {}
        self._typed: dict[int, tuple[str, str]] = {}
        """By number, the typed text that can't be used, and why."""
        self._misfits: dict[int, str] = {}
        """By number, why a breakpoint doesn't fit the network."""
        self._fault = ""
        self._step_asked: StepRequest | None = None
        run.bridge.messagesArrived.connect(self._take)
        self._send()

    # --- what the user does --------------------------------------------------------------------------------------

    def switch(self, number: int, is_on: bool) -> None:
        """Switch a breakpoint on or off."""
        self._edit(number, lambda point: replace(point, is_on=is_on or number == ALWAYS))

    def set_kind(self, number: int, holds: bool) -> None:
        """Choose whether a breakpoint holds training at its hits or only marks them."""
        self._edit(number, lambda point: replace(point, holds=holds or number == ALWAYS))

    def set_value(self, number: int, text: str) -> None:
        """Read a breakpoint's value from a text; a text that can't be used stays in its field, with the reason."""
        self._typed.pop(number, None)
        try:
            self._edit(number, lambda point: replace(point, condition=with_value(point.condition, text)))
        except ConditionError as error:
            self._typed[number] = text, str(error)
            self.changed.emit()

    def add(self, text: str) -> None:
        """Add a breakpoint with this condition, switched on; if the text can't be used, the picture says why."""
        try:
            condition = read_condition(text)
            if self._run.train is not None:
                check_condition(condition, self._run.design.named())
            if len(self.points) >= MOST:
                raise ConditionError(f"expected at most {MOST} breakpoints: remove one first")
        except ConditionError as error:
            self._fault = str(error)
            self.changed.emit()
            return
        self._fault = ""
        number = max(point.number for point in self.points) + 1
        self.set_points((*self.points, Breakpoint(number, condition)))

    def remove(self, number: int) -> None:
        """Remove a breakpoint."""
        for known in (self._typed, self._misfits, self._hits):
            known.pop(number, None)
        self.set_points(tuple(point for point in self.points if point.number != number or number == ALWAYS))

    def set_points(self, points: tuple[Breakpoint, ...]) -> None:
        """Use these breakpoints from now on, and keep them in the settings."""
        self.points = points
        self._settings.setValue(KEY, write_points(points))
        self._send()
        self.changed.emit()

    @property
    def held_minibatch(self) -> Hit | None:
        """The hit that holds a minibatch before its update; None without one, or if the run is held after an epoch."""
        hit = self.held
        return None if hit is None or isinstance(hit.breakpoint.condition, AccuracyReaches) else hit

    def ask_to_step(self, row: int | None = None) -> None:
        """Request that Step goes through the held minibatch next, beginning with the training image in this row."""
        self._step_asked = StepRequest(row) if self.held is not None else None

    def take_step_request(self) -> StepRequest | None:
        """The request since the last call; None if there was none."""
        asked, self._step_asked = self._step_asked if self.held is not None else None, None
        return asked

    # --- what is shown -------------------------------------------------------------------------------------------

    def picture(self) -> BreakpointsPicture:
        """What Watch shows of the breakpoints."""
        return BreakpointsPicture(tuple(map(self._row, self.points)), kinds_to_add(), self._held_picture(), self._fault)

    def _row(self, point: Breakpoint) -> BreakpointRow:
        words, number = words_of(point.condition), point.number
        typed, fault = self._typed.get(number, (value_of(point.condition), self._misfits.get(number, "")))
        return BreakpointRow(
            number,
            words.words,
            typed,
            words.unit,
            point.holds,
            point.is_on,
            number == ALWAYS,
            words.tip,
            fault,
            self._counts[number],
            tuple(self._hits.get(number, ())),
        )

    def _held_picture(self) -> HeldPicture | None:
        hit = self.held
        if hit is None:
            return None
        after = isinstance(hit.breakpoint.condition, AccuracyReaches)
        where = "held after step" if after else "held before the update of step"
        return HeldPicture(hit.breakpoint.number, line_of(hit), f"{where} {hit.step:,}", can_step=not after)

    # --- the session ---------------------------------------------------------------------------------------------

    @Slot(list)
    def _take(self, messages: list[Message]) -> None:
        is_other = False
        for message in messages:
            match message:
                case Hit():
                    number = message.breakpoint.number
                    self._counts[number] += 1
                    self._hits.setdefault(number, deque(maxlen=LISTED)).appendleft(line_of(message))
                    if message.breakpoint.holds:
                        self._last = message
                case StateChanged(state):
                    self.held = self._last if state is State.PAUSED or ends_training(self._last) else None
                    self._last = None
                case RunStarted() | Prepared():
                    self.held = self._last = None
                    self._counts.clear()
                    self._hits.clear()
                    if isinstance(message, Prepared):
                        self._send()
                case _:
                    continue
            is_other = True
        if is_other:
            self.changed.emit()

    def _edit(self, number: int, change: Callable[[Breakpoint], Breakpoint]) -> None:
        self.set_points(tuple(change(point) if point.number == number else point for point in self.points))

    def _send(self) -> None:
        """Send the breakpoints that fit the network, and note why the others don't."""
        self._misfits = {}
        for point in self.points:
            try:
                if self._run.train is not None:
                    check_condition(point.condition, self._run.design.named())
            except ConditionError as error:
                self._misfits[point.number] = str(error)
        fitting = tuple(point for point in self.points if point.number not in self._misfits)
        self._run.bridge.send(SetBreakpoints(fitting))


def ends_training(hit: Hit | None) -> bool:
    """Whether a hit is of NaN or infinite numbers: training ends there, before the update."""
    return hit is not None and isinstance(hit.breakpoint.condition, NotFinite)


def line_of(hit: Hit) -> HitLine:
    """A hit as the drawer lists it."""
    return HitLine(hit.step, hit.headline, hit.why)


def write_points(points: tuple[Breakpoint, ...]) -> str:
    """The text that :func:`read_points` reads back."""
    kept = [KeptBreakpoint(written(point.condition), point.holds, point.is_on) for point in points]
    return msgspec.json.encode(kept).decode()


def read_points(text: object) -> tuple[Breakpoint, ...]:
    """Breakpoints from the settings, numbered from 1, the one for NaN first; the usual ones if they are damaged."""
    try:
        kept = msgspec.json.decode(text if isinstance(text, str) else "", type=list[KeptBreakpoint])
        found = [(read_condition(one.when), one) for one in kept[:MOST]]
    except (msgspec.MsgspecError, ConditionError, UnicodeError):
        return FIRST
    others = [(condition, one) for condition, one in found if not isinstance(condition, NotFinite)]
    numbered = enumerate(others, ALWAYS + 1)
    return (FIRST[0], *(Breakpoint(number, condition, one.holds, one.on) for number, (condition, one) in numbered))
