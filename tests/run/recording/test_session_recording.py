"""Every run of a session is recorded, can be looked at meanwhile, kept, and branched from."""

from __future__ import annotations

import math
import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from convviz.present.numbers import format_value
from convviz.run import commands, messages
from convviz.run.breakpoints.condition import Breakpoint, Hit
from convviz.run.breakpoints.grammar import read_condition
from convviz.run.recording import recordings
from convviz.run.recording.past import Past, PastAnswer, PastCompared, PastFailed, PastMoment, PastPass
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import run_in_thread
from convviz.storage.recording.folder import RecordingsFolder
from convviz.storage.recording.read import Recording
from convviz.training.events import MinibatchDone
from convviz.training.layer_measures import norm
from tests.support.drained import drain
from tests.support.patience import PATIENCE
from tests.support.recorded import with_training
from tests.support.small_run import DESIGN, in_memory, noise

DATA = in_memory("noise", *noise())


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(threads=1, recorded=RecordingsFolder(tmp_path / "runs"))
    thread = run_in_thread(made)
    made.send(commands.Prepare(DESIGN, DATA))
    drain(made, is_state(State.IDLE))
    yield made
    made.send(commands.Quit())
    thread.join(PATIENCE)
    assert not thread.is_alive()


def is_state(state: State):
    return lambda message: message == messages.StateChanged(state)


def has(kind: type):
    return lambda message: isinstance(message, kind)


def train(session: Session) -> tuple[Path, list[messages.Message]]:
    session.send(commands.Train())
    found = drain(session, is_state(State.IDLE))
    path = next(one.path for one in found if isinstance(one, messages.RecordingStarted))
    return path, found


def keep(session: Session, path: Path) -> None:
    session.send(commands.KeepRecording(path))
    assert drain(session, has(messages.RecordingKept))


def test_that_a_run_is_recorded_from_its_first_minibatch_and_kept_under_another_name(
    session: Session, tmp_path: Path
) -> None:
    path, found = train(session)
    keep(session, tmp_path / "mine.cvz")
    losses = [one.loss for one in found if isinstance(one, MinibatchDone)]
    for one in (path, tmp_path / "mine.cvz"):
        with Recording(one) as recording:
            curve = recording.minibatches()
            assert curve.loss.tolist() == losses
            assert curve.steps.tolist() == list(range(1, len(losses) + 1))
            assert recording.ended == "finished"
            assert len(recording.epochs()) == 3
            assert recording.head.data.name == "noise"
    session.send(commands.Train())
    again = drain(session, is_state(State.IDLE))
    keep(session, tmp_path / "again.cvz")
    with Recording(tmp_path / "again.cvz") as second, Recording(path) as first:
        assert second.head.data == first.head.data
        assert second.head.data.fingerprint is not None
        assert second.head.id != first.head.id
    assert [one.path for one in again if isinstance(one, messages.RecordingEnded)] == [path]
    assert next(one.path for one in again if isinstance(one, messages.RecordingStarted)) != path


def test_that_a_stopped_run_that_goes_on_stays_one_recording(session: Session, tmp_path: Path) -> None:
    session.send(commands.StepMinibatch())
    started = drain(session, is_state(State.PAUSED))
    session.send(commands.SetLearningRate(0.02))
    session.send(commands.Stop())
    drain(session, is_state(State.IDLE))
    session.send(commands.Resume())
    found = drain(session, is_state(State.IDLE))
    assert not [one for one in found if isinstance(one, messages.RecordingStarted)]
    keep(session, tmp_path / "mine.cvz")
    assert [one for one in started if isinstance(one, messages.RecordingStarted)]
    with Recording(tmp_path / "mine.cvz") as recording:
        assert recording.ended == "finished"
        assert [(event.kind, event.step) for event in recording.events()] == [
            ("learning_rate", 1),
            ("ended", 1),
            ("ended", 18),
        ]


def test_that_the_past_is_the_same_kind_of_picture(session: Session, tmp_path: Path) -> None:
    train(session)
    keep(session, tmp_path / "mine.cvz")
    session.want_snapshot()
    while (live := session.snapshots.fetch()) is None:
        pass
    answers: queue.SimpleQueue[PastAnswer] = queue.SimpleQueue()
    with Recording(tmp_path / "mine.cvz") as recording:
        past = Past(recording, *noise(), answers.put, threads=1)
        past.ask(18, layer="conv1")
        moment = answers.get(timeout=PATIENCE)
        assert isinstance(moment, PastMoment)
        for one, mine in zip(moment.snapshot.measures, live.measures, strict=True):
            assert (one.layer, one.weight_norm, one.zero_share) == (mine.layer, mine.weight_norm, mine.zero_share)
            assert math.isfinite(one.update_norm)
        assert moment.snapshot.layers is not None
        assert norm(moment.snapshot.changes["conv1.weight"]) == moment.snapshot.measures[0].update_norm
        for name, array in live.starts.items():
            np.testing.assert_array_equal(moment.snapshot.starts[name], array, name)
        assert moment.snapshot.position == live.position
        for name, array in live.arrays.items():
            np.testing.assert_array_equal(moment.snapshot.arrays[name], array, name)
        for name, array in live.gradients.items():
            np.testing.assert_array_equal(moment.snapshot.gradients[name], array, name)
        for step in (9, 8, 10):
            past.ask(step, "training", 4)
            moment = answers.get(timeout=PATIENCE)
            assert isinstance(moment, PastMoment)
            assert (moment.step, moment.snapshot.sample, moment.agreement.is_exact) == (step, 4, True)
        past.ask_pass(8)
        found = answers.get(timeout=PATIENCE)
        assert isinstance(found, PastPass)
        assert found.source.position.step == 8
        assert found.source.is_trained
        compared = answers.get(timeout=PATIENCE)
        assert isinstance(compared, PastCompared)
        assert compared.step == 8
        past.ask(19)
        failed = answers.get(timeout=PATIENCE)
        assert isinstance(failed, PastFailed)
        assert failed.reason.endswith("expected a step from 0 to 18, got 19")
        past.close()


def test_that_a_branch_goes_on_from_the_past_and_knows_its_parent(session: Session, tmp_path: Path) -> None:
    path, first = train(session)
    session.send(commands.Branch(path, 10))
    found = drain(session, is_state(State.PAUSED))
    prepared = next(one for one in found if isinstance(one, messages.Prepared))
    assert prepared.origin is not None
    assert prepared.origin.position.step == 10
    session.send(commands.Resume())
    second = drain(session, is_state(State.IDLE))

    def losses(heard: list[messages.Message]) -> list[float]:
        return [one.loss for one in heard if isinstance(one, MinibatchDone)]

    assert losses(second) == losses(first)[10:]
    keep(session, tmp_path / "branch.cvz")
    with Recording(tmp_path / "branch.cvz") as branch, Recording(path) as parent:
        assert branch.head.parent is not None
        assert (branch.head.parent.id, branch.head.parent.step) == (parent.head.id, 10)
        assert branch.head.begin == 10
        assert branch.epochs()[:1] == parent.epochs()[:1]
        assert branch.minibatches().loss[:4].tolist() == losses(first)[6:10]  # of the epoch that was open


@pytest.mark.parametrize("how", ["branch", "opened", "anew"])
def test_that_a_loss_is_compared_with_what_was_recorded_before_it(session: Session, how: str) -> None:
    path, first = train(session)
    losses = [one.loss for one in first if isinstance(one, MinibatchDone)]
    session.send(commands.SetBreakpoints((Breakpoint(1, read_condition("step 12")),)))
    if how == "anew":
        session.send(commands.Train())
    else:
        session.send(commands.Branch(path, 10))
        drain(session, is_state(State.PAUSED))
        if how == "opened":  # the branch, at step 11, which has the recording of its parent beside it
            session.send(commands.StepMinibatch())
            begun = drain(session, is_state(State.PAUSED))
            started = next(one for one in begun if isinstance(one, messages.RecordingStarted))
            session.send(commands.OpenRecording(started.path))
            drain(session, has(messages.Prepared))
            drain(session, is_state(State.PAUSED))
        session.send(commands.Resume())
    (hit,) = [one for one in drain(session, has(Hit)) if isinstance(one, Hit)]
    mean = format_value(float(np.mean(losses[:11])))
    assert f"times the mean of the last 11 ({mean})" in hit.why


def test_that_a_run_from_the_beginning_is_no_branch_even_if_one_was_about_to_begin(
    session: Session, tmp_path: Path
) -> None:
    path, _ = train(session)
    session.send(commands.Branch(path, 10))
    drain(session, is_state(State.PAUSED))
    session.send(commands.Train())
    anew = drain(session, has(messages.RecordingStarted))[-1].path
    drain(session, is_state(State.IDLE))
    keep(session, tmp_path / "anew.cvz")  # until then the file may not be there
    with Recording(anew) as recording:
        assert recording.head.begin == 0
        assert recording.head.parent is None


def test_that_a_branch_takes_other_settings_or_another_network(session: Session) -> None:
    path, _ = train(session)
    rate = DESIGN.training.optimiser.lr
    slower = with_training(DESIGN, epochs=5)
    session.send(commands.Branch(path, 10, slower))
    found = drain(session, is_state(State.PAUSED))
    prepared = next(one for one in found if isinstance(one, messages.Prepared))
    assert prepared.design.training.epochs == 5
    other = with_training(DESIGN, batch_size=32)
    session.send(commands.Branch(path, 10, other))
    prepared = drain(session, has(messages.Prepared))[-1]
    assert prepared.origin is not None
    assert prepared.origin.position.step == 0
    assert prepared.design.training.optimiser.lr == rate
    session.send(commands.Branch(path, 99))
    found = drain(session, has(messages.Failed))
    assert found[-1].reason.endswith("expected a step from 0 to 18, got 99")


@pytest.mark.parametrize("obstacle", ["a file where the folder should be", "little space"])
def test_that_training_goes_on_where_nothing_can_be_recorded(
    tmp_path: Path, obstacle: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if obstacle == "little space":
        monkeypatch.setattr(recordings, "LEAST_FREE", 1 << 62)
    else:
        (tmp_path / "runs").write_text(obstacle)
    session = Session(threads=1, recorded=RecordingsFolder(tmp_path / "runs"))
    thread = run_in_thread(session)
    session.send(commands.Prepare(DESIGN, DATA))
    session.send(commands.Train())
    found = drain(session, lambda one: isinstance(one, messages.RunEnded))
    assert found[-1] == replace(found[-1], finished=True)
    failures = [one for one in found if isinstance(one, messages.RecordingFailed)]
    assert len(failures) == 1
    session.send(commands.Quit())
    thread.join(PATIENCE)


@pytest.mark.parametrize("state", [State.PAUSED, State.RUNNING])
def test_that_a_run_whose_window_is_closed_was_stopped(tmp_path: Path, state: State) -> None:
    session = Session(threads=1, recorded=RecordingsFolder(tmp_path / "runs"))
    thread = run_in_thread(session)
    session.send(commands.Prepare(with_training(DESIGN, epochs=1000), DATA))
    session.send(commands.StepMinibatch() if state is State.PAUSED else commands.Train())
    drain(session, has(MinibatchDone))
    session.send(commands.Quit())
    thread.join(PATIENCE)
    (path,) = (tmp_path / "runs").glob("*.cvz")
    with Recording(path) as recording:
        assert recording.ended == "stopped"
        assert recording.key_points()[-1].step == recording.last_step >= 1
