"""The window hears of the session when there is something new, and looks at a run as often as it wants to."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSettings

from convviz.core.design import Design, Input, Training
from convviz.core.layers import Dense, Flatten
from convviz.data.sources import ToyImages
from convviz.gui.run_model.bridge import Bridge
from convviz.gui.run_model.picture_budget import PictureBudget, Smoothness, Spent
from convviz.gui.window.smoothness_menu import SmoothnessMenu
from convviz.run.commands import Pause, Prepare, Resume, Train
from convviz.run.messages import Failed, Message, Prepared, StateChanged
from convviz.run.outbox import PROGRESS
from convviz.run.session import Session
from convviz.run.state import State
from convviz.training.events import MinibatchDone
from convviz.training.snapshot import Snapshot

WAIT = 20_000
"""Milliseconds, on a busy machine."""
DESIGN = Design(
    input=Input(height=4, width=4),
    classes=2,
    layers=(Flatten(), Dense(units=2)),
    training=Training(batch_size=1, epochs=10_000),
)


class Heard:
    """A bridge, and what came over it."""

    def __init__(self) -> None:
        self.session = Session(threads=1)
        self.bridge = Bridge(self.session)
        self.messages: list[Message] = []
        self.pictures = self.posted = 0
        """Pictures that were handed on to be drawn, and all that were made: a newer one takes the place of one."""
        post = self.session.snapshots.post

        def posts(snapshot: Snapshot) -> None:
            self.posted += 1
            post(snapshot)

        self.session.snapshots.post = posts
        self.bridge.messagesArrived.connect(self.messages.extend)
        self.bridge.snapshotArrived.connect(self.count)
        self.bridge.start()

    def count(self, _snapshot: object) -> None:
        self.pictures += 1

    def of(self, kind: type) -> list[Message]:
        return [message for message in self.messages if isinstance(message, kind)]

    @property
    def state(self) -> State | None:
        changes = [message.state for message in self.messages if isinstance(message, StateChanged)]
        return changes[-1] if changes else None


@pytest.fixture
def heard(qtbot) -> Iterator[Heard]:
    heard = Heard()
    heard.bridge.send(Prepare(DESIGN, ToyImages()))
    qtbot.waitUntil(lambda: bool(heard.of(Prepared) or heard.of(Failed)), timeout=WAIT)
    assert not heard.of(Failed)
    yield heard
    heard.bridge.close()


class Stillness:
    """Whether the window has not been woken for a while."""

    def __init__(self, heard: Heard, seconds: float) -> None:
        self._heard, self._seconds = heard, seconds
        self._ticks, self._since = heard.bridge.ticks, time.monotonic()

    def __call__(self) -> bool:
        if self._heard.bridge.ticks != self._ticks:
            self._ticks, self._since = self._heard.bridge.ticks, time.monotonic()
        return time.monotonic() - self._since > self._seconds


def trains(heard: Heard) -> bool:
    """Whether pictures come and more minibatches are done, by more than the pictures that are still to come."""
    return heard.pictures > 4 and len(heard.of(MinibatchDone)) > heard.posted + 2


def test_that_nothing_ticks_while_nothing_happens(qtbot, heard: Heard) -> None:
    qtbot.waitUntil(lambda: heard.state is State.IDLE and heard.pictures > 0, timeout=WAIT)
    # What was begun before, such as compiling ahead, may still tell its end.
    qtbot.waitUntil(Stillness(heard, 0.15), timeout=WAIT)
    assert heard.of(MinibatchDone) == []


def test_that_a_run_is_seen_in_order_and_its_pictures_come(qtbot, heard: Heard) -> None:
    heard.bridge.send(Train())
    qtbot.waitUntil(lambda: trains(heard), timeout=WAIT)
    heard.bridge.send(Pause())
    qtbot.waitUntil(lambda: heard.state is State.PAUSED, timeout=WAIT)
    steps = [message.position.step for message in heard.of(MinibatchDone)]
    assert steps == list(range(1, len(steps) + 1))
    progress = sum(isinstance(message, PROGRESS) for message in heard.messages)
    assert heard.bridge.ticks <= heard.posted + len(heard.messages) - progress + 1  # minibatches wake nobody
    assert progress > heard.pictures


def test_that_unseen_no_picture_is_made_though_messages_come(qtbot, heard: Heard) -> None:
    heard.bridge.set_wanting(True, seen=False)
    heard.bridge.send(Train())
    qtbot.waitUntil(lambda: len(heard.of(MinibatchDone)) > 1, timeout=WAIT)
    making = heard.session.drawing_cost.making_seconds
    count, seen = heard.pictures, len(heard.of(MinibatchDone))
    qtbot.waitUntil(lambda: len(heard.of(MinibatchDone)) > seen, timeout=WAIT)
    assert heard.pictures <= count + 1  # one may have been on its way
    heard.bridge.set_wanting(True)
    qtbot.waitUntil(lambda: heard.pictures > count + 2, timeout=WAIT)
    assert heard.session.drawing_cost.making_seconds > making


def test_that_pictures_come_again_after_a_pause(qtbot, heard: Heard) -> None:
    heard.bridge.send(Train())
    qtbot.waitUntil(lambda: heard.pictures > 2, timeout=WAIT)
    heard.bridge.send(Pause())
    qtbot.waitUntil(lambda: heard.state is State.PAUSED, timeout=WAIT)
    count = heard.pictures
    heard.bridge.send(Resume())
    qtbot.waitUntil(lambda: heard.pictures > count + 3, timeout=WAIT)


def test_that_what_the_window_did_before_a_run_is_not_laid_to_its_pictures(
    qtbot, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent: list[Spent] = []
    monkeypatch.setattr(PictureBudget, "add", lambda budget, one: spent.append(one))
    busy = 0.6
    until = time.thread_time() + busy
    while time.thread_time() < until:
        pass
    heard.bridge.send(Train())
    qtbot.waitUntil(lambda: len(spent) > 0, timeout=WAIT)
    assert spent[0].drawing < busy


def test_that_training_notices_which_minibatches_a_picture_met(qtbot, heard: Heard) -> None:
    heard.bridge.send(Train())
    looking = heard.session.drawing_cost
    qtbot.waitUntil(lambda: looking.drawn > 0 and looking.other > 0, timeout=WAIT)
    heard.bridge.send(Pause())
    qtbot.waitUntil(lambda: heard.state is State.PAUSED, timeout=WAIT)
    assert looking.drawn + looking.other == len(heard.of(MinibatchDone))


def test_that_the_choice_of_smoothness_is_remembered(qtbot, heard: Heard, tmp_path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    menu = SmoothnessMenu(heard.bridge, settings)
    qtbot.addWidget(menu)
    assert heard.bridge.smoothness is Smoothness.SMOOTH
    menu.choices[Smoothness.CALM].trigger()
    assert heard.bridge.smoothness is Smoothness.CALM
    heard.bridge.set_smoothness(Smoothness.SMOOTH)
    again = SmoothnessMenu(heard.bridge, settings)
    qtbot.addWidget(again)
    assert heard.bridge.smoothness is Smoothness.CALM
    assert again.choices[Smoothness.CALM].isChecked()


def test_that_a_damaged_choice_is_as_if_there_were_none(qtbot, heard: Heard, tmp_path) -> None:
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("window/smoothness", ["often"])
    qtbot.addWidget(SmoothnessMenu(heard.bridge, settings))
    assert heard.bridge.smoothness is Smoothness.SMOOTH
