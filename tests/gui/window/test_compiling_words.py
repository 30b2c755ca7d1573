"""What the window says while kernels are compiled."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from convviz.gui.window.main_window import MainWindow
from convviz.run.messages import CompilingAhead, Message, RunStarted, StateChanged
from convviz.run.state import State
from convviz.training.events import Compiling, EpochDone, MinibatchDone, Position


def test_that_the_status_line_says_how_far_the_compiling_of_kernels_is(window: MainWindow) -> None:
    run, words = window.run, "compiling kernels, first time only: 5 of 18"
    assert "compiling" not in window.status.text()

    run.bridge.messagesArrived.emit([CompilingAhead(5, 18)])
    assert words in window.status.text()
    assert words not in run.facts()  # it is no matter of the run's yet

    before = run.state
    run.bridge.messagesArrived.emit([StateChanged(State.RUNNING)])
    assert run.facts() == (words, "compiling 5 of 18", "5 of 18")

    run.bridge.messagesArrived.emit([StateChanged(before), CompilingAhead(0, 0)])
    assert "compiling" not in window.status.text()


def test_that_compiling_is_no_time_of_training(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    run, now = window.run, 100.0
    monkeypatch.setattr("convviz.gui.run_model.run.time.monotonic", lambda: now)
    before, position = run.state, Position(1, 0, 0, 1, 1000)
    run.bridge.messagesArrived.emit([RunStarted(position), StateChanged(State.RUNNING)])
    now += 60
    run.bridge.messagesArrived.emit([Compiling(position, 18, 18)])
    for step in range(1, 5):
        now += 0.01
        run.bridge.messagesArrived.emit([MinibatchDone(replace(position, minibatch=step, step=step), 1.0, 0.5, 64)])
    assert any("0:10 left" in fact or "0:09 left" in fact for fact in run.facts()), run.facts()
    run.bridge.messagesArrived.emit([StateChanged(before)])
    run.prepare(run.design)


def test_that_the_time_left_does_not_depend_on_how_many_messages_come_at_once(window: MainWindow) -> None:
    run, before, now = window.run, window.run.state, 100.0
    position = Position(1, 0, 0, 3, 100)
    messages: list[Message] = [RunStarted(position), StateChanged(State.RUNNING)]
    run.bridge.messagesArrived.emit(messages)
    now = start = time.monotonic()
    messages = []
    for step in range(1, 201):
        now += 0.01
        epoch, minibatch = (step - 1) // 100 + 1, (step - 1) % 100 + 1
        here = replace(position, epoch=epoch, minibatch=minibatch, step=step)
        messages.append(MinibatchDone(here, 1.0, 0.5, 64, at=now))
        if minibatch == 100:
            now += 5.0
            messages.append(EpochDone(here, 1.0, 1.0, 0.5, 1.0, 0.5, at=now))
    assert now - start > 10
    run.bridge.messagesArrived.emit(messages)
    assert any("0:06 left" in fact for fact in run.facts()), run.facts()  # 100 minibatches and an evaluation
    run.bridge.messagesArrived.emit([StateChanged(before)])
    run.prepare(run.design)
