"""A session keeps its model while it trains, and takes one up as if the run had never stopped."""

from __future__ import annotations

import queue
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from patience import PATIENCE
from session_hands import (
    DATA,
    DESIGN,
    SMALL,
    arrays_of,
    begun,
    finish,
    is_a,
    kept,
    noise,
    opened,
    replace_epochs,
    same,
    small,
    steps,
    told,
    vars_of,
)

from convviz.api.run import load
from convviz.api.training import train
from convviz.data.dataset import Dataset
from convviz.run import commands, keeping, messages
from convviz.run.session import Session
from convviz.run.state import State
from convviz.storage.model_files import save_model
from convviz.storage.network_state import NetworkState
from convviz.training.events import EpochDone, MinibatchDone
from tests.support.drained import drain


# --- going on ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("stop", [1, 3, 4, 5, 9, 11])
def test_that_a_model_goes_on_in_another_session_as_if_it_had_never_stopped(
    sessions: list[Session], path: Path, stop: int
) -> None:
    straight = begun(sessions)
    expected = told(finish(straight, commands.Train()))
    first = begun(sessions)
    seen = told(steps(first, stop))
    assert kept(first, path).position.step == stop
    second = begun(sessions)
    origin = opened(second, path).origin
    assert origin is not None
    assert origin.goes_on
    assert origin.position.step == stop
    seen += told(finish(second, commands.Resume()))
    assert seen == expected
    same(arrays_of(second), arrays_of(straight))


def test_that_saving_while_it_trains_neither_stops_nor_changes_the_run(sessions: list[Session], path: Path) -> None:
    design = replace_epochs(DESIGN, 100)
    straight, disturbed = (begun(sessions, design=design) for _ in range(2))
    expected = told(finish(straight, commands.Train()))
    disturbed.send(commands.Train())
    found, saved = [], []
    ended = is_a(messages.RunEnded)
    while len(saved) < 3 and not any(map(ended, found)):
        disturbed.send(commands.Keep(path))
        found += drain(disturbed, is_a(messages.Saved, messages.NotSaved))
        saved.append(found[-1])
    if not any(map(ended, found)):
        found += drain(disturbed, ended)
    assert all(isinstance(one, messages.Saved) for one in saved)
    assert saved[0].position.step < expected[-1].position.step, "it was saved while it trained"
    assert messages.StateChanged(State.PAUSED) not in found
    assert told(found) == expected
    same(arrays_of(disturbed), arrays_of(straight))
    assert load(path).place.step == saved[-1].position.step


def test_that_training_goes_on_while_a_file_is_being_written(
    session: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()

    def slowly(where: Path, state: NetworkState) -> None:
        asked.put(state.place.step)
        assert let_go.wait(PATIENCE)
        save_model(where, state)

    monkeypatch.setattr(keeping, "save_model", slowly)
    session.send(commands.Prepare(replace_epochs(DESIGN, 4000)))
    drain(session, is_a(messages.Prepared))
    session.send(commands.Train())
    drain(session, is_a(MinibatchDone))
    session.send(commands.Keep(path))
    step = asked.get(timeout=PATIENCE)
    drain(session, lambda m: isinstance(m, MinibatchDone) and m.position.step > step + 20)
    let_go.set()
    answer = drain(session, is_a(messages.Saved, messages.NotSaved))[-1]
    assert load(path).place.step == answer.position.step == step
    session.send(commands.Stop())


def test_that_a_file_that_is_being_written_is_whole_when_the_session_ends(sessions: list[Session], path: Path) -> None:
    session = begun(sessions)
    steps(session, 2)
    session.send(commands.Keep(path))
    session.send(commands.Quit())
    drain(session, is_a(messages.Saved))
    assert load(path).place.step == 2


@pytest.mark.parametrize("when", ["untrained", "stopped", "finished"])
def test_that_a_model_is_kept_before_and_after_a_run_too(sessions: list[Session], path: Path, when: str) -> None:
    session = begun(sessions)
    if when == "stopped":
        steps(session, 2)
        finish(session, commands.Stop())
    elif when == "finished":
        finish(session, commands.Train())
    kept(session, path)
    found = load(path)
    assert found.place.step == {"untrained": 0, "stopped": 2, "finished": 12}[when]
    assert (found.data is None) == (when == "untrained")
    assert found.finished == (when == "finished")
    assert len(found.history) == (3 if when == "finished" else 0)
    second = begun(sessions, SMALL if when == "untrained" else DATA, DESIGN if when != "untrained" else small(DESIGN))
    answer = opened(second, path, data=DATA)
    assert isinstance(answer, messages.Prepared)
    same(arrays_of(second), arrays_of(session))


def test_that_weights_changed_before_the_first_minibatch_are_trained_from(sessions: list[Session], path: Path) -> None:
    session = begun(sessions)
    bias = np.full(3, 0.25, np.float32)
    session.send(commands.SetWeights({"conv1.bias": bias}))
    kept(session, path)
    expected = told(finish(session, commands.Train()))
    second = begun(sessions)
    opened(second, path)
    assert told(finish(second, commands.Train())) == expected


def test_that_a_finished_model_is_trained_for_more_epochs(sessions: list[Session], path: Path) -> None:
    session = begun(sessions)
    finish(session, commands.Train())
    kept(session, path)
    second = begun(sessions)
    origin = opened(second, path).origin
    assert origin is not None
    assert origin.is_finished
    second.send(commands.Adopt(replace_epochs(DESIGN, 5)))
    found = told(finish(second, commands.Resume()))
    assert [one.position.epoch for one in found if isinstance(one, EpochDone)] == [4, 5]


def test_that_time_and_epochs_are_counted_on(sessions: list[Session], path: Path) -> None:
    session = begun(sessions)
    steps(session, 5)
    kept(session, path)
    before = load(path)
    assert len(before.history) == 1
    assert 0 < before.history[0].seconds < before.seconds
    second = begun(sessions)
    opened(second, path)
    finish(second, commands.Resume())
    kept(second, path)
    after = load(path)
    assert after.history[0] == before.history[0]
    assert [row.seconds for row in after.history] == sorted(row.seconds for row in after.history)
    assert after.seconds > before.seconds


def test_that_the_command_line_goes_on_with_what_a_session_kept(sessions: list[Session], path: Path) -> None:
    train_split, test_split = noise()
    data = Dataset("noise", *vars_of(train_split), *vars_of(test_split), 10, "")
    straight = train(DESIGN, data)
    session = begun(sessions)
    steps(session, 5)
    kept(session, path)
    done = train(load(path), data)
    same(done.network.arrays, straight.network.arrays)
    assert [replace(row, seconds=0.0) for row in done.history] == [
        replace(row, seconds=0.0) for row in straight.history
    ]
