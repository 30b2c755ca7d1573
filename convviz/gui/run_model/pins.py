"""The pinned numbers of the window: kept in the settings, sent to the session, and measured in the past by replay."""

from __future__ import annotations

import sqlite3
from bisect import insort
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from PySide6.QtCore import QObject, QSettings, Signal, Slot

from convviz.files.cancel import Cancelled
from convviz.gui.run_model.background import Background
from convviz.gui.run_model.run import RunModel
from convviz.gui.widgets.posted import posted
from convviz.present.watch.pins_look import PinsLook, PinTrack
from convviz.run.commands import SetPins
from convviz.run.messages import Message, Prepared, RunStarted
from convviz.run.minibatch.names import RUN_NUMBERS, Names
from convviz.run.pins.past import measure_past, steps_to_measure
from convviz.run.pins.pin import Pin, PinError, PinsMeasured, check_pin
from convviz.run.recording.replay import Replayer
from convviz.storage.recording.read import Recording
from convviz.training.images import Split

KEY = "watch/pins"
MOST = 12
"""Largest number of pins kept."""


class PinsModel(QObject):
    """Which numbers are pinned, and their values in this run.

    Parameters
    ----------
    run : RunModel
    settings : QSettings
        Where they are kept; damaged entries are ignored.

    Attributes
    ----------
    pins : tuple of Pin
    changed : Signal()
        :attr:`look` has changed.
    """

    changed = Signal()

    def __init__(self, run: RunModel, settings: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run, self._settings = run, settings
        self.pins = read_pins(settings.value(KEY))
        self._values: dict[int, dict[int, float]] = {}
        """The values, by number of the pin and step."""
        self._steps: dict[int, list[int]] = {}
        """The same steps in ascending order, by number of the pin."""
        self._faults: dict[int, str] = {}
        self._chosen = self.pins[0].number if self.pins else 0
        self._fault = self._doing = ""
        self._revision = self._number = 0
        self._cached: tuple[int, PinsLook] | None = None
        self._names: tuple[object, tuple[str, ...]] | None = None
        self._work = Background("convviz-pins", self)
        self._told = posted(self._take_past)
        self._work.done.connect(self._past_done)
        run.bridge.messagesArrived.connect(self._take)
        self._send()

    @property
    def look(self) -> PinsLook:
        """What is shown of the pins."""
        if self._cached is None or self._cached[0] != self._revision:
            tracks = tuple(map(self._track, self.pins))
            look = PinsLook(self._revision, tracks, self._chosen, self._fault, self._doing, self.names)
            self._cached = self._revision, look
        return self._cached[1]

    @property
    def names(self) -> tuple[str, ...]:
        """Names that an expression may use for the current network."""
        design = self._run.design.named()
        if self._names is None or self._names[0] != design:
            program = Names(design, design.training.batch_size).program
            self._names = design, (*RUN_NUMBERS, *program.arrays)
        return self._names[1]

    def _track(self, pin: Pin) -> PinTrack:
        steps = self._steps.get(pin.number, [])
        values = self._values.get(pin.number, {})
        made = np.fromiter((values[step] for step in steps), np.float64, len(steps))
        return PinTrack(pin.number, pin.text, np.array(steps, np.float64), made, self._faults.get(pin.number, ""))

    # --- what the user does --------------------------------------------------------------------------------------

    def pin(self, text: str) -> str:
        """Pin a number; return why it can't be pinned, which is shown too, or an empty text."""
        text = text.strip()
        known = next((pin for pin in self.pins if pin.text == text), None)
        if known is not None:
            self.choose(known.number)
            return ""
        try:
            check_pin(text, self._run.design.named())
            if len(self.pins) >= MOST:
                raise PinError(f"expected at most {MOST} pinned numbers: remove one first")
        except PinError as error:
            self._fault = str(error)
            self._tell()
            return self._fault
        self._fault = ""
        number = max((pin.number for pin in self.pins), default=0) + 1
        self._chosen = number
        self._set((*self.pins, Pin(number, text)))
        return ""

    def remove(self, number: int) -> None:
        """Remove a pin."""
        for known in (self._values, self._steps, self._faults):
            known.pop(number, None)
        left = tuple(pin for pin in self.pins if pin.number != number)
        if self._chosen == number:
            self._chosen = left[0].number if left else 0
        self._set(left)

    def choose(self, number: int) -> None:
        """Choose the pin whose curve is drawn."""
        self._chosen, self._fault = number, ""
        self._tell()

    def close(self) -> None:
        """Stop measuring, because the window closes."""
        self._number += 1
        self._work.cancel()

    def _set(self, pins: tuple[Pin, ...]) -> None:
        self.pins = pins
        self._settings.setValue(KEY, msgspec.json.encode([pin.text for pin in pins]).decode())
        self._send()
        self._measure_past()
        self._tell()

    # --- the session ---------------------------------------------------------------------------------------------

    @Slot(list)
    def _take(self, messages: list[Message]) -> None:
        is_other = False
        for message in messages:
            match message:
                case PinsMeasured():
                    self._add(message)
                case RunStarted() | Prepared():
                    self._number += 1
                    self._work.cancel()
                    self._values.clear()
                    self._steps.clear()
                    self._doing = ""
                    if isinstance(message, Prepared):
                        self._send()
                        self._measure_past()
                case _:
                    continue
            is_other = True
        if is_other:
            self._tell()

    def _send(self) -> None:
        """Send the pins that fit the network, and note why the others don't."""
        self._faults = {}
        for pin in self.pins:
            try:
                if self._run.train is not None:
                    check_pin(pin.text, self._run.design.named())
            except PinError as error:
                self._faults[pin.number] = str(error)
        self._run.bridge.send(SetPins(tuple(pin for pin in self.pins if pin.number not in self._faults)))

    def _add(self, found: PinsMeasured) -> None:
        for number, value in zip(found.numbers, found.values, strict=True):
            values, steps = self._values.setdefault(number, {}), self._steps.setdefault(number, [])
            if found.step not in values:
                if steps and found.step < steps[-1]:
                    insort(steps, found.step)
                else:
                    steps.append(found.step)
            values[found.step] = value

    def _tell(self) -> None:
        self._revision += 1
        self.changed.emit()

    # --- the past ------------------------------------------------------------------------------------------------

    def _measure_past(self) -> None:
        """Measure new pins for the time before they were pinned, at the key points of the run's recording."""
        run = self._run
        last = run.position.step
        wanted = tuple(pin for pin in self.pins if pin.number not in self._faults and not self._steps.get(pin.number))
        path = run.recordings.file_of(last)
        if not wanted or not last or path is None or run.train is None or run.test is None or run.recordings.missing:
            return
        self._number += 1
        number, train, test, threads = self._number, run.train, run.test, run.session.threads
        tell = partial(self._told, number)
        self._doing = "measuring the past …"

        def work(cancelled: Cancelled) -> str:
            return past_of(path, train, test, threads, wanted, tell, cancelled)

        self._work.start(work)

    def _take_past(self, number: int, found: PinsMeasured) -> None:
        if number == self._number:
            self._add(found)
            self._tell()

    @Slot(object)
    def _past_done(self, reason: str) -> None:
        self._doing = reason
        self._tell()


def past_of(
    path: Path,
    train: Split,
    test: Split,
    threads: int,
    pins: Sequence[Pin],
    tell: object,
    cancelled: Cancelled,
) -> str:
    """Measure pins in the past of a recording; return why that failed, or an empty text.

    Raises
    ------
    LoadCancelledError
    """
    assert callable(tell)
    try:
        with Recording(path) as recording, Replayer(recording, train, test, threads=threads) as replayer:
            measure_past(replayer, pins, steps_to_measure(recording.key_points(), recording.last_step), tell, cancelled)
    except (ValueError, OSError, MemoryError, sqlite3.Error) as error:
        return f"the past is not measured: {error}"
    return ""


def read_pins(text: object) -> tuple[Pin, ...]:
    """Pins from the settings, numbered from 1; none if they are damaged."""
    try:
        texts = msgspec.json.decode(text if isinstance(text, str) else "[]", type=list[str])
    except (msgspec.MsgspecError, UnicodeError):
        return ()
    return tuple(Pin(number, one) for number, one in enumerate(dict.fromkeys(texts[:MOST]), 1))
