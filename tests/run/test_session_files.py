"""Models in files that a session is given: with other data, damaged, or none at all."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from session_hands import (
    DATA,
    DESIGN,
    OTHER,
    SMALL,
    arrays_of,
    begun,
    is_a,
    kept,
    noise,
    opened,
    replace_epochs,
    same,
    sized,
    small,
    steps,
    told,
    written,
)

from convviz.api.run import save
from convviz.core.network import Network
from convviz.run import commands, keeping, messages
from convviz.run.session import Session
from convviz.storage.model_files import is_model
from convviz.storage.network_state import NetworkState
from convviz.training.events import MinibatchDone
from tests.support.drained import drain
from tests.support.small_run import in_memory


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
