"""A session holds at its breakpoints, tells every hit, and lets the minibatch be stepped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from convviz.present.numbers import format_value
from convviz.run import commands, messages
from convviz.run.breakpoints.condition import Breakpoint, Hit
from convviz.run.breakpoints.grammar import read_condition
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import run_in_thread
from convviz.training.events import EpochDone, MinibatchDone
from tests.support.drained import drain
from tests.support.patience import PATIENCE
from tests.support.small_run import DESIGN, noise_data


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setenv("CONVVIZ_FAST", "0")
    made = Session(threads=1)
    thread = run_in_thread(made)
    made.send(commands.Prepare(DESIGN, noise_data()))
    drain(made, lambda message: message == messages.StateChanged(State.IDLE))
    yield made
    made.send(commands.Quit())
    thread.join(PATIENCE)
    assert not thread.is_alive()


def point(text: str, number: int = 1, *, holds: bool = True) -> Breakpoint:
    return Breakpoint(number, read_condition(text), holds)


def until(session: Session, state: State) -> list[messages.Message]:
    return drain(session, lambda message: message == messages.StateChanged(state))


def test_that_it_holds_before_the_update_and_goes_on(session: Session) -> None:
    session.send(commands.SetBreakpoints((point("step 4"), point("step 6", 2, holds=False))))
    session.send(commands.Train())
    found = until(session, State.PAUSED)
    assert [m.step for m in found if isinstance(m, Hit)] == [4]
    assert [m.position.step for m in found if isinstance(m, MinibatchDone)] == [1, 2, 3]
    session.send(commands.Inspect())
    inspected = drain(session, lambda message: isinstance(message, messages.Inspected))[-1]
    assert inspected.next.position.step == 4
    assert inspected.next.after is None
    session.send(commands.Resume())
    found = until(session, State.IDLE)
    assert [m.step for m in found if isinstance(m, Hit)] == [6]
    assert [m.position.step for m in found if isinstance(m, MinibatchDone)] == list(range(4, 19))


def test_that_a_loss_is_compared_with_all_before_it_not_with_those_since_a_breakpoint_is_set(session: Session) -> None:
    session.send(commands.SetBreakpoints((replace(point("step 8"), is_on=False),)))
    heard: list[messages.Message] = []
    for _ in range(5):
        session.send(commands.StepMinibatch())
        heard += until(session, State.PAUSED)
    session.send(commands.SetBreakpoints((point("step 8"), point("loss > 0", 2))))
    session.send(commands.Resume())
    for _ in range(2):  # at 6 by its loss, which stays above 0; at 8 by its number
        heard += until(session, State.PAUSED)
        session.send(commands.Resume())
    hits = {one.step: one.why for one in heard if isinstance(one, Hit)}
    losses = [one.loss for one in heard if isinstance(one, MinibatchDone)]
    for step in (6, 8):
        mean = format_value(float(np.mean(losses[: step - 1])))
        assert f"times the mean of the last {step - 1} ({mean})" in hits[step]


def test_that_one_minibatch_more_makes_the_update_that_was_held(session: Session) -> None:
    session.send(commands.SetBreakpoints((point("step 2"),)))
    session.send(commands.Train())
    until(session, State.PAUSED)
    session.send(commands.StepMinibatch())
    found = until(session, State.PAUSED)
    assert [m.position.step for m in found if isinstance(m, MinibatchDone)] == [2]


def test_that_a_breakpoint_that_does_not_fit_the_network_is_refused_in_one_sentence(session: Session) -> None:
    session.send(commands.SetBreakpoints((point("norm(conv9.weight) > 1"),)))
    failed = drain(session, lambda message: isinstance(message, messages.Failed))[-1]
    assert "column 6: expected an array of the pass, got 'conv9.weight'" in failed.reason


def test_that_nan_is_told_as_a_hit_before_the_run_ends(session: Session) -> None:
    session.send(commands.SetBreakpoints((point("loss is nan"),)))
    session.send(commands.SetWeights({"conv1.bias": np.full(4, 3e38, np.float32)}))
    session.send(commands.SetWeights({"conv1.weight": np.full((4, 1, 3, 3), 3e38, np.float32)}))
    session.send(commands.Train())
    found = drain(session, lambda message: isinstance(message, messages.RunEnded))
    assert [m.step for m in found if isinstance(m, Hit)] == [1]


def test_that_it_holds_at_the_end_of_this_epoch_once(session: Session) -> None:
    session.send(commands.SetBreakpoints((point("step 2"),)))
    session.send(commands.Train())
    until(session, State.PAUSED)
    session.send(commands.HoldAfterEpoch())
    session.send(commands.Resume())
    found = until(session, State.PAUSED)
    assert [m.position.step for m in found if isinstance(m, MinibatchDone)] == [2, 3, 4, 5, 6]
    assert [m.position.epoch for m in found if isinstance(m, EpochDone)] == [1]
    session.send(commands.Resume())
    assert [m.position.epoch for m in until(session, State.IDLE) if isinstance(m, EpochDone)] == [2, 3]


def test_that_holding_at_the_end_of_this_epoch_is_taken_back(session: Session) -> None:
    session.send(commands.SetBreakpoints((point("step 2"),)))
    session.send(commands.Train())
    until(session, State.PAUSED)
    for is_on in (True, False):
        session.send(commands.HoldAfterEpoch(is_on))
    session.send(commands.Resume())
    assert [m.position.epoch for m in until(session, State.IDLE) if isinstance(m, EpochDone)] == [1, 2, 3]
