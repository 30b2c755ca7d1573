"""The session obeys its commands, loses no message, and ends when asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from convviz.core.design import Design, Input, Training, course_design
from convviz.data import save_hdf5
from convviz.data.checks import PixelCheck
from convviz.data.readers import hdf5
from convviz.data.sources import DataFile, ImageSpec
from convviz.run import commands, messages
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import run_in_thread
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.images import Split
from convviz.training.layers_measured import LayersMeasured
from tests.support.drained import drain
from tests.support.patience import PATIENCE
from tests.support.small_run import in_memory

DESIGN = course_design(
    filters=3, kernel=(3, 3), image=Input(height=8, width=8), training=Training(batch_size=8, epochs=3)
)


def splits(count: int = 40) -> tuple[Split, Split]:
    rng = np.random.default_rng(0)
    train = Split(rng.random((count, 1, 8, 8), np.float32), rng.integers(0, 10, count))
    return train, train.first(10)


DATA = in_memory("noise", *splits())


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(threads=2)
    thread = run_in_thread(made)
    yield made
    made.send(commands.Quit())
    thread.join(PATIENCE)
    assert not thread.is_alive(), "the session's thread must end when asked"


def is_state(state: State):
    return lambda message: message == messages.StateChanged(state)


def prepare(session: Session, design: Design = DESIGN) -> None:
    session.send(commands.Prepare(design, DATA))
    drain(session, is_state(State.IDLE))


def test_that_an_untrained_network_is_shown_as_soon_as_it_is_prepared(session: Session) -> None:
    prepare(session)
    snapshot = wait_for_snapshot(session)
    assert snapshot.position.step == 0
    assert snapshot.logical("conv1.x_col").shape == (9, 64)
    assert snapshot.logical("softmax.p").sum() == pytest.approx(1.0, abs=1e-5)
    assert snapshot.gradients == {}


@pytest.mark.usefixtures("kernels")
def test_that_a_run_tells_every_minibatch_and_epoch_in_order(session: Session) -> None:
    prepare(session)
    session.send(commands.Train())
    found = drain(session, lambda m: isinstance(m, messages.RunEnded))
    assert found[-1].finished
    steps = [m.position.step for m in found if isinstance(m, MinibatchDone)]
    assert steps == list(range(1, 16))
    assert [m.position.epoch for m in found if isinstance(m, EpochDone)] == [1, 2, 3]


def test_that_the_layers_of_a_run_that_ends_are_told_whole_before_it_says_so(session: Session) -> None:
    prepare(session)
    session.send(commands.Train())
    found = drain(session, is_state(State.IDLE))
    told = [m for m in found if isinstance(m, LayersMeasured)]
    assert (told[-1].step, told[-1].judged) == (15, 15)
    assert found.index(told[-1]) < len(found) - 1


@pytest.mark.usefixtures("kernels")
def test_that_training_again_repeats_the_run(session: Session) -> None:
    prepare(session)
    runs = []
    for _ in range(2):
        session.send(commands.Train())
        found = drain(session, lambda m: isinstance(m, messages.RunEnded))
        runs.append([m.loss for m in found if isinstance(m, MinibatchDone)])
        drain(session, is_state(State.IDLE))
    assert runs[0] == runs[1]


def test_that_pause_holds_and_resume_goes_on_without_losing_a_minibatch(session: Session) -> None:
    prepare(
        session, course_design(filters=3, kernel=(3, 3), image=Input(height=8, width=8), training=Training(epochs=4000))
    )
    session.send(commands.Train())
    told = drain(session, lambda m: isinstance(m, MinibatchDone) and m.position.step >= 3)
    session.send(commands.Pause())
    told += drain(session, is_state(State.PAUSED))
    last = [m for m in told if isinstance(m, MinibatchDone)][-1]
    session.send(commands.Inspect())
    (inspected,) = drain(session, lambda m: isinstance(m, messages.Inspected))
    assert inspected.position.step == last.position.step, "nothing may happen while the run holds"
    session.send(commands.Resume())
    after = drain(session, lambda m: isinstance(m, MinibatchDone))[-1]
    assert after.position.step == last.position.step + 1
    session.send(commands.Stop())
    assert not drain(session, lambda m: isinstance(m, messages.RunEnded))[-1].finished


@pytest.mark.usefixtures("kernels")
def test_that_a_stopped_run_goes_on_as_if_it_had_never_stopped(session: Session) -> None:
    prepare(session)
    session.send(commands.Train())
    straight = drain(session, lambda m: isinstance(m, messages.RunEnded))
    losses = [m.loss for m in straight if isinstance(m, MinibatchDone)]
    session.send(commands.StepMinibatch())
    told = drain(session, is_state(State.PAUSED))
    session.send(commands.Stop())
    session.send(commands.Resume())
    told += drain(session, lambda m: isinstance(m, messages.RunEnded) and m.finished)
    assert [m.loss for m in told if isinstance(m, MinibatchDone)] == losses
    assert sum(isinstance(m, messages.RunStarted) for m in told) == 1, "going on is no new run"


def test_that_step_does_exactly_one_minibatch(session: Session) -> None:
    prepare(session)
    for number in (1, 2, 3):
        session.send(commands.StepMinibatch())
        found = drain(session, is_state(State.PAUSED))
        assert [m.position.step for m in found if isinstance(m, MinibatchDone)] == [number]
    assert wait_for_snapshot(session, lambda found: found.position.step == 3).gradients


def test_that_one_minibatch_is_done_although_somebody_comes_to_step_it(session: Session) -> None:
    prepare(session)
    session.send(commands.StepMinibatch())
    session.send(commands.Pause(spares_one=True))
    told = drain(session, is_state(State.PAUSED))
    assert [one.position.step for one in told if isinstance(one, MinibatchDone)] == [1]


def test_that_a_snapshot_does_not_change_while_training_goes_on(session: Session) -> None:
    prepare(session)
    session.send(commands.StepMinibatch())
    drain(session, is_state(State.PAUSED))
    snapshot = wait_for_snapshot(session)
    before = {name: array.copy() for name, array in snapshot.arrays.items()}
    session.send(commands.Resume())
    drain(session, lambda m: isinstance(m, messages.RunEnded))
    for name, array in before.items():
        np.testing.assert_array_equal(snapshot.arrays[name], array)


def test_that_a_failed_opening_keeps_what_was_loaded(session: Session, tmp_path: Path) -> None:
    prepare(session)
    wait_for_snapshot(session)

    missing = tmp_path / "digits.h5"
    session.send(commands.Prepare(DESIGN, DataFile(missing, ImageSpec())))
    failed = drain(session, lambda m: isinstance(m, messages.Failed))[-1]
    assert failed.reason == f"{missing}: expected an HDF5 file, found nothing there"
    session.send(commands.StepMinibatch())
    found = drain(session, is_state(State.PAUSED))
    assert any(isinstance(m, MinibatchDone) for m in found)


def test_that_an_impossible_design_is_refused_and_the_run_goes_on(session: Session) -> None:
    prepare(session)
    session.send(commands.StepMinibatch())
    drain(session, is_state(State.PAUSED))
    session.send(commands.Prepare(course_design(kernel=(20, 20), image=Input(height=8, width=8))))
    failed = drain(session, lambda m: isinstance(m, messages.Failed))[-1]
    assert failed.reason == "conv1: filter 20×20 is larger than its padded input 10×10"
    session.send(commands.StepMinibatch())
    assert any(isinstance(m, MinibatchDone) and m.position.step == 2 for m in drain(session, is_state(State.PAUSED)))


def test_that_a_bad_learning_rate_is_reported_and_changes_nothing(session: Session) -> None:
    prepare(session)
    session.send(commands.SetLearningRate(-1.0))
    failed = drain(session, lambda m: isinstance(m, messages.Failed))[-1]
    assert failed.reason == "learning rate: expected a number greater than 0, got -1"


def test_that_another_image_can_be_watched(session: Session) -> None:
    prepare(session)
    wait_for_snapshot(session)
    session.send(commands.Watch("test", 4))
    assert wait_for_snapshot(session, lambda found: found.sample == 4).label == int(splits()[1].labels[4])
    session.send(commands.Watch("test", 4000))
    assert wait_for_snapshot(session, lambda found: found.sample == 9).sample == 9


def test_that_quitting_gives_up_a_data_set_that_is_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.h5"
    save_hdf5(path, DATA)
    monkeypatch.setattr(hdf5, "_BLOCK", 1)  # a look at whether to go on after every image
    reading, go_on, looked = threading.Event(), threading.Event(), []
    look = PixelCheck.look

    def slowly(self: PixelCheck, start: int, block: np.ndarray) -> None:
        looked.append(start)
        reading.set()
        assert go_on.wait(PATIENCE)
        look(self, start, block)

    monkeypatch.setattr(PixelCheck, "look", slowly)
    made = Session()
    thread = run_in_thread(made)
    made.send(commands.Prepare(DESIGN, DataFile(path, ImageSpec(1, 8, 8))))
    assert reading.wait(PATIENCE)
    made.send(commands.Quit())
    go_on.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert looked == [0], "not one more block may be read"
    found = []
    while not made.messages.empty():
        found.append(made.messages.get())
    assert not any(isinstance(one, messages.Prepared | messages.Failed) for one in found)


def test_that_classes_without_a_name_are_called_by_their_numbers(session: Session) -> None:
    named = in_memory("named", *splits(), tuple("abcdefghij"))
    session.send(commands.Prepare(DESIGN, named))
    assert drain(session, lambda m: isinstance(m, messages.Prepared))[-1].class_names == tuple("abcdefghij")
    wider = course_design(filters=3, kernel=(3, 3), image=Input(height=8, width=8), classes=12)
    session.send(commands.Prepare(wider))
    found = drain(session, lambda m: isinstance(m, messages.Prepared))[-1].class_names
    assert found == (*"abcdefghij", "10", "11")


def wait_for_snapshot(session: Session, fits=lambda _: True):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        session.want_snapshot()
        found = session.snapshots.fetch()
        if found is not None and fits(found):
            return found
        time.sleep(0.005)
    raise TimeoutError("no snapshot")
