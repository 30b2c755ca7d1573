"""A session keeps its model while it trains, and takes one up as if the run had never stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from msgspec.structs import replace as changed

from convviz.api.run import load, save
from convviz.api.training import train
from convviz.core.design import Design, Input, Training
from convviz.core.layers import BatchNorm2D, Conv2D, Dense, Dropout, Flatten, ReLU
from convviz.core.network import Network
from convviz.core.optim import Adam
from convviz.core.schedule import Cosine
from convviz.data import save_hdf5
from convviz.data.dataset import Dataset
from convviz.run import commands, keeping, messages
from convviz.run.session import Session
from convviz.run.state import State
from convviz.run.worker import drain, run_in_thread
from convviz.storage.model_files import is_model, save_model
from convviz.storage.network_state import NetworkState
from convviz.training.events import EpochDone, MinibatchDone
from convviz.training.images import Split
from tests.support.small_run import in_memory

DESIGN = Design(
    name="memory",
    input=Input(height=8, width=8),
    layers=(Conv2D(filters=3), BatchNorm2D(), ReLU(), Flatten(), Dropout(), Dense(units=10)),
    training=Training(optimiser=Adam(), batch_size=7, epochs=3, schedule=Cosine(warmup=4), clip_norm=1.0),
).named()
"""Everything that has a memory: running statistics, Adam's means, masks, a schedule; and a smaller last minibatch."""


def noise(count: int = 25, side: int = 8, seed: int = 0) -> tuple[Split, Split]:
    rng = np.random.default_rng(seed)
    train = Split(rng.random((count, 1, side, side), np.float32), rng.integers(0, 10, count))
    return train, train.first(9)


DATA = in_memory("noise", *noise())
OTHER = in_memory("other noise", *noise(seed=1))
SMALL = in_memory("small images", *noise(side=6))


@pytest.fixture
def sessions() -> Iterator[list[Session]]:
    """Sessions that are ended with the test."""
    made: list[Session] = []
    before = set(threading.enumerate())
    yield made
    for session in made:
        session.send(commands.Quit())
    for thread in set(threading.enumerate()) - before:
        if thread.name == "convviz-session":
            thread.join(10)
            assert not thread.is_alive(), "the session's thread must end when asked"


@pytest.fixture
def session(sessions: list[Session]) -> Session:
    return begun(sessions)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.h5"


def begun(sessions: list[Session], data: Dataset | None = DATA, design: Design = DESIGN) -> Session:
    session = Session(threads=2)
    run_in_thread(session)
    sessions.append(session)
    if data is not None:
        session.send(commands.Prepare(design, data))
        drain(session, is_state(State.IDLE))
    return session


def is_state(state: State):
    return lambda message: message == messages.StateChanged(state)


def is_a(*kinds: type):
    return lambda message: isinstance(message, kinds)


def steps(session: Session, count: int) -> list[object]:
    found: list[object] = []
    for _ in range(count):
        session.send(commands.StepMinibatch())
        found += drain(session, is_state(State.PAUSED))
    return found


def kept(session: Session, path: Path) -> messages.Saved:
    session.send(commands.Keep(path))
    answer = drain(session, is_a(messages.Saved, messages.NotSaved))[-1]
    assert isinstance(answer, messages.Saved), answer
    return answer


def opened(session: Session, path: Path, **options) -> messages.Prepared | messages.OtherData:
    session.send(commands.OpenModel(path, **options))
    answer = drain(session, is_a(messages.Prepared, messages.OtherData, messages.Failed))[-1]
    assert not isinstance(answer, messages.Failed), answer
    return answer


def arrays_of(session: Session) -> dict[str, np.ndarray]:
    session.send(commands.Inspect())
    return dict(drain(session, is_a(messages.Inspected))[-1].arrays)


def finish(session: Session, command: commands.Command) -> list[object]:
    session.send(command)
    return drain(session, is_a(messages.RunEnded))


def told(found: list[object]) -> list[object]:
    return [message for message in found if isinstance(message, MinibatchDone | EpochDone)]


def same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    assert one.keys() == other.keys()
    for name, array in one.items():
        assert array.tobytes() == other[name].tobytes(), name


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
    design = replace_epochs(DESIGN, 400)
    straight, disturbed = (begun(sessions, design=design) for _ in range(2))
    expected = told(finish(straight, commands.Train()))
    disturbed.send(commands.Train())
    found, saved = [], []
    while len(saved) < 3:
        disturbed.send(commands.Keep(path))
        found += drain(disturbed, is_a(messages.Saved, messages.NotSaved))
        saved.append(found[-1])
    found += drain(disturbed, is_a(messages.RunEnded))
    assert all(isinstance(one, messages.Saved) for one in saved)
    assert messages.StateChanged(State.PAUSED) not in found
    assert told(found) == expected
    same(arrays_of(disturbed), arrays_of(straight))
    assert load(path).place.step == saved[-1].position.step


def test_that_training_goes_on_while_a_file_is_being_written(
    session: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()

    def slowly(where: Path, state: NetworkState) -> None:
        assert let_go.wait(60)
        save_model(where, state)

    monkeypatch.setattr(keeping, "save_model", slowly)
    session.send(commands.Prepare(replace_epochs(DESIGN, 4000)))
    drain(session, is_a(messages.Prepared))
    session.send(commands.Train())
    drain(session, is_a(MinibatchDone))
    session.send(commands.Keep(path))
    asked = drain(session, lambda m: isinstance(m, MinibatchDone))[-1].position.step
    drain(session, lambda m: isinstance(m, MinibatchDone) and m.position.step > asked + 20)
    let_go.set()
    answer = drain(session, is_a(messages.Saved, messages.NotSaved))[-1]
    assert load(path).place.step == answer.position.step <= asked + 1
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


# --- other data --------------------------------------------------------------------------------------------------


def test_that_other_data_is_named_and_nothing_changes(sessions: list[Session], path: Path) -> None:
    first = begun(sessions)
    steps(first, 5)
    kept(first, path)
    second = begun(sessions, OTHER)
    steps(second, 2)
    before = arrays_of(second)
    answer = opened(second, path)
    assert answer == messages.OtherData(
        "model.h5", DESIGN, "noise with 25 training and 9 test images", "other noise", ""
    )
    same(arrays_of(second), before)
    assert told(steps(second, 1))[0].position.step == 3


def test_that_images_of_another_size_are_named(sessions: list[Session], path: Path) -> None:
    first = begun(sessions)
    steps(first, 5)
    kept(first, path)
    second = begun(sessions, SMALL, small(DESIGN))
    answer = opened(second, path)
    assert isinstance(answer, messages.OtherData)
    assert answer.misfit == "training images: the network expects 1×8×8 (channels × height × width), got 1×6×6"


def test_that_its_own_data_is_found_elsewhere(sessions: list[Session], path: Path) -> None:
    first = begun(sessions)
    steps(first, 5)
    kept(first, path)

    second = begun(sessions, OTHER)
    folders = [path.parent / name for name in ("gone", "other", "own")]
    for folder, data in zip(folders[1:], (OTHER, DATA), strict=True):
        folder.mkdir()
        written(folder / "noise.h5", data)
    answer = opened(second, path, known_files=tuple(folder / "noise.h5" for folder in folders))
    assert isinstance(answer, messages.Prepared)
    assert answer.data_name == "noise.h5"
    same(arrays_of(second), arrays_of(first))


def test_that_the_data_may_be_given_with_it(sessions: list[Session], path: Path) -> None:
    first = begun(sessions)
    steps(first, 5)
    kept(first, path)
    second = begun(sessions, None)
    answer = opened(second, path)
    assert isinstance(answer, messages.OtherData)
    assert (answer.data_name, answer.misfit) == ("", "no data set is open")
    assert isinstance(opened(second, path, data=OTHER), messages.OtherData)
    assert isinstance(opened(second, path, data=DATA), messages.Prepared)


def test_that_its_weights_begin_a_new_run_on_other_data(sessions: list[Session], path: Path) -> None:
    design = sized(DESIGN, 25, 9)
    first = begun(sessions, design=design)
    steps(first, 5)
    kept(first, path)
    few = in_memory("few", *noise(12, seed=2))
    second = begun(sessions, few)
    answer = opened(second, path, anyway=True)
    assert isinstance(answer, messages.Prepared)
    assert answer.origin is not None
    assert not answer.origin.goes_on
    assert answer.origin.position.step == 5
    here, there, fresh = arrays_of(second), arrays_of(first), Network(DESIGN).arrays
    for name, array in here.items():
        kind = name.rpartition(".")[2]
        own = kind in ("weight", "bias", "gain", "shift", "scale") or kind.startswith("running")
        assert array.tobytes() == (there if own else fresh)[name].tobytes(), name
    assert told(steps(second, 1))[0].position.step == 1


# --- files that are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["missing", "text", "other", "newer", "truncated", "turned"])
def test_that_a_bad_file_is_named_and_the_run_goes_on(sessions: list[Session], path: Path, case: str) -> None:
    session = begun(sessions, design=replace_epochs(DESIGN, 4000))
    session.send(commands.Train())
    drain(session, is_a(MinibatchDone))
    if case == "text":
        path.write_text("no model")
    elif case == "other":
        with h5py.File(path, "w") as file:
            file["x_train"] = np.zeros((3, 4))
    elif case != "missing":
        save(path, Network(DESIGN))
        if case == "newer":
            with h5py.File(path, "r+") as file:
                file.attrs["version"] = np.int64(9)
        else:
            contents = bytearray(path.read_bytes())
            contents = contents[:-200] if case == "truncated" else contents
            if case == "turned":
                contents[len(contents) // 2] ^= 4
            path.write_bytes(contents)
    assert is_model(path) == (case in ("newer", "turned"))
    session.send(commands.OpenModel(path))
    found = drain(session, is_a(messages.Failed, messages.Prepared))
    assert isinstance(found[-1], messages.Failed)
    assert str(path) in found[-1].reason
    assert "\n" not in found[-1].reason
    assert "expected" in found[-1].reason
    assert not any(isinstance(one, messages.StateChanged) for one in found)
    at = drain(session, is_a(MinibatchDone))[-1].position.step
    assert drain(session, is_a(MinibatchDone))[-1].position.step == at + 1
    session.send(commands.Stop())


@pytest.mark.parametrize("case", ["no folder", "a folder", "another file", "nothing to save"])
def test_that_a_file_that_can_not_be_written_is_named_and_the_old_one_stays(
    sessions: list[Session], path: Path, case: str
) -> None:
    session = begun(sessions, None if case == "nothing to save" else DATA)
    if case == "no folder":
        path = path.parent / "gone" / "model.h5"
    elif case == "a folder":
        path.mkdir()
    elif case == "another file":
        path.write_text("precious")
    session.send(commands.Keep(path))
    answer = drain(session, is_a(messages.Saved, messages.NotSaved))[-1]
    assert isinstance(answer, messages.NotSaved)
    assert answer.name == "model.h5"
    assert "model.h5" in answer.reason
    assert "\n" not in answer.reason
    if case == "another file":
        assert path.read_text() == "precious"


def test_that_an_unforeseen_error_of_a_writer_is_told_too(
    session: Session, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_path: Path, _state: NetworkState) -> None:
        raise RuntimeError("not foreseen")

    monkeypatch.setattr(keeping, "save_model", broken)
    session.send(commands.Keep(path))
    answer = drain(session, is_a(messages.Saved, messages.NotSaved))[-1]
    assert answer == messages.NotSaved("model.h5", "model.h5: can't be written")
    assert told(steps(session, 1))


def test_that_a_file_is_identified(session: Session, path: Path) -> None:
    for name, expected in (("model.h5", True), ("data.h5", False), ("missing.h5", False)):
        place = path.parent / name
        if expected:
            save(place, Network(DESIGN))
        elif name == "data.h5":
            with h5py.File(place, "w") as file:
                file["x_train"] = np.zeros((3, 4))
        session.send(commands.Identify(place))
        assert drain(session, is_a(messages.Identified))[-1] == messages.Identified(place, expected)


def replace_epochs(design: Design, epochs: int) -> Design:
    return changed(design, training=changed(design.training, epochs=epochs))


def sized(design: Design, train_size: int, test_size: int) -> Design:
    return changed(design, training=changed(design.training, train_size=train_size, test_size=test_size))


def small(design: Design) -> Design:
    return changed(design, input=Input(height=6, width=6))


def written(path: Path, data: Dataset) -> Path:
    save_hdf5(path, data)
    return path


def vars_of(split: Split) -> tuple[np.ndarray, np.ndarray]:
    return split.images, split.labels
