"""Step before there is a pass: it says what is awaited, and lists the steps to come."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings
from pytestqt.qtbot import QtBot
from small_run import DESIGN, noise_data
from whole_window import FIRST_FOUR, STEP, WATCH, WholeWindow

from convviz.core.network import lowered
from convviz.run.commands import Pause
from convviz.run.messages import Busy, CompilingAhead, StateChanged
from convviz.run.state import State


@pytest.fixture
def begun(qtbot: QtBot, tmp_path: Path) -> Iterator[WholeWindow]:
    """A window whose session has not answered yet, as while it compiles."""
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = WholeWindow(settings, workspaces=FIRST_FOUR)
    window.resize(1100, 700)
    window.assemble()
    window.binding.begin_with(DESIGN)
    window.run.design = DESIGN
    window.show()
    yield window
    if not window.run.bridge.running:
        window.run.bridge.start()
    window.close_unasked()
    window.deleteLater()


def test_that_step_says_what_it_waits_for_and_lists_what_is_coming(qtbot: QtBot, begun: WholeWindow) -> None:
    run = begun.run
    sent: list[object] = []
    begun.run.bridge.send = sent.append
    run.bridge.messagesArrived.emit([StateChanged(State.RUNNING), CompilingAhead(5, 18)])
    begun.go_to(STEP)
    views = begun.step.views
    assert views.awaited.isVisible()
    assert "Kernels are being compiled, the first time only: 5 of 18." in views.awaited.text()
    qtbot.waitUntil(lambda: views.awaited.width() > begun.step.width() / 2)  # not a word a line
    assert views.listing.mapTo(begun.step, QPoint()).x() == 0
    assert not begun.message.isVisible(), "nothing is held yet"
    assert Pause(spares_one=True) in sent
    run.bridge.messagesArrived.emit([CompilingAhead(6, 18)])
    assert "6 of 18" in views.awaited.text()
    assert not any(view.isVisible() for view in (views.panes, views.transport, views.inspector, views.pass_choice))

    steps = len(lowered(DESIGN.named(), 1, train=True, image_gradient=True).steps)
    rows = views.listing.steps
    qtbot.waitUntil(lambda: rows.rowCount() > steps)
    assert all(rows.row_of_step(number) >= 0 for number in range(steps))

    run.bridge.messagesArrived.emit([StateChanged(State.PAUSED), CompilingAhead(0, 0)])
    assert begun.message.text() == "Training is held while you step through a pass; Resume goes on."


def test_that_a_pause_of_the_users_is_not_said_to_be_for_a_pass(qtbot: QtBot, begun: WholeWindow) -> None:
    run = begun.run
    begun.run.bridge.send = lambda command: None
    run.bridge.messagesArrived.emit([StateChanged(State.RUNNING)])
    begun.go_to(STEP)
    begun.go_to(WATCH)  # before the run has heard that it is to pause
    run.bridge.messagesArrived.emit([StateChanged(State.PAUSED)])
    begun.go_to(STEP)
    run.bridge.messagesArrived.emit([StateChanged(State.RUNNING)])
    run.bridge.messagesArrived.emit([StateChanged(State.PAUSED)])
    assert begun.message.text() == ""


def test_that_what_step_waits_for_is_said_in_whole_sentences(qtbot: QtBot, begun: WholeWindow) -> None:
    begun.go_to(STEP)
    what = "Opening the run small of 14:02"
    then = "The pass of its network is shown here then."
    begun.run.bridge.messagesArrived.emit([Busy(what, replays=True)])
    assert begun.step.views.awaited.text() == f"{what} … {then}"
    begun.run.bridge.messagesArrived.emit([Busy(what, 84, 200, replays=True)])
    assert begun.step.views.awaited.text() == f"{what}: 40 % of 200 minibatches replayed. {then}"


def test_that_the_pass_takes_the_place_of_what_was_awaited(qtbot: QtBot, begun: WholeWindow) -> None:
    begun.go_to(STEP)
    views = begun.step.views
    assert views.awaited.isVisible()
    begun.run.bridge.start()
    begun.run.prepare(DESIGN, noise_data())
    qtbot.waitUntil(lambda: begun.step.run is not None)
    assert not views.awaited.isVisible()
    assert views.panes.isVisible()
    assert views.listing.steps.row_of_step(0) >= 0
